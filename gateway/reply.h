/*
 * What a request is answered with: code, body, headers. Shared by all requests that get the same;
 * immutable once it is given to the first.
 */
#ifndef HEALTHD_GATEWAY_REPLY_H
#define HEALTHD_GATEWAY_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"
#include "proto/render.h"

/* Headers of one reply beyond those that every reply has. */
#define REPLY_HEADERS_MAX 2
/* Bytes of an entity tag without quotes and coding. */
#define REPLY_ETAG_BYTES 96
/* Bodies of more than the first and at most the second number of bytes are compressed on request:
 * below it gains nothing, above it would hold up other readers for too long. */
#define REPLY_GZIP_MIN_BYTES ((size_t)1024)
#define REPLY_GZIP_MAX_BYTES ((size_t)8 << 20)

#define CONTENT_TYPE_JSON       "application/json"
#define CONTENT_TYPE_PROBLEM    "application/problem+json"
#define CONTENT_TYPE_PROMETHEUS "text/plain; version=0.0.4; charset=utf-8"

typedef struct {
    const char *name; /* a constant */
    char *value;
} reply_header_t;

typedef struct {
    unsigned n_users;
    unsigned code;
    const char *content_type; /* a constant */
    char *body;
    size_t n_body;
    bool is_error; /* the body is an object that begins with "detail" */
    bool is_gzip_tried;
    char *gzip; /* the body compressed, made for the first reader who wants it; or NULL */
    size_t n_gzip;
    char etag[REPLY_ETAG_BYTES]; /* "" where none */
    reply_header_t headers[REPLY_HEADERS_MAX];
    size_t n_headers;
} reply_t;

/*
 * A reply with BODY (N bytes), which it takes; NULL where memory ran out for it or for the reply.
 * CONTENT_TYPE is a constant. Gives it with one user.
 */
reply_t *reply_new(unsigned code, const char *content_type, char *body, size_t n);

/* A reply with TEXT, which it empties. NULL where memory ran out for either. */
reply_t *reply_of_text(unsigned code, const char *content_type, text_t *text);

/* A 200 with the JSON of BUFFER, which it empties, unless RC tells that writing it failed: then
 * NULL, as where memory ran out. */
reply_t *reply_of_buffer(int rc, msgpack_sbuffer *buffer);

/* {"detail":DETAIL}; DETAIL is N bytes of UTF-8. Below /api/v1 readers get it as a problem
 * (gateway/problem.h). NULL where memory ran out. */
reply_t *reply_error(unsigned code, const char *detail, size_t n);

/* The same of a constant, with {"Retry-After":"1"} where CODE is 429 or 503. */
reply_t *reply_refusal(unsigned code, const char *detail);

/*
 * As reply_error, with the fault's place and what is wrong there: POINTER into the body as RFC 6901
 * has it ("/until"), or "?limit" for a parameter of the query. In both, bytes that are not UTF-8
 * become U+FFFD.
 */
reply_t *reply_fault(unsigned code, const char *detail, const char *pointer, const char *message);

/* Adds a header; copies VALUE. NAME is a constant. 0, or -1 where memory ran out. */
int reply_add_header(reply_t *self, const char *name, const char *value);

/* One more user; gives SELF. NULL stays NULL. */
reply_t *reply_share(reply_t *self);

/* One user less: the last one ends it. Sets *SELF to NULL; takes NULL. */
void reply_release(reply_t **self);

/* The body compressed (gives *RET_N bytes, owned by SELF), or NULL where it is not worth it. */
const char *reply_gzip(reply_t *self, size_t *ret_n);

/* BEFORE, then STRING (N bytes of UTF-8) as a JSON string, then AFTER. NULL where memory ran out.
 */
reply_t *reply_around(unsigned code, const char *before, const char *string, size_t n,
                      const char *after);

#endif
