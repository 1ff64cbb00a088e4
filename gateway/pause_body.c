#include "gateway/pause_body.h"

#include <stdlib.h>
#include <string.h>

#include "core/cleanup.h"
#include "core/instant.h"
#include "core/pause_book.h"
#include "gateway/body.h"

/* Seconds beyond this are no instant, and would not fit as microseconds. */
#define SECONDS_MAX 1e11

static void json_destroy(json_t **json)
{
    json_decref(*json);
}

static int refuse(const char *pointer, const char *message, reply_t **ret_refusal)
{
    *ret_refusal = reply_fault(422, "The target cannot be paused so", pointer, message);
    return -1;
}

static int read_reason(const json_t *value, pause_t *pause, reply_t **ret_refusal)
{
    const char *text = value ? json_string_value(value) : "";
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            return refuse("/reason", "must be one line", ret_refusal);
    pause->reason = strdup(text);
    return pause->reason ? 0 : -1;
}

/* The instant that VALUE is. 0, or -1: it is none. */
static int instant_of(const json_t *value, int64_t now_us, int64_t *ret_us)
{
    if (json_is_string(value))
        return instant_parse(json_string_value(value), json_string_length(value), now_us, ret_us);
    double seconds = json_is_number(value) ? json_number_value(value) : -1;
    if (!(seconds >= 0 && seconds < SECONDS_MAX))
        return -1;
    *ret_us = (int64_t)(seconds * 1e6);
    return 0;
}

static int read_until(const json_t *value, int64_t now_us, pause_t *pause, reply_t **ret_refusal)
{
    if (!value)
        return 0;
    int64_t until_us = 0;
    if (instant_of(value, now_us, &until_us))
        return refuse("/until", "must be " INSTANT_EXPECTED, ret_refusal);
    if (until_us <= now_us)
        return refuse("/until", "must be in the future", ret_refusal);
    if (until_us - now_us > PAUSE_MAX_US)
        return refuse("/until", "must be at most 366 days away", ret_refusal);
    pause->until_us = until_us;
    return 0;
}

int pause_body_read(slice_t body, const char *content_type, int64_t now_us, pause_t *ret,
                    reply_t **ret_refusal)
{
    static const body_member_t members[] = {
        {.name = "reason", .type = BODY_TEXT, .max = PAUSE_REASON_MAX_BYTES},
        {.name = "until", .type = BODY_ANY},
    };
    CLEANUP(json_destroy)
    json_t *object =
        body_read(body, content_type, members, sizeof members / sizeof members[0], ret_refusal);
    pause_t pause = {.reason = NULL};
    if (!object || read_reason(json_object_get(object, "reason"), &pause, ret_refusal) ||
        read_until(json_object_get(object, "until"), now_us, &pause, ret_refusal)) {
        pause_clear(&pause);
        return -1;
    }
    *ret = pause;
    return 0;
}
