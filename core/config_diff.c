#include "core/config_diff.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of a key that is told. */
#define KEY_BYTES 128

/* --- lines --- */

/* A line that another text has not, or with another value; NULL at the end. Moves *LINES. */
static bool next_different(const char **lines, const char *others, char key[KEY_BYTES])
{
    while (**lines) {
        const char *start = *lines;
        const char *colon = strstr(start, ": ");
        const char *end = strchr(start, '\n');
        if (!colon || !end || colon > end)
            return false;
        *lines = end + 1;
        size_t n_key = (size_t)(colon - start);
        size_t n_other = 0;
        if (n_key >= KEY_BYTES)
            n_key = KEY_BYTES - 1;
        memcpy(key, start, n_key);
        key[n_key] = '\0';
        const char *other = config_line_at(others, key, &n_other);
        size_t n_value = (size_t)(end - colon) - 2;
        if (!other || n_other != n_value || memcmp(other, colon + 2, n_value) != 0)
            return true;
    }
    return false;
}

/* "a, b": the keys whose lines differ. */
static char *different_keys(const char *before, const char *now)
{
    text_t keys = {0};
    char key[KEY_BYTES];
    for (const char *at = now; next_different(&at, before, key);) {
        text_append_string(&keys, keys.size ? ", " : "");
        text_append_string(&keys, key);
    }
    return text_take(&keys);
}

/* --- targets --- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(config_item_t *const *)a)->name, (*(config_item_t *const *)b)->name);
}

/* The targets of LIST by name; the item of the rest is left out. NULL: out of memory. */
static config_item_t **sorted(const config_list_t *list, size_t *ret_n)
{
    config_item_t **items = calloc(list->n + 1, sizeof(config_item_t *));
    size_t n = 0;
    for (size_t i = 0; items && i < list->n; i++) {
        if (list->items[i].name[0])
            items[n++] = &list->items[i];
    }
    if (n > 0)
        qsort(items, n, sizeof(config_item_t *), by_name);
    *ret_n = n;
    return items;
}

/* Gives the new row. */
static config_change_t *add(config_diff_t *diff, config_change_kind_t kind, const char *name)
{
    config_change_t *change = &diff->targets[diff->n_targets++];
    *change = (config_change_t){.kind = kind, .name = name};
    diff->n_added += kind == CONFIG_ADDED;
    diff->n_removed += kind == CONFIG_REMOVED;
    diff->n_changed += kind == CONFIG_CHANGED;
    return change;
}

/* Compares a target that is in both; -1: out of memory. */
static int compare(config_diff_t *diff, const config_item_t *before, const config_item_t *now)
{
    if (strcmp(before->lines, now->lines) == 0)
        return 0;
    config_change_t *change = add(diff, CONFIG_CHANGED, now->name);
    change->keys = different_keys(before->lines, now->lines);
    return change->keys ? 0 : -1;
}

static int diff_targets(const config_list_t *before, const config_list_t *now, config_diff_t *ret)
{
    size_t n_before = 0;
    size_t n_now = 0;
    config_item_t **old = sorted(before, &n_before);
    config_item_t **new = sorted(now, &n_now);
    ret->targets = calloc(n_before + n_now + 1, sizeof *ret->targets);
    ret->n_before = n_before;
    int rc = old && new && ret->targets ? 0 : -1;
    for (size_t i = 0, j = 0; rc == 0 && (i < n_before || j < n_now);) {
        int order = i == n_before ? 1 : j == n_now ? -1 : strcmp(old[i]->name, new[j]->name);
        if (order == 0)
            rc = compare(ret, old[i++], new[j++]);
        else if (order < 0)
            (void)add(ret, CONFIG_REMOVED, old[i++]->name);
        else
            (void)add(ret, CONFIG_ADDED, new[j++]->name);
    }
    free(old);
    free(new);
    return rc;
}

/* --- the rest --- */

static const char *rest_of(const config_list_t *list)
{
    for (size_t i = 0; i < list->n; i++) {
        if (!list->items[i].name[0])
            return list->items[i].lines;
    }
    return "";
}

static int add_key(config_diff_t *diff, const char *key)
{
    char **keys = realloc(diff->keys, (diff->n_keys + 1) * sizeof(char *));
    if (!keys)
        return -1;
    diff->keys = keys;
    diff->keys[diff->n_keys] = strdup(key);
    if (!diff->keys[diff->n_keys])
        return -1;
    diff->n_keys++;
    return 0;
}

static int diff_rest(const char *before, const char *now, config_diff_t *ret)
{
    char key[KEY_BYTES];
    for (const char *at = now; next_different(&at, before, key);) {
        if (add_key(ret, key))
            return -1;
    }
    return 0;
}

int config_diff(const config_list_t *before, const config_list_t *now, config_diff_t *ret)
{
    *ret = (config_diff_t){.targets = NULL};
    if (diff_targets(before, now, ret) || diff_rest(rest_of(before), rest_of(now), ret)) {
        config_diff_clear(ret);
        return -1;
    }
    return 0;
}

void config_diff_clear(config_diff_t *self)
{
    for (size_t i = 0; i < self->n_targets; i++)
        free(self->targets[i].keys);
    free(self->targets);
    for (size_t i = 0; i < self->n_keys; i++)
        free(self->keys[i]);
    free(self->keys);
    *self = (config_diff_t){.targets = NULL};
}

bool config_diff_drops_too_many(const config_diff_t *self)
{
    return (double)self->n_removed > CONFIG_DROP_MAX_RATIO * (double)self->n_before;
}

/* The row of KEY, "section.key"; NULL where there is none. */
static const schema_key_t *row_of(const char *key)
{
    const char *dot = strchr(key, '.');
    size_t n_root;
    size_t n_rows;
    const schema_key_t *root = schema_keys(SECTION_ROOT, &n_root);
    for (size_t i = 0; dot && i < n_root; i++) {
        if (strlen(root[i].key) != (size_t)(dot - key) ||
            strncmp(root[i].key, key, (size_t)(dot - key)) != 0 || root[i].type != SCHEMA_MAP)
            continue;
        const schema_key_t *rows = schema_keys(root[i].section, &n_rows);
        for (size_t j = 0; j < n_rows; j++) {
            if (strcmp(rows[j].key, dot + 1) == 0)
                return &rows[j];
        }
    }
    return NULL;
}

bool config_key_takes_restart(const char *key)
{
    const schema_key_t *row = row_of(key);
    return row && row->takes_restart;
}
