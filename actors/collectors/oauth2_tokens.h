/*
 * The tokens of HTTP checks that sign in by client credentials (core/oauth2.h). A token is fetched
 * when the first check wants it, by one request for all who wait, and kept until shortly before it
 * ends; checks with the same credentials share it. Memory only: a restart fetches anew.
 */
#ifndef HEALTHD_ACTORS_COLLECTORS_OAUTH2_TOKENS_H
#define HEALTHD_ACTORS_COLLECTORS_OAUTH2_TOKENS_H

#include "actors/io/curl_io.h"

/* Requests for tokens at once; others wait. The set of requests needs so many more. */
#define OAUTH2_FETCHES_MAX 8
/* Tokens kept; with more, those that nobody waits for are forgotten. */
#define OAUTH2_TOKENS_MAX 1024

typedef struct oauth2_tokens oauth2_tokens_t;

/* Borrowed for the call. */
typedef struct {
    const char *token; /* NULL: there is none */
    bool is_fresh;     /* fetched since it was asked for */
    reason_t fault;    /* why there is none, ... */
    const char *text;  /* ... for people; bytes from outside may be in it */
} oauth2_answer_t;

typedef void oauth2_fn(void *context, const oauth2_answer_t *answer);

/* CURL is borrowed and must outlive the requests of SELF. NULL where memory ran out. */
oauth2_tokens_t *oauth2_tokens_new(actor_t *actor, curl_io_t *curl);

/* Ends every wait without a call. Only when CURL is gone. */
void oauth2_tokens_destroy(oauth2_tokens_t **self);

/* Calls FN(CONTEXT) once, inside this call or within TIMEOUT_US (> 0), with the token for SETTINGS
 * (borrows for the call). */
void oauth2_tokens_ask(oauth2_tokens_t *self, const http_settings_t *settings, int64_t timeout_us,
                       oauth2_fn *fn, void *context);

/* TOKEN was refused: who asks next has another fetched. */
void oauth2_tokens_reject(oauth2_tokens_t *self, const http_settings_t *settings,
                          const char *token);

#endif
