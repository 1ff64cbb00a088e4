/* One request to healthd's REST interface, and its answer. */
#ifndef HEALTHD_APPS_HEALTHCTL_CLIENT_H
#define HEALTHD_APPS_HEALTHCTL_CLIENT_H

#include <jansson.h>

#include "core/text.h"

#include "apps/healthctl/healthctl.h"

/* Bytes of an answer beyond which it is refused. */
#define CLIENT_ANSWER_MAX_BYTES ((size_t)64 << 20)

typedef struct {
    long code; /* of HTTP; 0: there was no answer, reason says why */
    text_t body;
    char reason[256];
} answer_t;

/* GETs PATH, or with IS_POST posts to it, with the token where there is one. Gives an answer, to be
 * ended with client_clear. */
void client_ask(const options_t *options, const char *path, bool is_post, answer_t *answer);

/* As client_ask; whatever is not 200 becomes one line on stderr and -1, else 0. */
int client_expect(const options_t *options, const char *path, bool is_post, answer_t *answer);

/* client_expect with GET, then the JSON object of the answer, which the caller releases; with
 * is_json the body is printed too. *RET_EXIT is what the verb may exit with. NULL after one line on
 * stderr. */
json_t *client_read(const options_t *options, const char *path, int *ret_exit);

/* One line on stderr that says why ANSWER is no 200. */
void client_complain(const options_t *options, const answer_t *answer);

void client_clear(answer_t *answer);

#endif
