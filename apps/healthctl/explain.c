/* healthctl explain: why a status is what it is. */
#include <curl/curl.h>

#include "apps/healthctl/client.h"
#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/table.h"
#include "apps/healthctl/view.h"

/* Levels of the tree that are shown; healthd sends two. */
#define DEPTH_MAX 8
/* Characters of one line of it. */
#define LINE_MAX_CHARACTERS 1200

/* "+ staleness: ..." for NODES and what is below them; '+' where a rule holds, else '-'. */
static void append_nodes(text_t *out, const json_t *nodes, int depth)
{
    size_t i;
    json_t *node;
    json_array_foreach(nodes, i, node)
    {
        bool holds = json_is_true(json_object_get(node, "holds"));
        const json_t *values = json_object_get(node, "values");
        text_appendf(out, "%*s%c ", 2 * depth, "", holds ? '+' : '-');
        table_escape(out, view_text(node, "rule", "-"), LINE_MAX_CHARACTERS);
        text_append_string(out, ": ");
        table_escape(out, view_text(node, "text", "-"), LINE_MAX_CHARACTERS);
        if (json_is_true(json_object_get(values, "decides")))
            text_append_string(out, "  <- decides");
        text_append_string(out, "\n");
        if (depth < DEPTH_MAX)
            append_nodes(out, json_object_get(node, "children"), depth + 1);
        json_int_t n_targets = json_integer_value(json_object_get(values, "n_targets"));
        size_t n_shown = json_array_size(json_object_get(node, "children"));
        if (n_targets > (json_int_t)n_shown)
            text_appendf(out, "%*s... and %lld more\n", 2 * depth + 2, "",
                         (long long)(n_targets - (json_int_t)n_shown));
    }
}

/* Where the explanation of the object stands, or the system's; a failed text where memory ran out.
 */
static text_t path_of(const options_t *options)
{
    text_t path = {0};
    if (!options->object) {
        text_append_string(&path, "/api/v1/explain");
        return path;
    }
    char *name = curl_easy_escape(NULL, options->object, 0);
    text_appendf(&path, "/api/v1/targets/%s/explain", name ? name : "");
    path.is_failed |= !name;
    curl_free(name);
    return path;
}

int verb_explain(const options_t *options)
{
    int rc = 1;
    text_t path = path_of(options);
    json_t *body = path.is_failed ? NULL : client_read(options, path.bytes, &rc);
    text_clear(&path);
    if (!body)
        return 1;
    if (!options->is_json) {
        text_t out = {0};
        table_escape(&out, view_text(body, "sentence", "-"), (size_t)4 * LINE_MAX_CHARACTERS);
        text_append_string(&out, "\n\n");
        append_nodes(&out, json_object_get(body, "derivation"), 0);
        rc = table_print(&out);
    }
    json_decref(body);
    return rc;
}
