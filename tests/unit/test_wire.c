/* The codec by itself, on a message of its own that has every type of member. */
#include <math.h>

#include <healthd/wire.h>

#include "tests/unit/bytes.h"

typedef struct {
    char *label;
} leaf_t;

extern const wire_schema_t leaf_schema;

typedef struct {
    char *name;
    bool is_on;
    int64_t i;
    uint64_t u;
    double f;
    int level;
    char *note;
    leaf_t *leaf;
    leaf_t *leaves;
    size_t n_leaves;
} tree_t;

WIRE_MESSAGE(tree)

static const wire_field_t leaf_fields[] = {
    WIRE_STR_ROW(leaf_t, label, true, 4),
};
const wire_schema_t leaf_schema = WIRE_SCHEMA(leaf);

static const wire_field_t tree_fields[] = {
    WIRE_STR_ROW(tree_t, name, true, 8),
    WIRE_BOOL_ROW(tree_t, is_on, false),
    WIRE_I64_ROW(tree_t, i, false),
    WIRE_U64_ROW(tree_t, u, false),
    WIRE_F64_ROW(tree_t, f, false),
    WIRE_ENUM_ROW(tree_t, level, false, 3),
    WIRE_STR_ROW(tree_t, note, false, 8),
    WIRE_MAP_ROW(tree_t, leaf, leaf, false),
    WIRE_LIST_ROW(tree_t, leaves, leaf, false, 2),
};
const wire_schema_t tree_schema = WIRE_SCHEMA(tree);

/* A tree of its name and one more pair. */
#define WITH "82 a4'name' a1'x' "

/* --- the walker --- */

static void well_formed_values_are_taken(void **state)
{
    (void)state;
    static const char *const values[] = {
        "c0",
        "c3",
        "7f",
        "e0",
        "cc ff",
        "cd ff ff",
        "ce ff ff ff ff",
        "cf ff ff ff ff ff ff ff ff",
        "d0 ff",
        "d1 ff ff",
        "d2 ff ff ff ff",
        "d3 ff ff ff ff ff ff ff ff",
        "ca 00 00 00 00",
        "cb 00 00 00 00 00 00 00 00",
        "a0",
        "a2'ab'",
        "d9 01'a'",
        "da 00 01'a'",
        "db 00 00 00 01'a'",
        "c4 01 00",
        "c5 00 01 00",
        "c6 00 00 00 01 00",
        "c7 01 05 00",
        "c8 00 01 05 00",
        "c9 00 00 00 01 05 00",
        "d4 05 00",
        "d5 05 00 00",
        "d6 05 00 00 00 00",
        "d7 05 00 00 00 00 00 00 00 00",
        "d8 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
        "90",
        "92 c0 91 c0",
        "dc 00 01 c0",
        "dd 00 00 00 01 c0",
        "80",
        "81 c0 c0",
        "de 00 01 c0 c0",
        "df 00 00 00 01 c0 c0",
    };
    for (size_t row = 0; row < COUNT_OF(values); row++) {
        bytes_t bytes = bytes_of(values[row]);
        if (!wire_well_formed(bytes.at, bytes.len))
            fail_msg("row %zu is refused", row);
        for (size_t len = 0; len < bytes.len; len++)
            if (wire_well_formed(bytes.at, len))
                fail_msg("row %zu is taken when cut to %zu bytes", row, len);
    }
}

static void malformed_values_are_refused(void **state)
{
    (void)state;
    static const char *const values[] = {
        "",
        "c1",
        "c0 c0",          /* left over */
        "dd 04 00 00 00", /* 64 M items declared by five bytes */
        "dd ff ff ff ff c0",
        "df ff ff ff ff c0",
        "db ff ff ff ff'a'",
        "c6 ff ff ff ff'a'",
        "c9 ff ff ff ff 05'a'",
        "92 c0",
        "82 c0 c0 c0",
        "91 c1",
    };
    for (size_t row = 0; row < COUNT_OF(values); row++) {
        bytes_t bytes = bytes_of(values[row]);
        if (wire_well_formed(bytes.at, bytes.len))
            fail_msg("row %zu is taken", row);
    }
    assert_false(wire_well_formed(NULL, 0));
}

