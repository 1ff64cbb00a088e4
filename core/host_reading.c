#include "core/host_reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Bytes of a path or name, at most. */
#define SUBJECT_MAX_BYTES 4095
/* Bytes of a line of the kernel that is looked at. */
#define LINE_BYTES 128

static const char *const names[HOST_FORM_COUNT] = {"disk", "load", "memory", "process", "file"};

const char *host_form_name(host_form_t form)
{
    return names[form];
}

static bool is_text(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return false;
    return n <= SUBJECT_MAX_BYTES;
}

static bool is_subject(host_form_t form, const char *subject)
{
    if (form == HOST_LOAD || form == HOST_MEMORY)
        return subject[0] == '\0';
    if (subject[0] != '/' || !is_text(subject))
        return false;
    if (form == HOST_PROCESS)
        return subject[1] && !strchr(subject + 1, '/');
    return form == HOST_DISK || subject[strlen(subject) - 1] != '/';
}

int host_url_parse(const char *url, host_form_t *ret, const char **ret_subject)
{
    if (strncasecmp(url, "host:", 5) != 0)
        return -1;
    const char *form = url + 5;
    size_t n = strcspn(form, "/");
    for (int i = 0; i < HOST_FORM_COUNT; i++) {
        if (strlen(names[i]) != n || memcmp(names[i], form, n) != 0)
            continue;
        if (!is_subject((host_form_t)i, form + n))
            return -1;
        *ret = (host_form_t)i;
        *ret_subject = i == HOST_PROCESS ? form + n + 1 : form + n;
        return 0;
    }
    return -1;
}

/* The first line of TEXT as a NUL-terminated copy; gives its bytes with the line end. */
static size_t take_line(const char *text, size_t n, char line[LINE_BYTES])
{
    const char *end = n > 0 ? memchr(text, '\n', n) : NULL;
    size_t n_line = end ? (size_t)(end - text) : n;
    size_t n_copied = n_line;
    if (n_copied > LINE_BYTES - 1)
        n_copied = LINE_BYTES - 1;
    if (n_copied > 0)
        memcpy(line, text, n_copied);
    line[n_copied] = '\0';
    return n_line + (end ? 1 : 0);
}

int host_read_loadavg(const char *text, size_t n, host_reading_t *ret)
{
    char line[LINE_BYTES] = "";
    (void)take_line(text, n, line); /* there is one */
    const char *at = line;
    double load[3];
    for (size_t i = 0; i < 3; i++) {
        char *end;
        load[i] = strtod(at, &end);
        if (end == at || *end != ' ' || !isfinite(load[i]) || load[i] < 0)
            return -1;
        at = end + 1;
    }
    memcpy(ret->load, load, sizeof load);
    return 0;
}

/* Bytes of a line such as "MemTotal:       16384 kB"; false where it has another NAME. */
static bool read_size(const char *line, const char *name, uint64_t *ret)
{
    size_t n = strlen(name);
    if (strncmp(line, name, n) != 0 || line[n] != ':')
        return false;
    const char *at = line + n + 1;
    at += strspn(at, " \t");
    if (*at < '0' || *at > '9')
        return false;
    char *end;
    unsigned long long kib = strtoull(at, &end, 10);
    if (strcmp(end, " kB") != 0 || kib > UINT64_MAX / 1024)
        return false;
    *ret = kib * 1024;
    return true;
}

int host_read_meminfo(const char *text, size_t n, host_reading_t *ret)
{
    uint64_t total = 0;
    uint64_t available = 0;
    uint64_t swap = 0;
    uint64_t free_swap = 0;
    bool has_available = false;
    while (n > 0) {
        char line[LINE_BYTES] = "";
        size_t n_line = take_line(text, n, line);
        text += n_line;
        n -= n_line;
        has_available = read_size(line, "MemAvailable", &available) || has_available;
        if (!read_size(line, "MemTotal", &total) && !read_size(line, "SwapTotal", &swap))
            (void)read_size(line, "SwapFree", &free_swap); /* any other line is none of ours */
    }
    if (total == 0 || !has_available || available > total || free_swap > swap)
        return -1;
    ret->total_bytes = total;
    ret->available_bytes = available;
    ret->swap_bytes = swap;
    ret->free_swap_bytes = free_swap;
    return 0;
}

bool host_stat_is(const char *text, size_t n, const char *name)
{
    const char *open = n > 0 ? memchr(text, '(', n) : NULL;
    const char *close = n > 0 ? memrchr(text, ')', n) : NULL; /* the name may have one too */
    if (!open || !close || close < open || close + 2 >= text + n)
        return false;
    char state = close[2];
    size_t n_name = strlen(name);
    if (n_name > HOST_NAME_BYTES)
        n_name = HOST_NAME_BYTES;
    return state != 'Z' && state != 'X' && (size_t)(close - open - 1) == n_name &&
           memcmp(open + 1, name, n_name) == 0;
}
