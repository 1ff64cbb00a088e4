#include "gateway/target_list.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/parameters.h"

/* --- words --- */

static const struct {
    const char *word;
    target_sort_t sort;
} sorts[] = {
    {"name", SORT_NAME}, {"since", SORT_SINCE}, {"status", SORT_STATUS}, {"latency", SORT_LATENCY}};

static const parameter_rule_t rules[] = {{"status", true}, {"kind", true},  {"label", true},
                                         {"q", false},     {"sort", false}, {"limit", false},
                                         {"cursor", false}};

static int take_status(target_query_t *self, const char *value, reply_t **ret_refusal)
{
    for (int status = 0; status < STATUS_COUNT; status++) {
        if (strcasecmp(value, status_name(status)) == 0) {
            self->statuses |= 1u << status;
            return 0;
        }
    }
    *ret_refusal = parameters_fault("status", "must be OK, DEGRADED, DOWN or UNKNOWN");
    return -1;
}

static int take_kind(target_query_t *self, const char *value, reply_t **ret_refusal)
{
    for (int kind = 0; kind < KIND_NONE; kind++) {
        if (strcmp(value, target_kind_name(kind)) == 0) {
            self->kinds |= 1u << kind;
            return 0;
        }
    }
    *ret_refusal = parameters_fault("kind", "must be service or infrastructure");
    return -1;
}

/* Keeps "key:value" as `"key":"value"`, which is how it stands in a target's labels if it has it:
 * quotes inside of names and texts are escaped there, so that nothing else reads so. */
static int take_label(target_query_t *self, char *value, reply_t **ret_refusal)
{
    char *colon = strchr(value, ':');
    if (!colon || colon == value || self->n_labels == TARGET_LIST_LABELS_MAX) {
        *ret_refusal = parameters_fault("label", "must be name:value, 16 of them at most");
        return -1;
    }
    text_t label = {0};
    *colon = '\0';
    text_append_json(&label, value);
    text_append_string(&label, ":");
    text_append_json(&label, colon + 1);
    char *text = text_take(&label);
    if (!text)
        return -1;
    self->labels[self->n_labels++] = text;
    return 0;
}

static int take_part(target_query_t *self, const char *value)
{
    self->part = strdup(value);
    return self->part ? 0 : -1;
}

static int take_sort(target_query_t *self, const char *value, reply_t **ret_refusal)
{
    self->is_descending = *value == '-';
    if (self->is_descending)
        value++;
    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
        if (strcmp(value, sorts[i].word) == 0) {
            self->sort = sorts[i].sort;
            return 0;
        }
    }
    *ret_refusal = parameters_fault("sort", "must be name, since, status or latency, with - before "
                                            "it for the other direction");
    return -1;
}

/* --- cursors: the order, the key and the name, in hexadecimal --- */

/* Appends N bytes as hexadecimal digits. */
static void append_hex(text_t *out, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_appendf(out, "%02x", (unsigned)(unsigned char)bytes[i]);
}

/* What TEXT is in hexadecimal digits, NUL-terminated, to be freed; NULL where it is none (or memory
 * ran out: a cursor is then refused, which the reader may try again). */
static char *hex_decode(const char *text)
{
    size_t n = strlen(text);
    char *bytes = n % 2 == 0 ? calloc(1, n / 2 + 1) : NULL;
    for (size_t i = 0; bytes && i < n; i += 2) {
        const char pair[3] = {text[i], text[i + 1], '\0'};
        if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1])) {
            free(bytes);
            return NULL;
        }
        bytes[i / 2] = (char)strtoul(pair, NULL, 16);
    }
    return bytes;
}

static char direction_of(const target_query_t *self)
{
    return self->is_descending ? '-' : '+';
}

static int take_cursor(target_query_t *self, const char *value, reply_t **ret_refusal)
{
    char *text = hex_decode(value);
    char *end = NULL;
    if (text && text[0] == (char)('0' + (int)self->sort) && text[1] == direction_of(self)) {
        self->after_key = strtoll(text + 2, &end, 10); /* whatever it is, a page follows */
        if (end && *end == ' ')
            self->after_name = strdup(end + 1);
    }
    free(text);
    if (self->after_name)
        return 0;
    *ret_refusal = parameters_fault("cursor", "must be the next_cursor of an answer to the same "
                                              "question");
    return -1;
}

/* --- reading --- */

/* Takes one parameter but limit and cursor, which come after the order. */
static int take(target_query_t *self, const parameter_t *parameter, reply_t **ret_refusal)
{
    if (strcmp(parameter->name, "status") == 0)
        return take_status(self, parameter->value, ret_refusal);
    if (strcmp(parameter->name, "kind") == 0)
        return take_kind(self, parameter->value, ret_refusal);
    if (strcmp(parameter->name, "label") == 0)
        return take_label(self, parameter->value, ret_refusal);
    if (strcmp(parameter->name, "q") == 0)
        return take_part(self, parameter->value);
    if (strcmp(parameter->name, "sort") == 0)
        return take_sort(self, parameter->value, ret_refusal);
    return 0;
}

