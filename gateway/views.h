/*
 * What GET routes show, rendered from the owners' answers and kept for the versions that it stands
 * on. A thousand readers of one version cost one round of questions and one rendering; no reader is
 * shown a state older than what was known when it asked.
 */
#ifndef HEALTHD_GATEWAY_VIEWS_H
#define HEALTHD_GATEWAY_VIEWS_H

#include "gateway/asks.h"
#include "gateway/reply.h"

/* Limits of the history whose bodies are kept, at most: the ones used last. */
#define VIEWS_HISTORY_MAX 8

typedef enum {
    VIEW_SYSTEM,         /* the latest snapshot */
    VIEW_HEALTH_METRICS, /* its counters, and the active alerts */
    VIEW_PROMETHEUS,     /* the same as text for Prometheus */
    VIEW_READY,          /* nothing but whether both owners answer */
    VIEW_ALERTS_ACTIVE,
    VIEW_ALERTS_HISTORY, /* one view for each limit */
    VIEW_KIND_COUNT
} view_kind_t;

/* What a view is made from. */
typedef struct {
    const answer_t *health; /* NULL: not asked, or no answer */
    const answer_t *alerts;
    int64_t limit; /* of the history */
    void *context; /* of views_new */
    bool is_kept;  /* set to false where the reply must not be shown to a later reader */
} view_input_t;

/* Renders a view. NULL where memory ran out. */
typedef reply_t *view_render_fn(view_input_t *input);

typedef struct {
    bool asks_health;
    bool asks_alerts;
    bool shows_silence; /* rendered without the answers too; else their lack is a 503 */
    view_render_fn *render;
} view_type_t;

/* Hands REPLY (borrows; NULL where memory ran out) of view KIND to a request. */
typedef void view_deliver_fn(void *context, view_kind_t kind, uint64_t request_id, reply_t *reply);

typedef struct views views_t;

/*
 * TYPES holds VIEW_KIND_COUNT rows (borrows, for life). START_ID goes into the entity tags. NULL
 * where memory ran out.
 */
views_t *views_new(asks_t *asks, const char *start_id, const view_type_t *types,
                   view_deliver_fn *deliver, void *context);
void views_destroy(views_t **self);

/*
 * Delivers view KIND (LIMIT: of the history, else 0) to REQUEST_ID: at once where it is current,
 * else when the answers are there or their time is over.
 */
void views_show(views_t *self, view_kind_t kind, int64_t limit, uint64_t request_id);

#endif
