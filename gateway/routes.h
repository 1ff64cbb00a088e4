/*
 * The one table of what REST offers, and what its handlers share. A handler answers its request at
 * once, shows it a view, or asks an owner and answers later.
 */
#ifndef HEALTHD_GATEWAY_ROUTES_H
#define HEALTHD_GATEWAY_ROUTES_H

#include "actors/actor.h"
#include "gateway/asks.h"
#include "gateway/auth_tokens.h"
#include "gateway/http.h"
#include "gateway/live.h"
#include "gateway/path.h"
#include "gateway/request_counts.h"
#include "gateway/views.h"
#include "gateway/vitals_book.h"

/* The gateway, as its handlers see it. */
typedef struct {
    actor_t *actor;
    const actor_args_t *args;
    http_t *http;
    asks_t *asks;
    views_t *views;
    live_t *live;
    request_counts_t counts;
    zsock_t *vitals_in; /* PULL */
    vitals_book_t vitals;
    auth_tokens_t tokens;       /* of heartbeats */
    int64_t started_at_us;      /* monotonic */
    int64_t loaded_at_us;       /* Unix time when the configuration in force was taken */
    bool is_load_refused;       /* a newer one was refused since */
    int64_t started_at_wall_us; /* Unix time */
} gateway_t;

/* A request that has found its route; borrowed for the call. */
typedef struct {
    uint64_t request_id;
    slice_t parameter;         /* what stands for the first part in braces, still encoded */
    slice_t second_parameter;  /* ... for the second */
    slice_t query;             /* still encoded */
    slice_t body;              /* as it was sent */
    const char *content_type;  /* of the body, or NULL */
    const char *authorization; /* the header, or NULL */
    const char *by;            /* the credential that it carries: "token" or "anonymous" */
} route_call_t;

typedef void route_fn(gateway_t *gateway, const route_call_t *call);

typedef struct {
    const char *method;
    const char *pattern; /* a part in braces is any non-empty segment; the first row that fits wins
                          */
    role_t role; /* who may ask; ROLE_OPERATOR: a write, and no foreign page may ask for it */
    route_fn *handler;
} route_t;

typedef enum {
    ROUTE_FOUND,
    ROUTE_WRONG_METHOD, /* the path is there, for the method of the route that is given */
    ROUTE_SLASH,        /* the path without the slashes at its end is there */
    ROUTE_UNKNOWN
} route_outcome_t;

/*
 * Finds the route of METHOD (HEAD counts as GET) and PATH, still encoded. Gives its number except
 * for ROUTE_UNKNOWN, and what stands for its parts in braces.
 */
route_outcome_t route_find(const char *method, slice_t path, int *ret_route,
                           slice_t ret_parameters[PATH_PARAMETERS_MAX]);

/* Appends the methods that PATH can be asked with: "GET, POST". */
void route_append_methods(slice_t path, text_t *out);

/* Route number ROUTE, or NULL where there are fewer. */
const route_t *route_at(int route);

/* Answers REQUEST, or sees to it that it is answered. */
void routes_handle(gateway_t *gateway, http_request_t *request);

/* Answers request REQUEST_ID with REPLY, which it takes; NULL where memory ran out. */
void gateway_reply(gateway_t *gateway, uint64_t request_id, reply_t *reply);

/* The rows of all views. */
extern const view_type_t view_types[VIEW_KIND_COUNT];

/* Hands a view to a request; CONTEXT is the gateway. */
void routes_deliver(void *context, view_kind_t kind, uint64_t request_id, reply_t *reply);

/* --- handlers --- */
route_fn handle_health, handle_system, handle_health_metrics;             /* routes_health.c */
route_fn handle_alerts_active, handle_alerts_history, handle_alert_clear; /* routes_alerts.c */
route_fn handle_config, handle_config_reload;                             /* routes_config.c */
route_fn handle_openapi;                                                  /* routes_openapi.c */
route_fn handle_status;                                                   /* routes_status.c */
route_fn handle_targets, handle_target;                                   /* routes_targets.c */
route_fn handle_explain, handle_explain_target;                           /* routes_explain.c */
route_fn handle_live, handle_ready, handle_prometheus;                    /* routes_process.c */
route_fn handle_probe, handle_pause, handle_resume;                       /* routes_orders.c */
route_fn handle_ping, handle_heartbeat;                                   /* routes_heartbeats.c */

/* --- renderers of views --- */
view_render_fn render_system_view, render_health_metrics_view; /* routes_health.c */
view_render_fn render_alerts_active_view, render_history_view; /* routes_alerts.c */
view_render_fn render_ready_view, render_prometheus_view;      /* routes_process.c */

/* Gives the model's part of the metrics, PART (borrows), with that of the process behind it; NULL
 * where memory ran out. */
reply_t *prometheus_reply(gateway_t *gateway, const reply_t *part);

#endif
