/*
 * libcurl's multi handle on the actor's epoll and timer, for curl_io.c alone. It knows nothing of
 * requests: it drives the easy handles that it is given and says which are done.
 */
#ifndef HEALTHD_ACTORS_IO_CURL_LOOP_H
#define HEALTHD_ACTORS_IO_CURL_LOOP_H

#include <curl/curl.h>

#include "actors/actor.h"

typedef struct curl_loop curl_loop_t;

/* EASY is done as CODE says. It is still in the loop; here, and nowhere inside a callback of
 * libcurl, it may be removed and others added. */
typedef void curl_loop_fn(CURL *easy, CURLcode code);

/* NULL where libcurl or memory refused. */
curl_loop_t *curl_loop_new(actor_t *actor, curl_loop_fn *fn);

/* With more than N connections, those in use included, the oldest idle one is closed. */
void curl_loop_bound(curl_loop_t *self, long n);

/* Every handle must have been removed, and the actor's loop have ended. */
void curl_loop_destroy(curl_loop_t **self);

/* Begins the transfer of EASY (borrows until it is removed). Calls nothing back. 0, or -1. */
int curl_loop_add(curl_loop_t *self, CURL *easy);

void curl_loop_remove(curl_loop_t *self, CURL *easy);

#endif
