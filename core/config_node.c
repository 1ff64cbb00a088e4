#include "core/config_node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A list or map whose end has not come, and the key that waits for its value. */
typedef struct {
    config_node_t *node;
    config_node_t *key;
} level_t;

typedef struct {
    char *name;
    size_t n_name;
    config_node_t *node;
} anchor_t;

struct config_tree {
    uint32_t file;
    size_t *n_nodes;
    config_faults_t *faults;
    config_node_t *made; /* every node */
    config_node_t *root;
    level_t levels[CONFIG_DEPTH_MAX];
    size_t n_levels;
    anchor_t anchors[CONFIG_ANCHORS_MAX];
    size_t n_anchors;
};

static int out_of_memory(config_tree_t *tree)
{
    tree->faults->is_out_of_memory = true;
    tree->faults->n_faults++;
    return -1;
}

/* --- nodes --- */

static config_node_t *make_node(config_tree_t *tree, const config_event_t *event,
                                config_node_kind_t kind)
{
    if (++*tree->n_nodes > CONFIG_NODES_MAX) {
        config_fault(tree->faults, event->place, "more than %zu values; that is too large",
                     CONFIG_NODES_MAX);
        return NULL;
    }
    config_node_t *node = calloc(1, sizeof *node);
    if (!node) {
        (void)out_of_memory(tree);
        return NULL;
    }
    node->kind = kind;
    node->place = event->place;
    node->place.file = tree->file;
    node->weight = 1;
    node->height = kind == NODE_SCALAR ? 0 : 1;
    node->is_open = kind != NODE_SCALAR;
    node->next_made = tree->made;
    tree->made = node;
    return node;
}

static int add_item(config_tree_t *tree, config_node_t *parent, config_node_t *item)
{
    size_t n = parent->kind == NODE_MAP ? 2 * parent->n : parent->n;
    if (n + 2 > parent->capacity) {
        size_t capacity = parent->capacity ? 2 * parent->capacity : 4;
        config_node_t **items = realloc(parent->items, capacity * sizeof(config_node_t *));
        if (!items)
            return out_of_memory(tree);
        parent->items = items;
        parent->capacity = capacity;
    }
    parent->items[n] = item;
    return 0;
}

/* Counts what CHILD, which is complete, adds to PARENT. */
static int weigh(config_tree_t *tree, config_node_t *parent, const config_node_t *child,
                 config_place_t place)
{
    parent->weight += child->weight;
    if (child->height + 1 > parent->height)
        parent->height = child->height + 1;
    if (parent->weight > CONFIG_NODES_MAX) {
        config_fault(tree->faults, place, "this grows beyond %zu values when aliases are followed",
                     CONFIG_NODES_MAX);
        return -1;
    }
    if (parent->height > CONFIG_DEPTH_MAX) {
        config_fault(tree->faults, place, "more than %d lists and maps inside each other",
                     CONFIG_DEPTH_MAX);
        return -1;
    }
    return 0;
}

static bool is_merge_key(const config_node_t *key)
{
    return !key->is_quoted && strcmp(key->text, "<<") == 0;
}

/* Puts NODE where the text is: the root, an item, a key or the value of one. */
static int place_node(config_tree_t *tree, config_node_t *node)
{
    if (tree->n_levels == 0) {
        tree->root = node;
        return 0;
    }
    level_t *level = &tree->levels[tree->n_levels - 1];
    config_node_t *parent = level->node;
    if (parent->kind == NODE_LIST) {
        if (add_item(tree, parent, node))
            return -1;
        parent->n++;
        return 0;
    }
    if (!level->key) {
        if (node->kind != NODE_SCALAR) {
            config_fault(tree->faults, node->place, "a key must be a plain word");
            return -1;
        }
        level->key = node;
        return 0;
    }
    if (parent->n == CONFIG_KEYS_MAX) {
        config_fault(tree->faults, level->key->place, "more than %d keys in one map",
                     CONFIG_KEYS_MAX);
        return -1;
    }
    if (add_item(tree, parent, level->key))
        return -1;
    parent->items[2 * parent->n + 1] = node;
    parent->n++;
    level->key = NULL;
    return 0;
}

/* Index of KEY among the first N pairs of MAP, or N. */
static size_t find_key(const config_node_t *map, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(map->items[2 * i]->text, key) == 0)
            return i;
    }
    return n;
}

/* A key that was written twice. */
static void check_doubled(config_tree_t *tree, const config_node_t *map)
{
    for (size_t i = 1; i < map->n; i++) {
        const config_node_t *key = map->items[2 * i];
        size_t first = find_key(map, i, key->text);
        if (first < i)
            config_fault(tree->faults, key->place, "\"%.64s\" is here twice; first in line %u",
                         key->text, map->items[2 * first]->place.line);
    }
}

/* Adds the pairs of FROM whose keys MAP has not. */
static int merge_map(config_tree_t *tree, config_node_t *map, const config_node_t *from,
                     const config_node_t *key)
{
    assert(!from->is_open); /* an alias inside what it names was refused */
    if (from->kind != NODE_MAP) {
        config_fault(tree->faults, key->place, "\"<<\" takes a map or a list of maps");
        return -1;
    }
    for (size_t i = 0; i < from->n; i++) {
        if (find_key(map, map->n, from->items[2 * i]->text) < map->n)
            continue;
        if (map->n == CONFIG_KEYS_MAX) {
            config_fault(tree->faults, key->place, "more than %d keys in one map", CONFIG_KEYS_MAX);
            return -1;
        }
        if (add_item(tree, map, from->items[2 * i]))
            return -1;
        map->items[2 * map->n + 1] = from->items[2 * i + 1];
        map->n++;
    }
    return 0;
}

