/*
 * What strangers write into the query of a request: read by the rules of a route, and as the
 * question for a list of targets, whose pages are then walked. What is taken is in range, what is
 * refused names its place in JSON.
 */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"
#include "gateway/parameters.h"
#include "gateway/target_list.h"

#define N_TARGETS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal is whole, and JSON whatever the stranger wrote. */
static void end_refusal(reply_t *refusal)
{
    assert(refusal && (refusal->code == 400 || refusal->code == 422));
    json_t *body = json_loadb(refusal->body, refusal->n_body, JSON_REJECT_DUPLICATES, NULL);
    assert(json_is_string(json_object_get(body, "detail")));
    json_decref(body);
    reply_release(&refusal);
}

static void read_by_rules(slice_t query)
{
    static const parameter_rule_t rules[] = {{"limit", false}, {"status", true}, {"flag", false}};
    parameters_t parameters = {.n = 0};
    reply_t *refusal = NULL;
    int64_t limit = -1;
    bool flag = false;
    bool is_taken =
        parameters_read(&parameters, query, rules, sizeof rules / sizeof rules[0], &refusal) == 0;
    assert(parameters.n <= PARAMETERS_MAX);
    for (size_t i = 0; i < parameters.n; i++)
        assert(utf8_is_text(parameters.items[i].value, strlen(parameters.items[i].value)));
    is_taken = is_taken && parameters_integer(&parameters, "limit", 1, 500, &limit, &refusal) == 0;
    is_taken = is_taken && parameters_boolean(&parameters, "flag", &flag, &refusal) == 0;
    assert(limit == -1 || (limit >= 1 && limit <= 500));
    if (is_taken)
        assert(!refusal && (limit == -1) == !parameters_text(&parameters, "limit"));
    else
        end_refusal(refusal);
    parameters_clear(&parameters);
}

/* --- lists of targets --- */

static void check_page(const target_page_t *page, const target_query_t *asked)
{
    assert(page->n_items <= (size_t)asked->limit && page->n_items <= page->total);
    for (size_t i = 0; i < page->n_items; i++) {
        const target_state_t *target = page->items[i];
        assert(target->kind != KIND_NONE);
        assert(!asked->statuses || asked->statuses & 1u << target->status);
        assert(!asked->kinds || asked->kinds & 1u << target->kind);
    }
}

/* The next page, by the cursor alone as a reader sends it. False where QUERY is too long for it. */
static bool turn_page(slice_t query, const char *cursor, target_query_t *ret)
{
    size_t n_cursor = strlen(cursor);
    char *text = malloc(query.n + n_cursor + 16);
    assert(text);
    memcpy(text, query.text, query.n);
    memcpy(text + query.n, "&cursor=", 8);
    memcpy(text + query.n + 8, cursor, n_cursor);
    reply_t *refusal = NULL;
    *ret = (target_query_t){.n_labels = 0};
    int rc = target_query_read(ret, (slice_t){.text = text, .n = query.n + 8 + n_cursor}, &refusal);
    if (rc) /* a cursor stands there already, or there are as many parameters as may be */
        end_refusal(refusal);
    free(text);
    return rc == 0;
}

static void ask_for_targets(slice_t query)
{
    static char names[N_TARGETS][8] = {"alpha", "beta", "gamma", "stop"};
    static char label[] = "{\"team\":\"core\"}";
    target_state_t targets[N_TARGETS] = {
        {.name = names[0], .kind = KIND_SERVICE, .status = STATUS_OK, .latency_us = 5},
        {.name = names[1], .kind = KIND_INFRASTRUCTURE, .status = STATUS_DOWN, .since_us = 7},
        {.name = names[2], .kind = KIND_SERVICE, .status = STATUS_DOWN, .labels = label},
        {.name = names[3], .kind = KIND_NONE, .status = STATUS_OK},
    };
    const snapshot_t state = {.targets = targets, .n_targets = N_TARGETS};
    target_query_t asked = {.n_labels = 0};
    reply_t *refusal = NULL;
    if (target_query_read(&asked, query, &refusal))
        end_refusal(refusal);
    bool is_asked = !refusal && asked.limit > 0;
    for (size_t n_pages = 0; is_asked; n_pages++) {
        target_page_t page;
        assert(n_pages < N_TARGETS); /* each shows what the one before did not */
        target_page_find(&state, &asked, &page);
        check_page(&page, &asked);
        is_asked = page.has_more;
        if (is_asked) {
            char *cursor = target_page_cursor(&page, &asked);
            assert(cursor && cursor[strspn(cursor, "0123456789abcdef")] == '\0');
            target_query_clear(&asked);
            is_asked = turn_page(query, cursor, &asked);
            free(cursor);
        }
    }
    target_query_clear(&asked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size ? size : 1); /* as long as it is: reading past it shows */
    assert(text);
    if (size > 0)
        memcpy(text, data, size);
    const slice_t query = {.text = text, .n = size};
    read_by_rules(query);
    ask_for_targets(query);
    free(text);
    return 0;
}