int target_query_read(target_query_t *self, slice_t query, reply_t **ret_refusal)
{
    parameters_t parameters = {.n = 0};
    *ret_refusal = NULL;
    self->limit = TARGET_LIST_LIMIT_DEFAULT;
    int rc =
        parameters_read(&parameters, query, rules, sizeof rules / sizeof rules[0], ret_refusal);
    for (size_t i = 0; rc == 0 && i < parameters.n; i++)
        rc = take(self, &parameters.items[i], ret_refusal);
    if (rc == 0)
        rc = parameters_integer(&parameters, "limit", 1, TARGET_LIST_LIMIT_MAX, &self->limit,
                                ret_refusal);
    const char *cursor = parameters_text(&parameters, "cursor");
    if (rc == 0 && cursor)
        rc = take_cursor(self, cursor, ret_refusal);
    parameters_clear(&parameters);
    return rc;
}

void target_query_clear(target_query_t *self)
{
    for (size_t i = 0; i < self->n_labels; i++)
        free(self->labels[i]);
    free(self->part);
    free(self->after_name);
    *self = (target_query_t){.n_labels = 0};
}

/* --- which targets --- */

static bool has_labels(const target_state_t *target, const target_query_t *query)
{
    for (size_t i = 0; i < query->n_labels; i++)
        if (!target->labels || !strstr(target->labels, query->labels[i]))
            return false;
    return true;
}

static bool fits(const target_state_t *target, const target_query_t *query)
{
    return target->kind != KIND_NONE &&
           (!query->statuses || query->statuses & 1u << target->status) &&
           (!query->kinds || query->kinds & 1u << target->kind) &&
           (!query->part || strcasestr(target->name, query->part)) && has_labels(target, query);
}

/* --- the order --- */

/* Place of a target in the order: KEY decides, then its name. */
typedef struct {
    int64_t key;
    const char *name;
} target_place_t;

static int64_t key_of(const target_state_t *target, target_sort_t sort)
{
    static const int64_t ranks[STATUS_COUNT] = {
        [STATUS_OK] = 0, [STATUS_UNKNOWN] = 1, [STATUS_DEGRADED] = 2, [STATUS_DOWN] = 3};
    switch (sort) {
    case SORT_SINCE:
        return target->since_us;
    case SORT_STATUS:
        return ranks[target->status];
    case SORT_LATENCY:
        return target->latency_us;
    case SORT_NAME:
    default:
        return 0;
    }
}

static target_place_t place_of(const target_state_t *target, target_sort_t sort)
{
    return (target_place_t){.key = key_of(target, sort), .name = target->name};
}

/* Below 0 where A comes before B. */
static int compare_places(const target_query_t *query, target_place_t a, target_place_t b)
{
    int order = a.key != b.key ? (a.key < b.key ? -1 : 1) : strcmp(a.name, b.name);
    return query->is_descending ? -order : order;
}

/* Puts TARGET, whose place is PLACE, where it belongs on the page; what then is beyond LIMIT falls
 * off. */
static void put(target_page_t *page, const target_query_t *query, const target_state_t *target,
                target_place_t place)
{
    size_t limit = (size_t)query->limit;
    size_t low = 0;
    size_t high = page->n_items;
    if (high > 0 && compare_places(query, place, place_of(page->items[high - 1], query->sort)) > 0)
        low = high; /* mostly: targets stand in some order already */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_places(query, place, place_of(page->items[middle], query->sort)) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    if (page->n_items == limit)
        page->has_more = true;
    if (low == limit)
        return;
    size_t n_after = (page->n_items == limit ? limit - 1 : page->n_items) - low;
    memmove(&page->items[low + 1], &page->items[low], n_after * sizeof(const target_state_t *));
    page->items[low] = target;
    if (page->n_items < limit)
        page->n_items++;
}

void target_page_find(const snapshot_t *state, const target_query_t *query, target_page_t *ret)
{
    const target_place_t after = {.key = query->after_key, .name = query->after_name};
    *ret = (target_page_t){.n_items = 0};
    for (size_t i = 0; i < state->n_targets; i++) {
        const target_state_t *target = &state->targets[i];
        if (!fits(target, query))
            continue;
        ret->total++;
        target_place_t place = place_of(target, query->sort);
        if (!query->after_name || compare_places(query, place, after) > 0)
            put(ret, query, target, place);
    }
}

char *target_page_cursor(const target_page_t *page, const target_query_t *query)
{
    assert(page->n_items > 0);
    target_place_t last = place_of(page->items[page->n_items - 1], query->sort);
    text_t plain = {0};
    text_t cursor = {0};
    text_appendf(&plain, "%d%c%" PRId64 " %s", (int)query->sort, direction_of(query), last.key,
                 last.name);
    if (!plain.is_failed)
        append_hex(&cursor, plain.bytes, plain.size);
    cursor.is_failed = cursor.is_failed || plain.is_failed;
    text_clear(&plain);
    return text_take(&cursor);
}
