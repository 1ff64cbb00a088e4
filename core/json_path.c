#include "core/json_path.h"

#include <stdlib.h>
#include <string.h>

#include "core/json_text.h"
#include "core/utf8.h"

typedef struct {
    const char *key; /* n bytes inside `keys`; NULL: an index */
    size_t n;
    long index;
} step_t;

struct json_path {
    step_t steps[JSON_PATH_MAX_STEPS];
    size_t n_steps;
    size_t n_keys;
    char keys[]; /* no longer than the text that they were written in */
};

/* --- reading --- */

static int refuse(scalar_error_t *error, size_t offset, size_t length, const char *expected)
{
    *error = (scalar_error_t){.offset = offset, .length = length, .expected = expected};
    return -1;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* Each reads the step at TEXT[0] and gives its bytes in *RET_USED. */
static int read_name(const char *text, size_t n, json_path_t *path, size_t *ret_used,
                     scalar_error_t *reterr)
{
    size_t end = 1;
    while (end < n && is_name(text[end]))
        end++;
    if (end == 1)
        return refuse(reterr, 1, 0, "a name of letters, digits, _ and -, or [\"any key\"]");
    char *key = path->keys + path->n_keys;
    memcpy(key, text + 1, end - 1);
    path->steps[path->n_steps] = (step_t){.key = key, .n = end - 1};
    path->n_keys += end - 1;
    *ret_used = end;
    return 0;
}

static int read_key(const char *text, size_t n, json_path_t *path, size_t *ret_used,
                    scalar_error_t *reterr)
{
    char *key = path->keys + path->n_keys;
    size_t n_key = 0;
    size_t used = 0;
    if (scalar_quoted(text + 1, n - 1, key, &n_key, &used, reterr) != 0) {
        reterr->offset += 1;
        return -1;
    }
    path->steps[path->n_steps] = (step_t){.key = key, .n = n_key};
    path->n_keys += n_key;
    *ret_used = 1 + used;
    return 0;
}

static int read_index(const char *text, size_t n, json_path_t *path, size_t *ret_used,
                      scalar_error_t *reterr)
{
    size_t end = 1;
    if (end < n && text[end] == '-')
        end++;
    while (end < n && text[end] >= '0' && text[end] <= '9')
        end++;
    scalar_number_t number = {0};
    scalar_error_t ignored;
    bool is_index = scalar_number(text + 1, end - 1, &number, &ignored) == 0 && number.is_integer &&
                    number.integer <= JSON_PATH_MAX_INDEX && number.integer >= -JSON_PATH_MAX_INDEX;
    if (!is_index)
        return refuse(reterr, 1, end - 1, "an index up to 1000000 or a key in quotes");
    path->steps[path->n_steps] = (step_t){.index = (long)number.integer};
    *ret_used = end;
    return 0;
}

static int read_step(const char *text, size_t n, json_path_t *path, size_t *ret_used,
                     scalar_error_t *reterr)
{
    if (text[0] == '.')
        return read_name(text, n, path, ret_used, reterr);
    bool is_key = n > 1 && text[1] == '"';
    if ((is_key ? read_key : read_index)(text, n, path, ret_used, reterr) != 0)
        return -1;
    if (*ret_used == n || text[*ret_used] != ']')
        return refuse(reterr, *ret_used, *ret_used < n ? 1 : 0, "]");
    *ret_used += 1;
    return 0;
}

static int read_steps(const char *text, size_t n, json_path_t *path, size_t *ret_used,
                      scalar_error_t *reterr)
{
    size_t at = 0;
    while (at < n && (text[at] == '.' || text[at] == '[')) {
        if (path->n_steps == JSON_PATH_MAX_STEPS)
            return refuse(reterr, at, 1, "at most 24 steps");
        size_t used = 0;
        if (read_step(text + at, n - at, path, &used, reterr) != 0) {
            reterr->offset += at;
            return -1;
        }
        path->n_steps++;
        at += used;
    }
    *ret_used = at;
    return 0;
}

int json_path_parse(const char *text, size_t n, json_path_t **ret, size_t *ret_used,
                    scalar_error_t *reterr)
{
    if (n == 0 || (text[0] != '.' && text[0] != '[')) {
        *ret = NULL;
        *ret_used = 0;
        return 0;
    }
    json_path_t *path = calloc(1, sizeof *path + n);
    if (!path)
        return refuse(reterr, 0, 0, NULL);
    if (read_steps(text, n, path, ret_used, reterr) != 0) {
        json_path_destroy(&path);
        return -1;
    }
    *ret = path;
    return 0;
}

void json_path_destroy(json_path_t **path)
{
    free(*path);
    *path = NULL;
}

/* --- finding --- */

static const json_t *take_step(const step_t *step, const json_t *value)
{
    if (step->key)
        return json_object_getn(value, step->key, step->n);
    size_t size = json_array_size(value);
    size_t index = step->index < 0 ? size - (size_t)-step->index : (size_t)step->index;
    return json_array_get(value, index); /* one before the first has wrapped round: not there */
}

const json_t *json_path_find(const json_path_t *path, const json_t *root)
{
    const json_t *value = root;
    for (size_t i = 0; path && value && i < path->n_steps; i++)
        value = take_step(&path->steps[i], value);
    return value;
}

/* --- bodies --- */

/* The library recurses as deep as the text is nested: what is too deep must not reach it. */
static bool is_too_deep(const char *text, size_t n)
{
    unsigned depth = 0;
    bool is_quoted = false;
    for (size_t at = 0; at < n; at++) {
        char c = text[at];
        if (is_quoted && c == '\\')
            at++;
        else if (c == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && (c == '{' || c == '[') && ++depth > JSON_TEXT_MAX_DEPTH)
            return true;
        else if (!is_quoted && (c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return false;
}

static bool is_utf8(const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        bool is_valid = false;
        at += utf8_next(text + at, n - at, &is_valid);
        if (!is_valid)
            return false;
    }
    return true;
}

/* Without memory the library mostly gives no text, and of a string without fault one of these two.
 */
bool json_path_is_memory_fault(const json_error_t *error)
{
    static const char *const texts[] = {"invalid token near '\"",
                                        "string or '}' expected near '\""};
    bool is_one = error->text[0] == '\0' || json_error_code(error) == json_error_out_of_memory;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        is_one = is_one || strncmp(error->text, texts[i], strlen(texts[i])) == 0;
    return is_one;
}

static int load(const char *text, size_t n, json_t **ret)
{
    json_error_t error;
    *ret = json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    return *ret || !json_path_is_memory_fault(&error) ? 0 : -1;
}

int json_path_load_body(const char *body, size_t n, json_t **ret)
{
    *ret = NULL;
    /* The library takes a raw NUL for the end of the text and would pass over what follows. */
    if (n == 0 || n > JSON_TEXT_BODY_MAX_BYTES || memchr(body, '\0', n) || is_too_deep(body, n))
        return 0;
    if (is_utf8(body, n))
        return load(body, n, ret);
    size_t size = n * UTF8_REPAIR_FACTOR + 1;
    char *repaired = malloc(size);
    if (!repaired)
        return -1;
    int outcome = load(repaired, utf8_repair(body, n, repaired, size), ret);
    free(repaired);
    return outcome;
}