/* Replaces "<<" by the pairs that it stands for; earlier maps win over later ones. */
static int follow_merge_key(config_tree_t *tree, config_node_t *map)
{
    size_t at = 0;
    while (at < map->n && !is_merge_key(map->items[2 * at]))
        at++;
    if (at == map->n)
        return 0;
    const config_node_t *key = map->items[2 * at];
    const config_node_t *value = map->items[2 * at + 1];
    memmove(&map->items[2 * at], &map->items[2 * at + 2],
            2 * (map->n - at - 1) * sizeof(config_node_t *));
    map->n--;
    if (value->kind != NODE_LIST)
        return merge_map(tree, map, value, key);
    for (size_t i = 0; i < value->n; i++) {
        if (merge_map(tree, map, value->items[i], key))
            return -1;
    }
    return 0;
}

/* --- anchors --- */

static int note_anchor(config_tree_t *tree, const config_event_t *event, config_node_t *node)
{
    if (!event->anchor)
        return 0;
    if (tree->n_anchors == CONFIG_ANCHORS_MAX) {
        config_fault(tree->faults, event->place, "more than %d anchors", CONFIG_ANCHORS_MAX);
        return -1;
    }
    char *name = malloc(event->n_anchor + 1);
    if (!name)
        return out_of_memory(tree);
    memcpy(name, event->anchor, event->n_anchor);
    tree->anchors[tree->n_anchors++] =
        (anchor_t){.name = name, .n_name = event->n_anchor, .node = node};
    return 0;
}

static config_node_t *anchored(const config_tree_t *tree, const config_event_t *event)
{
    for (size_t i = tree->n_anchors; i > 0; i--) { /* the last one of a name counts */
        const anchor_t *anchor = &tree->anchors[i - 1];
        if (anchor->n_name == event->n_anchor &&
            memcmp(anchor->name, event->anchor, event->n_anchor) == 0)
            return anchor->node;
    }
    return NULL;
}

/* --- events --- */

int config_tree_scalar(config_tree_t *tree, const config_event_t *event, const char *text, size_t n,
                       bool is_quoted)
{
    config_node_t *node = make_node(tree, event, NODE_SCALAR);
    if (!node)
        return -1;
    node->text = malloc(n + 1);
    if (!node->text)
        return out_of_memory(tree);
    memcpy(node->text, text, n);
    node->text[n] = '\0';
    node->n_text = n;
    node->is_quoted = is_quoted;
    if (memchr(text, '\0', n)) {
        config_fault(tree->faults, node->place, "a NUL character cannot stand in a value");
        return -1;
    }
    if (note_anchor(tree, event, node) || place_node(tree, node))
        return -1;
    return tree->n_levels ? weigh(tree, tree->levels[tree->n_levels - 1].node, node, node->place)
                          : 0;
}

int config_tree_begin(config_tree_t *tree, const config_event_t *event, config_node_kind_t kind)
{
    if (tree->n_levels == CONFIG_DEPTH_MAX) {
        config_fault(tree->faults, event->place, "more than %d lists and maps inside each other",
                     CONFIG_DEPTH_MAX);
        return -1;
    }
    config_node_t *node = make_node(tree, event, kind);
    if (!node || note_anchor(tree, event, node) || place_node(tree, node))
        return -1;
    tree->levels[tree->n_levels++] = (level_t){.node = node};
    return 0;
}

int config_tree_end(config_tree_t *tree)
{
    assert(tree->n_levels > 0); /* the parser pairs begins and ends */
    config_node_t *node = tree->levels[--tree->n_levels].node;
    if (node->kind == NODE_MAP) {
        check_doubled(tree, node);
        if (follow_merge_key(tree, node))
            return -1;
    }
    node->is_open = false;
    return tree->n_levels ? weigh(tree, tree->levels[tree->n_levels - 1].node, node, node->place)
                          : 0;
}

int config_tree_alias(config_tree_t *tree, const config_event_t *event)
{
    config_node_t *node = anchored(tree, event);
    if (!node) {
        config_fault(tree->faults, event->place, "no anchor \"&%.*s\" stands before this alias",
                     (int)(event->n_anchor < 64 ? event->n_anchor : 64), event->anchor);
        return -1;
    }
    if (node->is_open) {
        config_fault(tree->faults, event->place, "the alias stands inside what it names");
        return -1;
    }
    if (place_node(tree, node))
        return -1;
    return tree->n_levels ? weigh(tree, tree->levels[tree->n_levels - 1].node, node, event->place)
                          : 0;
}

/* --- life and look-up --- */

config_tree_t *config_tree_new(size_t file, size_t *n_nodes, config_faults_t *faults)
{
    config_tree_t *tree = calloc(1, sizeof *tree);
    if (!tree)
        return NULL;
    tree->file = (uint32_t)file;
    tree->n_nodes = n_nodes;
    tree->faults = faults;
    return tree;
}

void config_tree_destroy(config_tree_t **tree_p)
{
    config_tree_t *tree = *tree_p;
    if (!tree)
        return;
    while (tree->made) {
        config_node_t *node = tree->made;
        tree->made = node->next_made;
        free(node->items);
        free(node->text);
        free(node);
    }
    for (size_t i = 0; i < tree->n_anchors; i++)
        free(tree->anchors[i].name);
    free(tree);
    *tree_p = NULL;
}

const config_node_t *config_tree_root(const config_tree_t *tree)
{
    return tree->root;
}

const config_node_t *config_node_at(const config_node_t *map, const char *key)
{
    if (map->kind != NODE_MAP)
        return NULL;
    size_t at = find_key(map, map->n, key);
    return at < map->n ? map->items[2 * at + 1] : NULL;
}
