/* healthctl targets: every target with its status, latency and reason. */
#include "apps/healthctl/client.h"
#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/view.h"

int verb_targets(const options_t *options)
{
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
