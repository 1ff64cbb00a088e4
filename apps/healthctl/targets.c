/* healthctl targets: every target with its status, latency and reason, or one whole. */
#include <curl/curl.h>

#include "apps/healthctl/client.h"
#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/view.h"

/* The body of the target that OPTIONS name; as client_read. */
static json_t *read_target(const options_t *options, int *ret_exit)
{
    char *name = curl_easy_escape(NULL, options->object, 0);
    text_t path = {0};
    text_appendf(&path, "/api/v1/targets/%s", name ? name : "");
    *ret_exit = 1;
    json_t *target = name && !path.is_failed ? client_read(options, path.bytes, ret_exit) : NULL;
    curl_free(name);
    text_clear(&path);
    return target;
}

static int show_target(const options_t *options)
{
    int rc;
    json_t *target = read_target(options, &rc);
    if (target && !options->is_json) {
        text_t out = {0};
        view_append_target(&out, target, options->is_coloured);
        rc = table_print(&out);
    }
    json_decref(target);
    return rc;
}

int verb_targets(const options_t *options)
{
    if (options->object)
        return show_target(options);
    int rc;
    json_t *system = client_read(options, "/health/system", &rc);
    if (system && !options->is_json) {
        table_t targets;
        text_t out = {0};
        view_targets(system, false, &targets);
        table_append(&out, &targets, options->is_coloured);
        table_clear(&targets);
        rc = table_print(&out);
    }
    json_decref(system);
    return rc;
}
