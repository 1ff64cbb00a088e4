#include "gateway/routes.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/auth.h"
#include "gateway/negotiate.h"

static const route_t routes[] = {
    {"GET", "/health", ROLE_NONE, handle_health},
    {"GET", "/health/system", ROLE_VIEWER, handle_system},
    {"GET", "/health/metrics", ROLE_VIEWER, handle_health_metrics},
    {"GET", "/alerts/active", ROLE_VIEWER, handle_alerts_active},
    {"GET", "/alerts/history", ROLE_VIEWER, handle_alerts_history},
    {"POST", "/alerts/{alert_id}/clear", ROLE_OPERATOR, handle_alert_clear},
    {"GET", "/api/v1/config", ROLE_VIEWER, handle_config},
    {"POST", "/api/v1/config/reload", ROLE_OPERATOR, handle_config_reload},
    {"GET", "/api/v1/openapi.yaml", ROLE_VIEWER, handle_openapi},
    {"GET", "/api/v1/status", ROLE_VIEWER, handle_status},
    {"GET", "/api/v1/targets", ROLE_VIEWER, handle_targets},
    {"GET", "/api/v1/targets/{name}", ROLE_VIEWER, handle_target},
    {"GET", "/api/v1/targets/{name}/explain", ROLE_VIEWER, handle_explain_target},
    {"GET", "/api/v1/explain", ROLE_VIEWER, handle_explain},
    {"GET", "/livez", ROLE_NONE, handle_live},
    {"GET", "/readyz", ROLE_NONE, handle_ready},
    {"GET", "/metrics", ROLE_VIEWER, handle_prometheus},
    {"POST", "/api/v1/targets/{name}/probe", ROLE_OPERATOR, handle_probe},
    {"POST", "/api/v1/targets/{name}/pause", ROLE_OPERATOR, handle_pause},
    {"POST", "/api/v1/targets/{name}/resume", ROLE_OPERATOR, handle_resume},
    {"GET", "/ping/{token}", ROLE_NONE, handle_ping},
    {"POST", "/ping/{token}", ROLE_NONE, handle_ping},
    {"GET", "/ping/{token}/{signal}", ROLE_NONE, handle_ping},
    {"POST", "/ping/{token}/{signal}", ROLE_NONE, handle_ping},
    {"GET", "/api/v1/heartbeats/{name}", ROLE_NONE, handle_heartbeat},
    {"POST", "/api/v1/heartbeats/{name}", ROLE_NONE, handle_heartbeat},
    {"GET", "/api/v1/heartbeats/{name}/{signal}", ROLE_NONE, handle_heartbeat},
    {"POST", "/api/v1/heartbeats/{name}/{signal}", ROLE_NONE, handle_heartbeat},
};

#define N_ROUTES (sizeof routes / sizeof routes[0])

const view_type_t view_types[VIEW_KIND_COUNT] = {
    [VIEW_SYSTEM] = {.asks_health = true, .render = render_system_view},
    [VIEW_HEALTH_METRICS] = {.asks_health = true,
                             .asks_alerts = true,
                             .render = render_health_metrics_view},
    [VIEW_PROMETHEUS] = {.asks_health = true,
                         .asks_alerts = true,
                         .render = render_prometheus_view},
    [VIEW_READY] = {.asks_health = true,
                    .asks_alerts = true,
                    .shows_silence = true,
                    .render = render_ready_view},
    [VIEW_ALERTS_ACTIVE] = {.asks_alerts = true, .render = render_alerts_active_view},
    [VIEW_ALERTS_HISTORY] = {.asks_alerts = true, .render = render_history_view},
};

const route_t *route_at(int route)
{
    return (size_t)route < N_ROUTES ? &routes[route] : NULL;
}

/* The route of PATH whose method is METHOD; else the first one of PATH; else -1. */
static int route_of(const char *method, slice_t path, slice_t ret_parameters[PATH_PARAMETERS_MAX])
{
    int other = -1;
    for (size_t i = 0; i < N_ROUTES; i++) {
        slice_t parameters[PATH_PARAMETERS_MAX];
        if (!path_matches(routes[i].pattern, path, parameters))
            continue;
        if (strcmp(routes[i].method, method) == 0) {
            memcpy(ret_parameters, parameters, sizeof parameters);
            return (int)i;
        }
        if (other == -1)
            other = (int)i;
    }
    return other;
}

/* Whether an earlier route than number AT has its method and fits PATH too. */
static bool is_named_before(size_t at, slice_t path)
{
    slice_t parameters[PATH_PARAMETERS_MAX];
    for (size_t i = 0; i < at; i++)
        if (strcmp(routes[i].method, routes[at].method) == 0 &&
            path_matches(routes[i].pattern, path, parameters))
            return true;
    return false;
}

void route_append_methods(slice_t path, text_t *out)
{
    const char *comma = "";
    for (size_t i = 0; i < N_ROUTES; i++) {
        slice_t parameters[PATH_PARAMETERS_MAX];
        if (!path_matches(routes[i].pattern, path, parameters) || is_named_before(i, path))
            continue;
        text_appendf(out, "%s%s", comma, routes[i].method);
        comma = ", ";
    }
}