static void nesting_ends_at_32(void **state)
{
    (void)state;
    char bytes[34];
    memset(bytes, '\x91', sizeof bytes);
    bytes[32] = '\x90';
    assert_false(wire_well_formed(bytes, 33)); /* 33 arrays */
    bytes[31] = '\x90';
    assert_true(wire_well_formed(bytes, 32)); /* 32 arrays */

    memset(bytes, '\x91', sizeof bytes);
    bytes[32] = '\xc0';
    assert_true(wire_well_formed(bytes, 33)); /* 32 arrays around a nil */
    bytes[32] = '\x91';
    bytes[33] = '\xc0';
    assert_false(wire_well_formed(bytes, 34));
}

/* --- decode --- */

static void refusals_name_message_key_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *from, *message, *key, *reason;
    } rows[] = {
        {"", "tree", "", "not one well-formed msgpack value"},
        {"81 a4'name' a1'x' c0", "tree", "", "not one well-formed msgpack value"},
        {"dd 04 00 00 00", "tree", "", "not one well-formed msgpack value"},
        {"90", "tree", "", "not a map"},
        {"80", "tree", "name", "missing"},
        {"81 01 02", "tree", "", "a key is not text"},
        {"81 a4'name' c0", "tree", "name", "not text"},
        {"81 a4'name' c4 01'x'", "tree", "name", "not text"},
        {"81 a4'name' a9'123456789'", "tree", "name", "too long"},
        {"81 a4'name' a2'a' 00", "tree", "name", "not UTF-8 without NUL"},
        {"81 a4'name' a1 ff", "tree", "name", "not UTF-8 without NUL"},
        {"81 a4'name' a2 c0 80", "tree", "name", "not UTF-8 without NUL"},
        {"81 a4'name' a3 ed a0 80", "tree", "name", "not UTF-8 without NUL"},
        {"81 a4'name' a3 e0 9f bf", "tree", "name", "not UTF-8 without NUL"},
        {"81 a4'name' a4 f0 8f bf bf", "tree", "name", "not UTF-8 without NUL"},
        {"81 a4'name' a4 f4 90 80 80", "tree", "name", "not UTF-8 without NUL"},
        {"81 a4'name' a2 e2 82", "tree", "name", "not UTF-8 without NUL"},
        {"81 a4'name' a3 e2 82'a'", "tree", "name", "not UTF-8 without NUL"},
        {WITH "a4'name' a1'y'", "tree", "name", "doubled"},
        {WITH "a5'is_on' 01", "tree", "is_on", "not a boolean"},
        {WITH "a5'is_on' c0", "tree", "is_on", "not a boolean"},
        {WITH "a1'i' cb 3f f0 00 00 00 00 00 00", "tree", "i", "not an integer"},
        {WITH "a1'i' a1'1'", "tree", "i", "not an integer"},
        {WITH "a1'i' cf 80 00 00 00 00 00 00 00", "tree", "i", "out of range"},
        {WITH "a1'u' ff", "tree", "u", "negative"},
        {WITH "a1'u' d3 80 00 00 00 00 00 00 00", "tree", "u", "negative"},
        {WITH "a1'u' c3", "tree", "u", "not an integer"},
        {WITH "a1'f' 01", "tree", "f", "not a float"},
        {WITH "a1'f' cb 7f f0 00 00 00 00 00 00", "tree", "f", "not finite"},
        {WITH "a1'f' cb 7f f8 00 00 00 00 00 00", "tree", "f", "not finite"},
        {WITH "a1'f' ca ff 80 00 00", "tree", "f", "not finite"},
        {WITH "a5'level' 03", "tree", "level", "out of range"},
        {WITH "a5'level' ff", "tree", "level", "out of range"},
        {WITH "a5'level' cf 00 00 00 01 00 00 00 00", "tree", "level", "out of range"},
        {WITH "a5'level' a2'OK'", "tree", "level", "not an integer"},
        {WITH "a4'note' c0", "tree", "note", "not text"},
        {WITH "a4'leaf' c0", "leaf", "", "not a map"},
        {WITH "a4'leaf' 80", "leaf", "label", "missing"},
        {WITH "a4'leaf' 81 a5'label' a5'12345'", "leaf", "label", "too long"},
        {WITH "a6'leaves' 80", "tree", "leaves", "not a list"},
        {WITH "a6'leaves' 93 c0 c0 c0", "tree", "leaves", "too many items"},
        {WITH "a6'leaves' 92 81 a5'label' a1'a' 80", "leaf", "label", "missing"},
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        bytes_t bytes = bytes_of(rows[row].from);
        tree_t *tree = NULL;
        wire_error_t error = {.message = ""};
        if (!tree_decode(bytes.at, bytes.len, &tree, &error))
            fail_msg("row %zu is taken", row);
        assert_null(tree);
        if (strcmp(error.message, rows[row].message) || strcmp(error.key, rows[row].key) ||
            strcmp(error.reason, rows[row].reason))
            fail_msg("row %zu: %s, %s, %s", row, error.message, error.key, error.reason);
    }
}

