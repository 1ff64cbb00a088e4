/* The way to a value inside a JSON text: `.queue.items[0]["odd key"]`. Pure. */
#ifndef HEALTHD_CORE_JSON_PATH_H
#define HEALTHD_CORE_JSON_PATH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/scalar.h"

/* Steps of a path, at most: no deeper value is read (JSON_TEXT_MAX_DEPTH). */
#define JSON_PATH_MAX_STEPS 24
/* The largest index, and by how much a negative one may count from the end. */
#define JSON_PATH_MAX_INDEX 1000000

/* Immutable once made. */
typedef struct json_path json_path_t;

/*
 * Reads the steps at the start of TEXT (N bytes of UTF-8, borrows), which end where neither `.` nor
 * `[` follows: `.name` (letters, digits, _ and -), `["any key"]`, `[0]`, `[-1]` for the last one.
 * Gives *RET, to be ended with json_path_destroy, and the bytes read; NULL and 0 where there is no
 * step. 0; or -1 with *RETERR, whose `expected` is NULL where memory ran out.
 */
int json_path_parse(const char *text, size_t n, json_path_t **ret, size_t *ret_used,
                    scalar_error_t *reterr);

/* The value that PATH leads to inside ROOT, which owns it; NULL where there is none. ROOT may be
 * NULL, and so may PATH: then it is ROOT. No allocation. */
const json_t *json_path_find(const json_path_t *path, const json_t *root);

void json_path_destroy(json_path_t **path);

/*
 * The JSON value that the bytes of a body are, by the rules of json_text_of_body: bytes that are
 * not UTF-8 become U+FFFD, at most JSON_TEXT_BODY_MAX_BYTES and JSON_TEXT_MAX_DEPTH; but a key with
 * \u0000 makes it no JSON here. Gives *RET, a
 * reference for json_decref; NULL where the body is not JSON. 0, or -1 where memory ran out.
 */
int json_path_load_body(const char *body, size_t n, json_t **ret);

/* Whether jansson, which gave ERROR instead of a value, lacked memory: it mostly does not say so.
 */
bool json_path_is_memory_fault(const json_error_t *error);

#endif
