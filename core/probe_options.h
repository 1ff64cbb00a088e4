/*
 * The map of options of one target, merged from its layers (defaults, templates, the target), as
 * the row of its type reads it. KEY is a position in the row's keys.
 */
#ifndef HEALTHD_CORE_PROBE_OPTIONS_H
#define HEALTHD_CORE_PROBE_OPTIONS_H

#include "core/config_draft.h"
#include "core/probe_type.h"
#include "core/zone.h"

struct probe_options {
    draft_t *draft;
    const probe_type_row_t *row;
    const char *url;                        /* of the target */
    config_value_t values[SCHEMA_KEYS_MAX]; /* borrowed */
};

/* Whether any layer gives KEY. */
bool probe_option_is_given(const probe_options_t *options, size_t key);

/* Milliseconds, bytes, a count, a boolean, or the position of a choice. */
int64_t probe_option_number(const probe_options_t *options, size_t key);

/* A ratio or factor. */
double probe_option_real(const probe_options_t *options, size_t key);

/* The text, with {{variables}} replaced, which lives as long as the configuration; NULL: not given,
 * or with a fault told. */
const char *probe_option_text(const probe_options_t *options, size_t key);

/* Items of a list (0 where it is not given), and each of them likewise. */
size_t probe_option_n_texts(const probe_options_t *options, size_t key);
const char *probe_option_text_at(const probe_options_t *options, size_t key, size_t i);

/* The file that KEY names, by its whole path, likewise; one that cannot be found is told. */
const char *probe_option_file(const probe_options_t *options, size_t key);

/* Whether any layer gives the map `tls`. */
bool probe_option_has_tls(const probe_options_t *options);

/* The user of this machine that KEY names, whom healthd may become; else it is told. */
void probe_option_user(const probe_options_t *options, size_t key, local_user_t *ret);

/* The time zone that KEY names, for zone_destroy; NULL: UTC, or one that cannot be read, which is
 * told. */
zone_t *probe_option_zone(const probe_options_t *options, size_t key);

/* Whether the text of KEY stands in the file itself, and not in what ${...} names. */
bool probe_option_is_plain(const probe_options_t *options, size_t key);

/* Tells what is wrong with the value of KEY, or what is legal and foolish, at its place. */
void probe_option_fault(const probe_options_t *options, size_t key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void probe_option_warn(const probe_options_t *options, size_t key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of item I of a list. */
void probe_option_fault_at(const probe_options_t *options, size_t key, size_t i, const char *format,
                           ...) __attribute__((format(printf, 4, 5)));

/* Memory ran out. */
void probe_option_out_of_memory(const probe_options_t *options);

#endif
