/* healthctl alerts, history and clear. */
#include <curl/curl.h>
#include <stdio.h>

#include "apps/healthctl/client.h"
#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/view.h"

static int show(const options_t *options, const char *path, bool has_end)
{
    int rc;
    json_t *answer = client_read(options, path, &rc);
    if (answer && !options->is_json) {
        table_t alerts;
        text_t out = {0};
        view_alerts(answer, has_end, &alerts);
        if (alerts.n_rows > 1)
            table_append(&out, &alerts, options->is_coloured);
        else
            text_append_string(&out, has_end ? "no alert in the history\n" : "no active alert\n");
        table_clear(&alerts);
        rc = table_print(&out);
    }
    json_decref(answer);
    return rc;
}

int verb_alerts(const options_t *options)
{
    return show(options, "/alerts/active", false);
}

int verb_history(const options_t *options)
{
    char path[64];
    snprintf(path, sizeof path, "/alerts/history?limit=%ld", options->limit);
    return show(options, path, true);
}

int verb_clear(const options_t *options)
{
    char *id = curl_easy_escape(NULL, options->object, 0);
    text_t path = {0};
    text_appendf(&path, "/alerts/%s/clear", id ? id : "");
    answer_t answer;
    int rc = 1;
    if (id && !path.is_failed && !client_expect(options, path.bytes, true, &answer)) {
        if (options->is_json) {
            rc = table_print_raw(answer.body.bytes ? answer.body.bytes : "", answer.body.size);
        } else {
            text_t out = {0};
            text_append_string(&out, "cleared ");
            table_escape(&out, options->object, TABLE_CELL_MAX_CHARACTERS);
            text_append_string(&out, "\n");
            rc = table_print(&out);
        }
        client_clear(&answer);
    }
    curl_free(id);
    text_clear(&path);
    return rc;
}
