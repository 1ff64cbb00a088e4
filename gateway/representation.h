/* Which form of a reply one reader gets: plain, compressed, or only that nothing has changed. */
#ifndef HEALTHD_GATEWAY_REPRESENTATION_H
#define HEALTHD_GATEWAY_REPRESENTATION_H

#include "gateway/reply.h"

typedef struct {
    unsigned code;
    const char *body; /* owned by the reply */
    size_t n_body;
    bool is_negotiable; /* other readers may get another form */
    bool is_gzip;
    char etag[REPLY_ETAG_BYTES + sizeof "\"-gzip\""]; /* with its quotes; "" where none */
} representation_t;

/* Values of the request's headers; NULL where it has no such header. */
typedef struct {
    const char *method;
    const char *accept_encoding;
    const char *if_none_match;
} preference_t;

/* The form of REPLY for PREFERENCE. May compress the reply's body, once. */
representation_t representation_of(reply_t *reply, const preference_t *preference);

#endif
