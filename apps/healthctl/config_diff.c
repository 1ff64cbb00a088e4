#include "apps/healthctl/config_diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_diff.h"

#include "apps/healthctl/table.h"

/* Characters of a key or name that are shown. */
#define SHOWN_CHARACTERS 255

/* The members of OBJECT but its name as lines "key: JSON"; NULL: out of memory. */
static char *lines_of(json_t *object)
{
    text_t lines = {0};
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        char *value = json_dumps(json_object_iter_value(at), JSON_ENCODE_ANY | JSON_COMPACT);
        if (strcmp(key, "name") != 0 && !strchr(key, '\n'))
            text_appendf(&lines, "%s: %s\n", key, value ? value : "null");
        free(value);
    }
    return text_take(&lines);
}

static int list_of(const json_t *body, config_list_t *ret)
{
    const json_t *targets = json_object_get(body, "targets");
    size_t n = json_array_size(targets);
    *ret = (config_list_t){.items = calloc(n + 1, sizeof *ret->items), .n = n + 1};
    if (!ret->items) {
        ret->n = 0;
        return -1;
    }
    bool is_whole = true;
    for (size_t i = 0; i < ret->n; i++) {
        json_t *object =
            i == 0 ? json_object_get(body, "settings") : json_array_get(targets, i - 1);
        const char *name = i == 0 ? "" : json_string_value(json_object_get(object, "name"));
        ret->items[i].name = strdup(name ? name : "");
        ret->items[i].lines = lines_of(object);
        is_whole = is_whole && ret->items[i].name && ret->items[i].lines;
    }
    return is_whole ? 0 : -1;
}

/* Whether a variable decides KEY in the configuration BODY, whatever its file says. */
static bool is_decided(const json_t *body, const char *key)
{
    const json_t *keys = json_object_get(body, "variables");
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const char *decided = json_string_value(json_array_get(keys, i));
        if (decided && strcmp(decided, key) == 0)
            return true;
    }
    return false;
}

static void append(text_t *out, const config_diff_t *diff, const json_t *before)
{
    for (size_t i = 0; i < diff->n_targets; i++) {
        const config_change_t *change = &diff->targets[i];
        text_append_string(out, change->kind == CONFIG_ADDED     ? "+ "
                                : change->kind == CONFIG_REMOVED ? "- "
                                                                 : "~ ");
        table_escape(out, change->name, SHOWN_CHARACTERS);
        if (change->keys) {
            text_append_string(out, ": ");
            table_escape(out, change->keys, SHOWN_CHARACTERS);
        }
        text_append_string(out, "\n");
    }
    for (size_t i = 0; i < diff->n_keys; i++) {
        if (is_decided(before, diff->keys[i]))
            continue; /* a reload changes nothing of it */
        text_append_string(out, "  ");
        table_escape(out, diff->keys[i], SHOWN_CHARACTERS);
        text_append_string(out, config_key_takes_restart(diff->keys[i])
                                    ? " changed, which takes a restart\n"
                                    : " changed\n");
    }
    text_appendf(out, "%zu added, %zu removed, %zu changed", diff->n_added, diff->n_removed,
                 diff->n_changed);
    text_append_string(out, config_diff_drops_too_many(diff)
                                ? "; so many removed that a reload needs --force\n"
                                : "\n");
}

int config_diff_print(const json_t *before, const json_t *now, text_t *out)
{
    config_list_t old = {.items = NULL};
    config_list_t new = {.items = NULL};
    config_diff_t diff = {.targets = NULL};
    int rc = list_of(before, &old) || list_of(now, &new) || config_diff(&old, &new, &diff) ? -1 : 0;
    if (rc == 0)
        append(out, &diff, before);
    else
        fputs("healthctl: memory ran out\n", stderr);
    config_diff_clear(&diff);
    config_list_clear(&old);
    config_list_clear(&new);
    return rc;
}

int config_print_lines(const char *text)
{
    text_t out = {0};
    while (*text) {
        size_t n = strcspn(text, "\n");
        char *line = strndup(text, n);
        if (line)
            table_escape(&out, line, TABLE_CELL_MAX_CHARACTERS);
        text_append_string(&out, "\n");
        free(line);
        text += n + (text[n] == '\n');
    }
    int rc = out.is_failed || fputs(out.bytes ? out.bytes : "", stderr) < 0 ? -1 : 0;
    text_clear(&out);
    return rc;
}
