/*
 * What strangers send as the body of a write. Input: a byte that chooses the content type, the
 * body. What is taken is as its rows say and is taken again; what is refused names its place in
 * JSON.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const body_member_t members[] = {
    {"reason", BODY_TEXT, true, 1, 8},     {"count", BODY_INTEGER, false, -3, 10},
    {"sticky", BODY_BOOLEAN, false, 0, 0}, {"down", BODY_TEXTS, false, 1, 3},
    {"extra", BODY_ANY, false, 0, 0},
};
#define N_MEMBERS (sizeof members / sizeof members[0])

static void end_refusal(reply_t *refusal)
{
    assert(refusal && (refusal->code == 400 || refusal->code == 415 || refusal->code == 422));
    json_t *body = json_loadb(refusal->body, refusal->n_body, JSON_REJECT_DUPLICATES, NULL);
    assert(json_is_string(json_object_get(body, "detail")));
    json_decref(body);
    reply_release(&refusal);
}

/* Without NUL, MIN to MAX bytes. */
static void check_text(const json_t *text, size_t min, size_t max)
{
    size_t n = json_string_length(text);
    assert(json_is_string(text) && n >= min && n <= max && strlen(json_string_value(text)) == n);
}

static void check_members(const json_t *object)
{
    check_text(json_object_get(object, "reason"), 1, 8);
    const json_t *count = json_object_get(object, "count");
    assert(!count || (json_integer_value(count) >= -3 && json_integer_value(count) <= 10));
    const json_t *sticky = json_object_get(object, "sticky");
    assert(!sticky || json_is_boolean(sticky));
    const json_t *down = json_object_get(object, "down");
    assert(!down || json_is_array(down));
    for (size_t i = 0; i < json_array_size(down); i++)
        check_text(json_array_get(down, i), 1, 3);
    assert(json_object_size(object) <= N_MEMBERS);
}

/* What was taken reads the same again after it was written. */
static void check_again(const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    assert(text);
    reply_t *refusal = NULL;
    json_t *again = body_read((slice_t){.text = text, .n = strlen(text)}, "application/json",
                              members, N_MEMBERS, &refusal);
    assert(again && !refusal && json_equal(object, again));
    json_decref(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"application/json",  "application/json; charset=utf-8",
                                        "APPLICATION/JSON ", "application/jsonx",
                                        "text/plain",        NULL};
    if (size == 0)
        return 0;
    size_t n = size - 1;
    char *text = malloc(n ? n : 1); /* as long as it is: reading past it shows */
    assert(text);
    memcpy(text, data + 1, n);
    reply_t *refusal = NULL;
    json_t *object =
        body_read((slice_t){.text = text, .n = n},
                  types[data[0] % (sizeof types / sizeof types[0])], members, N_MEMBERS, &refusal);
    if (object) {
        assert(!refusal);
        check_members(object);
        check_again(object);
    } else {
        end_refusal(refusal);
    }
    json_decref(object);
    free(text);
    return 0;
}
