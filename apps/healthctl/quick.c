/* healthctl quick URL [FILE], and probe URL: no daemon is needed. */
#include "apps/healthctl/quick.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/supervisor/config_load.h"
#include "core/cleanup.h"
#include "core/probe_type.h"
#include "core/url.h"
#include "proto/render.h"

#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/once.h"
#include "apps/healthctl/orders.h"
#include "apps/healthctl/table.h"

#define FILE_DEFAULT "healthd.yaml"

void quick_append_file(text_t *out, const char *url)
{
    char host[HOST_BYTES];
    url_host(url, host);
    text_append_string(out, "version: 1\nservices:\n  - name: ");
    text_append_json(out, host[0] ? host : "target");
    text_append_string(out, "\n    url: ");
    text_append_json(out, url);
    text_append_string(out, "\n    check_interval: 30s\n    critical: true\n");
}

static int complain(const char *path, const char *reason)
{
    text_t name = {0};
    table_escape(&name, path, TABLE_CELL_MAX_CHARACTERS);
    fprintf(stderr, "healthctl: %s: %s\n", name.bytes ? name.bytes : "", reason);
    text_clear(&name);
    return -1;
}

/* Whether URL is one that can be probed; else says so. */
static bool is_probed(const char *url)
{
    probe_type_t type = probe_type_of_url(url);
    if (type != PROBE_TYPE_COUNT && probe_type_is_probed(type) && probe_type_row(type)->is_url(url))
        return true;
    char shown[TABLE_CELL_MAX_CHARACTERS];
    text_t why = {0};
    url_redact(url, shown, sizeof shown);
    text_append_string(&why, "it is not ");
    if (type == PROBE_TYPE_COUNT)
        probe_type_url_form(&why);
    else if (probe_type_is_probed(type))
        text_append_string(&why, probe_type_row(type)->url_form);
    else
        text_append_string(&why, "probed: its results come by themselves");
    (void)complain(shown, why.bytes ? why.bytes : "memory ran out");
    text_clear(&why);
    return false;
}

/* Writes TEXT to FD, which it closes. 0, or -1 with errno set. */
static int write_all(int fd, const text_t *text)
{
    size_t n = 0;
    while (n < text->size) {
        ssize_t written = write(fd, text->bytes + n, text->size - n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            (void)close(fd); /* the write's error is told */
            return -1;
        }
        n += (size_t)written;
    }
    return close(fd);
}

/* Makes the file for URL at FD, which is -1 where it could not be made, and is PATH. */
static int fill_file(int fd, const char *path, const char *url)
{
    text_t text = {0};
    quick_append_file(&text, url);
    int rc = -1;
    if (fd < 0)
        rc = complain(path, errno == EEXIST ? "it is there already, and left as it is"
                                            : strerrordesc_np(errno));
    else if (text.is_failed)
        rc = complain(path, "memory ran out");
    else if (write_all(fd, &text))
        rc = complain(path, strerrordesc_np(errno));
    else
        rc = 0;
    text_clear(&text);
    return rc;
}

static const char *from_environment(const char *name, void *context)
{
    (void)context;
    return getenv(name); // NOLINT(concurrency-mt-unsafe): nobody changes the environment
}

static int show(const options_t *options, const probe_result_t *result)
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    int rc = EXIT_UNKNOWN;
    if (render_probe_result(result, &buffer) == 0)
        rc = orders_show_result(options, buffer.data, buffer.size);
    msgpack_sbuffer_destroy(&buffer);
    return rc;
}

/* Probes the target of the file PATH once and shows what came. */
static int probe_file(const options_t *options, const char *path)
{
    config_load_t load;
    int rc = EXIT_UNKNOWN;
    if (config_load(path, from_environment, NULL, &load)) {
        fputs(load.report ? load.report : "healthctl: memory ran out\n", stderr);
    } else {
        probe_result_t *result = once_probe(load.config);
        if (result)
            rc = show(options, result);
        else
            fputs("healthctl: the probe gave no result\n", stderr);
        probe_result_destroy(&result);
    }
    config_load_clear(&load);
    return rc;
}

int verb_quick(const options_t *options)
{
    const char *path = options->file ? options->file : FILE_DEFAULT;
    if (!is_probed(options->object))
        return EXIT_USAGE;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fill_file(fd, path, options->object)) {
        if (fd >= 0)
            (void)unlink(path); /* half a file is none */
        return EXIT_UNKNOWN;
    }
    int rc = probe_file(options, path);
    if (!options->is_json) {
        text_t line = {0};
        text_append_string(&line, "\n");
        table_escape(&line, path, TABLE_CELL_MAX_CHARACTERS);
        text_append_string(&line, " is written; healthd --config FILE watches it\n");
        (void)table_print(&line); /* the verdict is the exit code */
    }
    return rc;
}

int quick_probe_url(const options_t *options)
{
    if (!is_probed(options->object))
        return EXIT_USAGE;
    char path[] = P_tmpdir "/healthctl-XXXXXX.yaml";
    int fd = mkostemps(path, sizeof ".yaml" - 1, O_CLOEXEC);
    int rc = fill_file(fd, path, options->object) ? EXIT_UNKNOWN : probe_file(options, path);
    if (fd >= 0)
        (void)unlink(path); /* the system tidies what stays */
    return rc;
}
