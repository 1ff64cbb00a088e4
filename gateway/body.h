/*
 * The body of a write as a JSON object with the members that the route knows, and no others. Pure.
 */
#ifndef HEALTHD_GATEWAY_BODY_H
#define HEALTHD_GATEWAY_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "gateway/path.h"
#include "gateway/reply.h"

/* Lists and objects inside each other, at most. */
#define BODY_MAX_DEPTH 24
/* Items of a list of texts, at most. */
#define BODY_LIST_MAX 1000

typedef enum {
    BODY_TEXT,    /* without NUL, MIN to MAX bytes */
    BODY_INTEGER, /* MIN to MAX */
    BODY_BOOLEAN,
    BODY_TEXTS, /* a list, each of its items as BODY_TEXT */
    BODY_ANY    /* whatever it is, the caller looks at it */
} body_type_t;

/* One member that a route takes. null counts as not there. */
typedef struct {
    const char *name;
    body_type_t type;
    bool is_required;
    json_int_t min;
    json_int_t max;
} body_member_t;

/*
 * Reads BODY of CONTENT_TYPE (NULL: none was given) by N_MEMBERS MEMBERS. An empty body is an
 * object without members. Gives the object, of which each member that is there is as its row says,
 * for json_decref; NULL with *RET_REFUSAL: 415 for another type, 400 for what is no JSON object or
 * has a member twice, 422 with a pointer for a member that is unknown, missing or wrong; or NULL
 * where memory ran out.
 */
json_t *body_read(slice_t body, const char *content_type, const body_member_t *members,
                  size_t n_members, reply_t **ret_refusal);

#endif