route_outcome_t route_find(const char *method, slice_t path, int *ret_route,
                           slice_t ret_parameters[PATH_PARAMETERS_MAX])
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    int route = route_of(wanted, path, ret_parameters);
    if (route >= 0) {
        *ret_route = route;
        return strcmp(routes[route].method, wanted) == 0 ? ROUTE_FOUND : ROUTE_WRONG_METHOD;
    }
    slice_t shorter;
    if (path_without_slash(path, &shorter) &&
        (route = route_of(wanted, shorter, ret_parameters)) >= 0) {
        *ret_route = route;
        return ROUTE_SLASH;
    }
    return ROUTE_UNKNOWN;
}

void gateway_reply(gateway_t *gateway, uint64_t request_id, reply_t *reply)
{
    http_reply(gateway->http, request_id, reply);
    reply_release(&reply);
}

void routes_deliver(void *context, view_kind_t kind, uint64_t request_id, reply_t *reply)
{
    gateway_t *gateway = context;
    if (kind == VIEW_PROMETHEUS && reply && reply->code == 200)
        gateway_reply(gateway, request_id, prometheus_reply(gateway, reply));
    else
        http_reply(gateway->http, request_id, reply);
}

/* {"detail":DETAIL} with one header; gives it, NULL where memory ran out. */
static reply_t *error_with(unsigned code, const char *detail, const char *name, const char *value)
{
    reply_t *reply = reply_error(code, detail, strlen(detail));
    if (reply && reply_add_header(reply, name, value))
        reply_release(&reply);
    return reply;
}

/* 405 with the methods that PATH has. */
static reply_t *wrong_method(slice_t path)
{
    text_t methods = {0};
    route_append_methods(path, &methods);
    char *value = text_take(&methods);
    reply_t *reply = value ? error_with(405, "Method Not Allowed", "Allow", value) : NULL;
    free(value);
    return reply;
}

/* 307 to PATH, which is without the slashes that the request had at its end, and QUERY. */
static reply_t *redirect(slice_t path, slice_t query)
{
    text_t location = {0};
    text_append(&location, path.text, path.n);
    if (query.n > 0)
        text_append_string(&location, "?");
    text_append(&location, query.text, query.n);
    char *value = text_take(&location);
    reply_t *reply = value ? error_with(307, "Temporary Redirect", "Location", value) : NULL;
    free(value);
    return reply;
}

/* What a request without the credential may do. */
static role_t role_of_anybody(const config_t *config)
{
    bool asks_for_token = config->token && config->anonymous_role == ROLE_OPERATOR;
    return asks_for_token ? ROLE_VIEWER : config->anonymous_role;
}

static bool has_token(const gateway_t *gateway, const http_request_t *request)
{
    const char *token = gateway->args->config->token;
    return token && auth_is_bearer(http_request_header(request, "Authorization"), token);
}

/* Why a request for a route of ROLE is refused, or NULL where it is allowed or memory ran out
 * (*RET_IS_REFUSED tells). */
static reply_t *refusal_of(const gateway_t *gateway, const http_request_t *request, role_t role,
                           bool *ret_is_refused)
{
    const config_t *config = gateway->args->config;
    *ret_is_refused = true;
    if (role == ROLE_OPERATOR && !origin_is_own(http_request_header(request, "Origin"),
                                                http_request_header(request, "Host")))
        return reply_error(403, "Foreign Origin", sizeof "Foreign Origin" - 1);
    if (role > role_of_anybody(config) && !has_token(gateway, request))
        return error_with(401, "Not authenticated", "WWW-Authenticate", "Bearer");
    *ret_is_refused = false;
    return NULL;
}

/* Why the request is not one of the table's, or NULL where it is or memory ran out
 * (*RET_IS_REFUSED tells). PATH and QUERY are those of its target. */
static reply_t *misfit_of(route_outcome_t outcome, slice_t path, slice_t query,
                          bool *ret_is_refused)
{
    slice_t shorter;
    *ret_is_refused = true;
    switch (outcome) {
    case ROUTE_UNKNOWN:
        return reply_error(404, "Not Found", sizeof "Not Found" - 1);
    case ROUTE_WRONG_METHOD:
        return wrong_method(path);
    case ROUTE_SLASH:
        (void)path_without_slash(path, &shorter); /* that is how the route was found */
        return redirect(shorter, query);
    case ROUTE_FOUND:
    default:
        *ret_is_refused = false;
        return NULL;
    }
}

void routes_handle(gateway_t *gateway, http_request_t *request)
{
    route_call_t call = {.request_id = http_request_id(request),
                         .by = has_token(gateway, request) ? "token" : "anonymous",
                         .authorization = http_request_header(request, "Authorization"),
                         .content_type = http_request_header(request, "Content-Type")};
    call.body.text = http_request_body(request, &call.body.n);
    slice_t path;
    path_split(http_request_target(request), &path, &call.query);
    int route = -1;
    slice_t parameters[PATH_PARAMETERS_MAX] = {{.n = 0}};
    route_outcome_t outcome = route_find(http_request_method(request), path, &route, parameters);
    http_request_set_route(request, route);
    call.parameter = parameters[0];
    call.second_parameter = parameters[1];
    bool is_refused;
    reply_t *refusal = misfit_of(outcome, path, call.query, &is_refused);
    if (!is_refused)
        refusal = refusal_of(gateway, request, routes[route].role, &is_refused);
    if (is_refused)
        gateway_reply(gateway, call.request_id, refusal);
    else
        routes[route].handler(gateway, &call);
}
