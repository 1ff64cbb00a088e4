/* Bodies that were rendered, compared with texts and with each other. */
#ifndef HEALTHD_TESTS_UNIT_RENDERED_H
#define HEALTHD_TESTS_UNIT_RENDERED_H

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "proto/render.h"
#include "tests/test.h"

#define AT_US 1795488330289500
#define AT    "\"2026-11-24T02:45:30.289500+00:00\""

/* Text members are char *, because a decoded message owns them; here they are constants. */
static inline char *text_of(const char *constant)
{
    union {
        const char *constant;
        char *text;
    } cast = {.constant = constant};
    return cast.text;
}

static inline void assert_text(const msgpack_sbuffer *out, const char *expected)
{
    if (out->size != strlen(expected) || memcmp(out->data, expected, out->size))
        fail_msg("\n%.*s\ninstead of\n%s", (int)out->size, out->data, expected);
}

/* --- msgpack read back as a JSON tree, so that both formats can be compared --- */

static inline json_t *tree_of(const msgpack_object *object)
{
    json_t *tree = NULL;
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        return json_null();
    case MSGPACK_OBJECT_BOOLEAN:
        return json_boolean(object->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return json_integer((json_int_t)object->via.i64);
    case MSGPACK_OBJECT_FLOAT64:
        return json_real(object->via.f64);
    case MSGPACK_OBJECT_STR:
        return json_stringn(object->via.str.ptr, object->via.str.size);
    case MSGPACK_OBJECT_ARRAY:
        tree = json_array();
        for (uint32_t i = 0; i < object->via.array.size; i++)
            assert_int_equal(json_array_append_new(tree, tree_of(&object->via.array.ptr[i])), 0);
        return tree;
    case MSGPACK_OBJECT_MAP:
        tree = json_object();
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            const msgpack_object_kv *pair = &object->via.map.ptr[i];
            char key[300] = "";
            assert_int_equal(pair->key.type, MSGPACK_OBJECT_STR);
            assert_true(pair->key.via.str.size < sizeof key);
            memcpy(key, pair->key.via.str.ptr, pair->key.via.str.size);
            assert_null(json_object_get(tree, key));
            assert_int_equal(json_object_set_new(tree, key, tree_of(&pair->val)), 0);
        }
        return tree;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_BIN:
    case MSGPACK_OBJECT_EXT:
    default:
        fail_msg("a type that no body has: %d", (int)object->type);
        return NULL;
    }
}

/* Asserts that both say the same, in the same order, with the same types. */
static inline void assert_equal_trees(const msgpack_sbuffer *json, const msgpack_sbuffer *msgpack)
{
    json_error_t error;
    json_t *expected = json_loadb(json->data, json->size, JSON_ALLOW_NUL, &error);
    if (!expected)
        fail_msg("%s in %.*s", error.text, (int)json->size, json->data);
    assert_true(wire_well_formed(msgpack->data, msgpack->size));
    msgpack_zone zone;
    assert_true(msgpack_zone_init(&zone, 4096));
    msgpack_object object;
    assert_int_equal(msgpack_unpack(msgpack->data, msgpack->size, NULL, &zone, &object),
                     MSGPACK_UNPACK_SUCCESS);
    json_t *tree = tree_of(&object);
    msgpack_zone_destroy(&zone);
    char *expected_text = json_dumps(expected, 0);
    char *text = json_dumps(tree, 0);
    assert_string_equal(text, expected_text);
    free(text);
    free(expected_text);
    json_decref(tree);
    json_decref(expected);
}

#endif