static void more_than_64_mib_is_refused_unread(void **state)
{
    (void)state;
    tree_t *tree = NULL;
    wire_error_t error;
    assert_int_equal(tree_decode("", (size_t)WIRE_MAX_BYTES + 1, &tree, &error), -1);
    assert_string_equal(error.reason, "too long");
}

static tree_t *decoded(const char *notation)
{
    bytes_t bytes = bytes_of(notation);
    tree_t *tree = NULL;
    wire_error_t error = {.message = ""};
    if (tree_decode(bytes.at, bytes.len, &tree, &error))
        fail_msg("refused: %s, %s, %s", error.message, error.key, error.reason);
    return tree;
}

static void absent_members_are_none(void **state)
{
    (void)state;
    tree_t *tree = decoded("81 a4'name' a0");
    assert_string_equal(tree->name, "");
    assert_false(tree->is_on);
    assert_int_equal(tree->i, 0);
    assert_int_equal(tree->u, 0);
    assert_true(isnan(tree->f));
    assert_int_equal(tree->level, 0);
    assert_null(tree->note);
    assert_null(tree->leaf);
    assert_null(tree->leaves);
    assert_int_equal(tree->n_leaves, 0);
    tree_destroy(&tree);
    assert_null(tree);
    tree_destroy(&tree); /* takes NULL */
}

static void unknown_keys_are_skipped_with_all_they_hold(void **state)
{
    (void)state;
    tree_t *tree = decoded("85 a3'new' 82 01 92 c0 c3 a1'a' c7 01 05 00 a4'name' a1'x' "
                           "a0 90 "        /* a key of no bytes */
                           "a3'nam' a1 ff" /* the begin of a known one */
                           "a5'names' d9 00");
    assert_string_equal(tree->name, "x");
    tree_destroy(&tree);
}

static void every_width_of_a_number_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        int64_t expected;
    } rows[] = {
        {WITH "a1'i' 00", 0},
        {WITH "a1'i' 7f", 127},
        {WITH "a1'i' e0", -32},
        {WITH "a1'i' ff", -1},
        {WITH "a1'i' cc ff", 255},
        {WITH "a1'i' cd ff ff", 65535},
        {WITH "a1'i' ce ff ff ff ff", 4294967295},
        {WITH "a1'i' cf 7f ff ff ff ff ff ff ff", INT64_MAX},
        {WITH "a1'i' d0 80", -128},
        {WITH "a1'i' d0 7f", 127},
        {WITH "a1'i' d1 80 00", -32768},
        {WITH "a1'i' d2 80 00 00 00", INT32_MIN},
        {WITH "a1'i' d3 80 00 00 00 00 00 00 00", INT64_MIN},
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        tree_t *tree = decoded(rows[row].from);
        if (tree->i != rows[row].expected)
            fail_msg("row %zu: %lld", row, (long long)tree->i);
        tree_destroy(&tree);
    }
    tree_t *tree = decoded(WITH "a1'f' ca 3f c0 00 00");
    assert_true(tree->f == 1.5);
    tree_destroy(&tree);
    tree = decoded(WITH "a1'u' cf ff ff ff ff ff ff ff ff");
    assert_true(tree->u == UINT64_MAX);
    tree_destroy(&tree);
    tree = decoded(WITH "a1'u' d1 01 00"); /* a signed form, not negative */
    assert_true(tree->u == 256);
    tree_destroy(&tree);
}

static void limits_are_the_last_value_that_is_taken(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "81 a4'name' a8'12345678'",
        "81 a4'name' a8 f0 9f 9a 80 f4 8f bf bf", /* 2 characters, 8 bytes */
        WITH "a5'level' 02",
        WITH "a6'leaves' 92 81 a5'label' a4'abcd' 81 a5'label' a0",
        WITH "a6'leaves' 90",
        WITH "a1'f' c0",
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        tree_t *tree = decoded(rows[row]);
        assert_non_null(tree);
        tree_destroy(&tree);
    }
}

/* --- encode, copy, clear --- */

