/* The tree of a configuration file: where values go, and its bounds. */
#include <stdio.h>
#include <string.h>

#include "core/config_node.h"
#include "tests/test.h"

typedef struct {
    config_tree_t *tree;
    config_faults_t faults;
    size_t n_nodes;
    uint32_t line; /* of the next event */
} written_t;

static void begin_file(written_t *self)
{
    *self = (written_t){.n_nodes = self->n_nodes};
    self->tree = config_tree_new(0, &self->n_nodes, &self->faults);
    assert_non_null(self->tree);
}

static void end_file(written_t *self)
{
    config_tree_destroy(&self->tree);
    config_faults_clear(&self->faults);
}

static config_event_t event_of(written_t *self, const char *anchor)
{
    return (config_event_t){.place = {.line = ++self->line, .column = 1},
                            .anchor = anchor,
                            .n_anchor = anchor ? strlen(anchor) : 0};
}

static int say(written_t *self, const char *text)
{
    const config_event_t event = event_of(self, NULL);
    return config_tree_scalar(self->tree, &event, text, strlen(text), false);
}

static int open_up(written_t *self, config_node_kind_t kind, const char *anchor)
{
    const config_event_t event = event_of(self, anchor);
    return config_tree_begin(self->tree, &event, kind);
}

static int follow(written_t *self, const char *anchor)
{
    const config_event_t event = event_of(self, anchor);
    return config_tree_alias(self->tree, &event);
}

static void assert_fault(written_t *self, const char *text)
{
    assert_int_equal(self->faults.n_kept, 1);
    assert_string_equal(self->faults.kept[0].text, text);
}

static void one_text_is_a_tree(void **state)
{
    (void)state;
    written_t file = {.n_nodes = 0};
    begin_file(&file);
    assert_null(config_tree_root(file.tree));
    assert_int_equal(say(&file, "alone"), 0);
    assert_string_equal(config_tree_root(file.tree)->text, "alone");
    assert_null(config_node_at(config_tree_root(file.tree), "alone"));
    end_file(&file);
    config_tree_destroy(&file.tree); /* takes none */
}

static void the_last_anchor_of_a_name_counts(void **state)
{
    (void)state;
    written_t file = {.n_nodes = 0};
    begin_file(&file);
    assert_int_equal(open_up(&file, NODE_LIST, NULL), 0);
    static const char *const names[] = {"a", "ab", "a", "b"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const config_event_t event = event_of(&file, names[i]);
        const char digit[] = {(char)('0' + (char)i), '\0'};
        assert_int_equal(config_tree_scalar(file.tree, &event, digit, 1, false), 0);
    }
    assert_int_equal(follow(&file, "a"), 0);
    assert_int_equal(follow(&file, "ab"), 0);
    assert_int_equal(config_tree_end(file.tree), 0);
    const config_node_t *list = config_tree_root(file.tree);
    assert_int_equal(list->n, 6);
    assert_string_equal(list->items[4]->text, "2");
    assert_string_equal(list->items[5]->text, "1");
    end_file(&file);
}

static void an_unknown_alias_is_told_in_part(void **state)
{
    (void)state;
    written_t file = {.n_nodes = 0};
    begin_file(&file);
    char name[80];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(follow(&file, name), -1);
    char expected[160];
    (void)snprintf(expected, sizeof expected, "no anchor \"&%.64s\" stands before this alias",
                   name);
    assert_fault(&file, expected);
    end_file(&file);
}

static void a_nul_is_no_text(void **state)
{
    (void)state;
    written_t file = {.n_nodes = 0};
    begin_file(&file);
    const config_event_t event = event_of(&file, NULL);
    assert_int_equal(config_tree_scalar(file.tree, &event, "a\0b", 3, true), -1);
    assert_fault(&file, "a NUL character cannot stand in a value");
    end_file(&file);
}

static void a_key_is_a_word(void **state)
{
    (void)state;
    written_t file = {.n_nodes = 0};
    begin_file(&file);
    assert_int_equal(open_up(&file, NODE_MAP, NULL), 0);
    assert_int_equal(say(&file, "a"), 0);
    assert_int_equal(open_up(&file, NODE_LIST, "list"), 0);
    assert_int_equal(config_tree_end(file.tree), 0);
    assert_int_equal(follow(&file, "list"), -1); /* in place of a key */
    assert_fault(&file, "a key must be a plain word");
    end_file(&file);
}

/* A map of N keys; 0, or -1 where one of them was refused. */
static int write_map(written_t *file, size_t n, const char *prefix, const char *anchor)
{
    char key[16];
    if (open_up(file, NODE_MAP, anchor))
        return -1;
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(key, sizeof key, "%s%zu", prefix, i);
        if (say(file, key) || say(file, "1"))
            return -1;
    }
    return 0;
}

