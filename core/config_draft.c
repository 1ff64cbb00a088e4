#include "core/config_draft.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

void draft_out_of_memory(const draft_t *draft)
{
    draft->work->reader->faults->is_out_of_memory = true;
    draft->work->reader->faults->n_faults++;
}

void draft_push(draft_stack_t *stack, const config_value_t *value)
{
    assert(stack->n < DRAFT_LAYERS_MAX); /* the schema bounds templates */
    stack->layers[stack->n++] = value;
}

static const char *value_of(const draft_t *draft, const char *name, size_t n)
{
    for (size_t i = 0; i < draft->n_variables; i++) {
        const variable_t *variable = &draft->variables[i];
        if (strlen(variable->name) == n && memcmp(variable->name, name, n) == 0)
            return variable->values[variable->at];
    }
    return NULL;
}

static void trim(const char **text, size_t *n)
{
    while (*n > 0 && (*text)[0] == ' ') {
        ++*text;
        --*n;
    }
    while (*n > 0 && (*text)[*n - 1] == ' ')
        --*n;
}

char *draft_expand(const draft_t *draft, const char *key, const config_node_t *node,
                   const char *text)
{
    text_t expanded = {0};
    for (;;) {
        const char *start = strstr(text, "{{");
        const char *end = start ? strstr(start, "}}") : NULL;
        if (!end)
            break;
        const char *name = start + 2;
        size_t n = (size_t)(end - name);
        trim(&name, &n);
        const char *value = value_of(draft, name, n);
        if (!value) {
            config_fault(draft->work->reader->faults, node->place,
                         "%s: \"{{%.*s}}\" is no variable of the target's for_each", key,
                         (int)(n < 64 ? n : 64), name);
            text_clear(&expanded);
            return NULL;
        }
        text_append(&expanded, text, (size_t)(start - text));
        text_append_string(&expanded, value);
        text = end + 2;
    }
    text_append_string(&expanded, text);
    char *whole = text_take(&expanded);
    if (!whole)
        draft_out_of_memory(draft);
    return whole;
}

char *draft_text(const draft_t *draft, const schema_key_t *row, const config_value_t *value)
{
    if (value->n_texts == 0)
        return NULL;
    char *text = draft_expand(draft, row->key, value->text_nodes[0], value->texts[0]);
    if (text && config_has_variable(value->texts[0]) &&
        !config_check_text(draft->work->reader, row, value->text_nodes[0], text)) {
        free(text);
        return NULL;
    }
    return text;
}

bool draft_has_variable(const config_value_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < values[i].n_texts; j++) {
            if (config_has_variable(values[i].texts[j]))
                return true;
        }
        if (values[i].section && draft_has_variable(values[i].section->values, SCHEMA_KEYS_MAX))
            return true;
    }
    return false;
}

char *draft_file(const draft_t *draft, const schema_key_t *row, const config_value_t *value)
{
    const config_reader_t *reader = draft->work->reader;
    char *path = draft_text(draft, row, value);
    if (!path)
        return NULL;
    const char *reason = NULL;
    char *whole = reader->values.find_file(path, reader->values.file_context, &reason);
    if (!whole)
        config_fault(reader->faults, value->text_nodes[0]->place, "%s: it cannot be read: %s",
                     row->key, reason);
    free(path);
    /* cppcheck-suppress returnDanglingLifetime ; the path is a new text, unlike the reason */
    return whole;
}