static char text_x[] = "x", text_n[] = "n", text_a[] = "a", text_b[] = "b", text_c[] = "c";
static leaf_t leaf_a = {.label = text_a};
static leaf_t two_leaves[] = {{.label = text_b}, {.label = text_c}};
static const tree_t full_tree = {
    .name = text_x,
    .is_on = true,
    .i = -2,
    .u = 300,
    .f = 0.5,
    .level = 2,
    .note = text_n,
    .leaf = &leaf_a,
    .leaves = two_leaves,
    .n_leaves = 2,
};

static const char full_notation[] =
    "89 a4'name' a1'x' a5'is_on' c3 a1'i' fe a1'u' cd 01 2c a1'f' cb 3f e0 00 00 00 00 00 00 "
    "a5'level' 02 a4'note' a1'n' a4'leaf' 81 a5'label' a1'a' a6'leaves' 92 81 a5'label' a1'b' 81 "
    "a5'label' a1'c'";

static void assert_full(const tree_t *tree)
{
    assert_string_equal(tree->name, "x");
    assert_true(tree->is_on);
    assert_int_equal(tree->i, -2);
    assert_int_equal(tree->u, 300);
    assert_true(tree->f == 0.5);
    assert_int_equal(tree->level, 2);
    assert_string_equal(tree->note, "n");
    assert_string_equal(tree->leaf->label, "a");
    assert_int_equal(tree->n_leaves, 2);
    assert_string_equal(tree->leaves[0].label, "b");
    assert_string_equal(tree->leaves[1].label, "c");
}

static void a_tree_has_these_bytes(void **state)
{
    (void)state;
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    assert_int_equal(tree_encode(&full_tree, &out), 0);
    bytes_t full = bytes_of(full_notation);
    assert_int_equal(out.size, full.len);
    assert_memory_equal(out.data, full.at, full.len);

    /* Appended after what is there; the optional ones that are none are left out. */
    tree_t bare = {.name = text_x, .f = (double)INFINITY};
    assert_int_equal(tree_encode(&bare, &out), 0);
    bytes_t expected =
        bytes_of("86 a4'name' a1'x' a5'is_on' c2 a1'i' 00 a1'u' 00 a1'f' c0 a5'level' 00");
    assert_int_equal(out.size, full.len + expected.len);
    assert_memory_equal(out.data + full.len, expected.at, expected.len);
    msgpack_sbuffer_destroy(&out);
}

static void every_cut_of_a_message_is_refused(void **state)
{
    (void)state;
    bytes_t full = bytes_of(full_notation);
    for (size_t len = 1; len < full.len; len++) {
        char *exact = malloc(len); /* so that a sanitizer sees a read past the end */
        assert_non_null(exact);
        memcpy(exact, full.at, len);
        tree_t *tree = NULL;
        wire_error_t error;
        assert_int_equal(tree_decode(exact, len, &tree, &error), -1);
        free(exact);
    }
}

static void a_copy_shares_nothing(void **state)
{
    (void)state;
    tree_t *source = decoded(full_notation);
    tree_t copy = {.name = NULL};
    assert_int_equal(tree_copy(source, &copy), 0);
    assert_ptr_not_equal(copy.name, source->name);
    assert_ptr_not_equal(copy.leaf, source->leaf);
    assert_ptr_not_equal(copy.leaves, source->leaves);
    tree_destroy(&source);
    assert_full(&copy);
    tree_clear(&copy);
    assert_null(copy.name);
    assert_null(copy.leaves);
    assert_int_equal(copy.n_leaves, 0);
    tree_clear(&copy); /* a cleared one can be cleared again */

    tree_t bare = {.name = text_x, .f = 1};
    assert_int_equal(tree_copy(&bare, &copy), 0);
    assert_string_equal(copy.name, "x");
    assert_null(copy.note);
    assert_null(copy.leaf);
    tree_clear(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_values_are_taken),
        cmocka_unit_test(malformed_values_are_refused),
        cmocka_unit_test(nesting_ends_at_32),
        cmocka_unit_test(refusals_name_message_key_and_reason),
        cmocka_unit_test(more_than_64_mib_is_refused_unread),
        cmocka_unit_test(absent_members_are_none),
        cmocka_unit_test(unknown_keys_are_skipped_with_all_they_hold),
        cmocka_unit_test(every_width_of_a_number_is_taken),
        cmocka_unit_test(limits_are_the_last_value_that_is_taken),
        cmocka_unit_test(a_tree_has_these_bytes),
        cmocka_unit_test(every_cut_of_a_message_is_refused),
        cmocka_unit_test(a_copy_shares_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
