/*
 * What is wrong or foolish in configuration files, with its place; all faults of one run are
 * gathered, then told in the order of the text as a compiler tells them: one line, the source line
 * and a caret. Pure.
 */
#ifndef HEALTHD_CORE_CONFIG_FAULT_H
#define HEALTHD_CORE_CONFIG_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

/* Faults that are kept; further ones are counted. */
#define CONFIG_FAULTS_MAX 100
/* Characters of a source line that are shown, at most. */
#define CONFIG_SHOWN_MAX 160

/* Where something stands: lines and columns from 1, columns and lengths in characters. LINE 0: the
 * file as a whole. LENGTH 0: the source line is not to be shown. */
typedef struct {
    uint32_t file;
    uint32_t line;
    uint32_t column;
    uint32_t length;
} config_place_t;

/* The same place, whose source line is not shown: it may hold a secret. */
static inline config_place_t config_hidden_place(config_place_t place)
{
    place.length = 0;
    return place;
}

/* A file as it was read. */
typedef struct {
    char *name; /* as it is shown */
    char *text; /* NUL-terminated; may be NULL */
    size_t n_text;
} config_source_t;

typedef struct {
    config_place_t place;
    bool is_warning;
    char *text;
} config_fault_t;

/* Zero it to begin. */
typedef struct {
    config_fault_t kept[CONFIG_FAULTS_MAX];
    size_t n_kept;
    size_t n_faults;   /* all of them, warnings not */
    size_t n_warnings; /* all of them */
    size_t n_left_out;
    bool is_out_of_memory;
} config_faults_t;

/* Adds a fault. */
void config_fault(config_faults_t *faults, config_place_t place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds what is legal and foolish. */
void config_warn(config_faults_t *faults, config_place_t place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends everything to TEXT, sorted by place. SOURCES (borrows) are indexed by the places' file.
 * Passwords in URLs of source lines are shown as stars. */
void config_faults_print(config_faults_t *faults, const config_source_t *sources, text_t *text);

void config_faults_clear(config_faults_t *faults);

/*
 * N bytes of VALUE as they may be shown, cut to SIZE - 1 bytes: what stands before the last '@'
 * could hold a password, however the URL is malformed, and is hidden but for the scheme; what is
 * not printable becomes '?'.
 */
void config_show_value(const char *value, char *shown, size_t size);

#endif
