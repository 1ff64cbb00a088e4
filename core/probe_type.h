/*
 * The types of probes, one row each: how its URLs read, what can be set for it, and how its results
 * begin. A type is core/probes/NAME.c (its row), actors/collectors/NAME.c (its actor) and its line
 * in the list below; docs/adding-a-probe.md goes through one.
 */
#ifndef HEALTHD_CORE_PROBE_TYPE_H
#define HEALTHD_CORE_PROBE_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/schema.h"
#include "core/text.h"

/* The row of a type: probe_http and the like. */
typedef struct probe_type_row probe_type_row_t;

/* The options of one target while they are read: core/probe_options.h. */
typedef struct probe_options probe_options_t;

struct probe_type_row {
    const char *name;           /* "http", on results, metrics and pages */
    const char *const *schemes; /* of its URLs, a NULL at the end */
    const char *url_form;       /* "an http:// or https:// URL" */
    bool is_pushed;             /* its results arrive by themselves: no order makes one */
    bool takes_tls;             /* the map `tls` counts for it */
    const char *error_prefix; /* of infrastructure without one of its own: "HTTP check failed: " */

    /* Whether URL, whose scheme is one of these, is whole. */
    bool (*is_url)(const char *url);

    /* What conditions can look at: a set of core/condition_values.h. */
    uint64_t values;

    /* Names that conditions may give to numbers of the answer (check_answer_t.values), of a target
     * with these SETTINGS, *RET_N of them; they live as long as those. NULL: none. */
    const char *const *(*names)(const void *settings, size_t *ret_n);

    /* The map of a target that has the type's name: its keys. */
    const schema_key_t *keys;
    size_t n_keys;

    /* Struct that the keys become (target_t.options), zeroed before READ fills it; faults are told.
     * CLEAR frees what READ made but the texts of probe_options; NULL: nothing. */
    size_t settings_bytes;
    void (*read)(const probe_options_t *options, void *settings);
    void (*clear)(void *settings);
};

#define PROBE_TYPE_ENUM(NAME, name)   PROBE_##NAME,
#define PROBE_TYPE_EXTERN(NAME, name) extern const probe_type_row_t probe_##name;

typedef enum {
    PROBE_TYPES(PROBE_TYPE_ENUM, PROBE_TYPE_ENUM) PROBE_PASSIVE, /* the emergency stop */
    PROBE_GROUP,                                                 /* it follows its members */
    PROBE_TYPE_COUNT
} probe_type_t;

PROBE_TYPES(PROBE_TYPE_EXTERN, PROBE_TYPE_EXTERN)

/* The row of TYPE. */
const probe_type_row_t *probe_type_row(probe_type_t type);

/* "http", "redis", "passive", "group". */
const char *probe_type_name(probe_type_t type);

/* Whether a collector makes the results of TYPE when they are due, or when an order says so. */
bool probe_type_is_probed(probe_type_t type);

/* The type whose schemes has that of URL; PROBE_TYPE_COUNT: none has. */
probe_type_t probe_type_of_url(const char *url);

/* Appends what a target's url may be: "a URL that begins with http:, https: ...". */
void probe_type_url_form(text_t *text);

#endif
