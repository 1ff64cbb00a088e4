/*
 * What a configuration file says, before anyone knows what it means: a tree of scalars, lists and
 * maps, each with its place. It is filled by events in the order of the text, follows aliases and
 * merge keys itself, and refuses what would grow beyond its bounds. Pure.
 */
#ifndef HEALTHD_CORE_CONFIG_NODE_H
#define HEALTHD_CORE_CONFIG_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config_fault.h"

/* Lists and maps inside each other, at most, aliases followed. */
#define CONFIG_DEPTH_MAX 32
/* Nodes of all files together, and of one with its aliases followed, at most. */
#define CONFIG_NODES_MAX ((size_t)200000)
/* Keys of one map, at most. */
#define CONFIG_KEYS_MAX 256
/* Anchors of one file, at most. */
#define CONFIG_ANCHORS_MAX 1000

typedef enum { NODE_SCALAR, NODE_LIST, NODE_MAP } config_node_kind_t;

typedef struct config_node config_node_t;
struct config_node {
    config_node_kind_t kind;
    config_place_t place;
    bool is_quoted;           /* scalar: written in quotes or as a block */
    char *text;               /* scalar: what it says, NUL-terminated; owned by the tree */
    size_t n_text;            /* bytes of it */
    size_t n;                 /* items of a list, pairs of a map */
    config_node_t **items;    /* n of a list; 2 n of a map: key, value, key, value */
    size_t capacity;          /* of items */
    size_t weight;            /* nodes in it with its aliases followed */
    unsigned height;          /* lists and maps on the longest way down */
    bool is_open;             /* its end has not come yet */
    config_node_t *next_made; /* list of everything that the tree owns */
};

typedef struct config_tree config_tree_t;

/* A tree of file FILE (an index that places carry). FAULTS (borrows) gets what is refused. N_NODES
 * counts over all trees; borrowed. NULL: out of memory. */
config_tree_t *config_tree_new(size_t file, size_t *n_nodes, config_faults_t *faults);
void config_tree_destroy(config_tree_t **tree);

/* What the text says next. ANCHOR is NULL or a name of N_ANCHOR bytes. Each 0, or -1 with a fault
 * told: the tree is then of no use. */
typedef struct {
    config_place_t place;
    const char *anchor;
    size_t n_anchor;
} config_event_t;

int config_tree_scalar(config_tree_t *tree, const config_event_t *event, const char *text, size_t n,
                       bool is_quoted);
int config_tree_begin(config_tree_t *tree, const config_event_t *event, config_node_kind_t kind);
int config_tree_end(config_tree_t *tree);
int config_tree_alias(config_tree_t *tree, const config_event_t *event);

/* The whole; NULL where the text held nothing. Owned by the tree. */
const config_node_t *config_tree_root(const config_tree_t *tree);

/* Value at KEY of a map, or NULL. */
const config_node_t *config_node_at(const config_node_t *map, const char *key);

#endif
