#include "gateway/parameters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a name that a refusal shows, and of a message. */
#define NAME_SHOWN_BYTES 64
#define MESSAGE_BYTES    160

static reply_t *fault_of(unsigned code, const char *detail, const char *name, const char *message)
{
    char pointer[NAME_SHOWN_BYTES + 2];
    (void)snprintf(pointer, sizeof pointer, "?%s", name); /* cut where it is longer */
    return reply_fault(code, detail, pointer, message);
}

reply_t *parameters_fault(const char *name, const char *message)
{
    return fault_of(422, "A parameter of the query cannot be taken", name, message);
}

static const parameter_rule_t *rule_of(const parameter_rule_t *rules, size_t n_rules,
                                       const char *name)
{
    for (size_t i = 0; i < n_rules; i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

/* Cuts the first pair off QUERY. */
static slice_t cut_pair(slice_t *query)
{
    const char *ampersand = memchr(query->text, '&', query->n);
    size_t n = ampersand ? (size_t)(ampersand - query->text) : query->n;
    slice_t pair = {.text = query->text, .n = n};
    size_t used = ampersand ? n + 1 : n;
    query->text += used;
    query->n -= used;
    return pair;
}

/* Why the pair NAME, VALUE cannot be taken, or NULL where it can. */
static const char *fault_in(const parameters_t *self, const parameter_rule_t *rule)
{
    if (!rule)
        return "is no parameter of this route";
    if (!rule->is_repeatable && parameters_text(self, rule->name))
        return "stands twice";
    if (self->n == PARAMETERS_MAX)
        return "is one parameter too many";
    return NULL;
}

/* Takes one PAIR that is not empty; as parameters_read. */
static int take_pair(parameters_t *self, slice_t pair, const parameter_rule_t *rules,
                     size_t n_rules, reply_t **ret_refusal)
{
    static const char detail[] = "The query cannot be read";
    const char *equals = memchr(pair.text, '=', pair.n);
    size_t n_encoded = equals ? (size_t)(equals - pair.text) : pair.n;
    size_t value_at = equals ? n_encoded + 1 : pair.n;
    size_t n_name = 0;
    size_t n_value = 0;
    char *name = path_decode((slice_t){.text = pair.text, .n = n_encoded}, true, &n_name);
    char *value = path_decode((slice_t){.text = pair.text + value_at, .n = pair.n - value_at}, true,
                              &n_value);
    *ret_refusal = NULL;
    if (name && value) {
        const parameter_rule_t *rule = rule_of(rules, n_rules, name);
        const char *fault = fault_in(self, strlen(name) == n_name ? rule : NULL);
        if (!fault && strlen(value) != n_value)
            fault = "holds a NUL";
        if (fault) {
            *ret_refusal = fault_of(400, detail, name, fault);
        } else {
            self->items[self->n++] = (parameter_t){.name = rule->name, .value = value};
            free(name);
            return 0;
        }
    }
    free(name);
    free(value);
    return -1;
}

int parameters_read(parameters_t *self, slice_t query, const parameter_rule_t *rules,
                    size_t n_rules, reply_t **ret_refusal)
{
    while (query.n > 0) {
        slice_t pair = cut_pair(&query);
        if (pair.n > 0 && take_pair(self, pair, rules, n_rules, ret_refusal))
            return -1;
    }
    return 0;
}

void parameters_clear(parameters_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        free(self->items[i].value);
    self->n = 0;
}

const char *parameters_text(const parameters_t *self, const char *name)
{
    for (size_t i = 0; i < self->n; i++)
        if (strcmp(self->items[i].name, name) == 0)
            return self->items[i].value;
    return NULL;
}

int parameters_integer(const parameters_t *self, const char *name, int64_t min, int64_t max,
                       int64_t *ret, reply_t **ret_refusal)
{
    const char *text = parameters_text(self, name);
    if (!text)
        return 0;
    /* One beyond either end is clamped to, and told from what lies inside. */
    int64_t value;
    if (integer_clamped(text, strlen(text), min - 1, max + 1, &value) == 0 && value >= min &&
        value <= max) {
        *ret = value;
        return 0;
    }
    char message[MESSAGE_BYTES];
    (void)snprintf(message, sizeof message, "must be a whole number from %" PRId64 " to %" PRId64,
                   min, max);
    *ret_refusal = parameters_fault(name, message);
    return -1;
}

int parameters_boolean(const parameters_t *self, const char *name, bool *ret, reply_t **ret_refusal)
{
    const char *text = parameters_text(self, name);
    if (!text)
        return 0;
    bool is_true = strcmp(text, "true") == 0;
    if (is_true || strcmp(text, "false") == 0) {
        *ret = is_true;
        return 0;
    }
    *ret_refusal = parameters_fault(name, "must be true or false");
    return -1;
}