static void a_map_has_so_many_keys(void **state)
{
    (void)state;
    written_t file = {.n_nodes = 0};
    begin_file(&file);
    assert_int_equal(write_map(&file, CONFIG_KEYS_MAX, "k", NULL), 0);
    assert_int_equal(say(&file, "more"), 0);
    assert_int_equal(say(&file, "1"), -1);
    assert_fault(&file, "more than 256 keys in one map");
    end_file(&file);
}

static void merged_keys_count_too(void **state)
{
    (void)state;
    for (size_t n_own = 55; n_own <= 57; n_own++) {
        written_t file = {.n_nodes = 0};
        begin_file(&file);
        assert_int_equal(open_up(&file, NODE_MAP, NULL), 0);
        assert_int_equal(say(&file, "base"), 0);
        assert_int_equal(write_map(&file, 200, "b", "base"), 0);
        assert_int_equal(config_tree_end(file.tree), 0);
        assert_int_equal(say(&file, "more"), 0);
        assert_int_equal(write_map(&file, n_own, "m", NULL), 0);
        assert_int_equal(say(&file, "<<") || follow(&file, "base"), 0);
        assert_int_equal(config_tree_end(file.tree), n_own + 200 > CONFIG_KEYS_MAX ? -1 : 0);
        if (n_own + 200 > CONFIG_KEYS_MAX)
            assert_fault(&file, "more than 256 keys in one map");
        end_file(&file);
    }
}

static void aliases_count_for_the_depth(void **state)
{
    (void)state;
    written_t file = {.n_nodes = 0};
    begin_file(&file);
    assert_int_equal(open_up(&file, NODE_LIST, NULL), 0);
    assert_int_equal(open_up(&file, NODE_LIST, "deep"), 0);
    for (size_t i = 0; i < CONFIG_DEPTH_MAX - 2; i++)
        assert_int_equal(open_up(&file, NODE_LIST, NULL), 0);
    assert_int_equal(open_up(&file, NODE_LIST, NULL), -1);
    assert_fault(&file, "more than 32 lists and maps inside each other");
    for (size_t i = 0; i < CONFIG_DEPTH_MAX - 1; i++)
        assert_int_equal(config_tree_end(file.tree), 0);
    assert_int_equal(open_up(&file, NODE_LIST, NULL), 0);
    assert_int_equal(follow(&file, "deep"), 0); /* one too many for the list around */
    assert_int_equal(config_tree_end(file.tree), -1);
    assert_int_equal(file.faults.n_kept, 2); /* the same words, of another place */
    assert_string_equal(file.faults.kept[1].text, file.faults.kept[0].text);
    end_file(&file);
}

static void a_file_has_so_many_anchors(void **state)
{
    (void)state;
    written_t file = {.n_nodes = 0};
    begin_file(&file);
    assert_int_equal(open_up(&file, NODE_LIST, NULL), 0);
    for (size_t i = 0; i <= CONFIG_ANCHORS_MAX; i++) {
        const config_event_t event = event_of(&file, "a");
        assert_int_equal(config_tree_scalar(file.tree, &event, "1", 1, false),
                         i == CONFIG_ANCHORS_MAX ? -1 : 0);
    }
    assert_fault(&file, "more than 1000 anchors");
    end_file(&file);
}

static void all_files_have_so_many_values(void **state)
{
    (void)state;
    written_t file = {.n_nodes = CONFIG_NODES_MAX - 1};
    begin_file(&file);
    assert_int_equal(open_up(&file, NODE_LIST, NULL), 0);
    assert_int_equal(say(&file, "1"), -1);
    assert_fault(&file, "more than 200000 values; that is too large");
    end_file(&file);
    file.n_nodes = CONFIG_NODES_MAX; /* of files before */
    begin_file(&file);
    assert_int_equal(open_up(&file, NODE_MAP, NULL), -1);
    end_file(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_text_is_a_tree),
        cmocka_unit_test(the_last_anchor_of_a_name_counts),
        cmocka_unit_test(an_unknown_alias_is_told_in_part),
        cmocka_unit_test(a_nul_is_no_text),
        cmocka_unit_test(a_key_is_a_word),
        cmocka_unit_test(a_map_has_so_many_keys),
        cmocka_unit_test(merged_keys_count_too),
        cmocka_unit_test(aliases_count_for_the_depth),
        cmocka_unit_test(a_file_has_so_many_anchors),
        cmocka_unit_test(all_files_have_so_many_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
