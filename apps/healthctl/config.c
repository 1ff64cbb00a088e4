/* healthctl config: check, show, diff and reload. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/supervisor/config_load.h"
#include "core/config_list.h"

#include "apps/healthctl/client.h"
#include "apps/healthctl/config_diff.h"
#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/table.h"

/* As healthd ends where its configuration has faults. */
#define EXIT_FAULTS 78
/* A reload may wait for a disk: for its answer at least so many seconds. */
#define RELOAD_TIMEOUT_S 45

static const char *from_environment(const char *name, void *context)
{
    (void)context;
    return getenv(name); // NOLINT(concurrency-mt-unsafe): nobody changes the environment
}

/* Loads PATH and tells its faults and warnings on stderr. 0, or -1 with the fault count told. */
static int load_file(const char *path, config_trace_t *trace, config_load_t *ret)
{
    int rc = config_load_traced(path, from_environment, NULL, trace, ret);
    fputs(ret->report ? ret->report : "healthctl: memory ran out\n", stderr);
    return rc;
}

/* --- check --- */

static int check(const options_t *options)
{
    config_load_t load;
    text_t line = {0};
    int rc = load_file(options->object, NULL, &load) ? EXIT_FAULTS : 0;
    config_load_summary(options->object, &load, &line);
    if (rc)
        fputs(line.bytes ? line.bytes : "", stderr);
    if (rc == 0 && table_print(&line))
        rc = 1;
    text_clear(&line);
    config_load_clear(&load);
    return rc;
}

/* --- show --- */

static int no_such_target(const options_t *options)
{
    text_t name = {0};
    table_escape(&name, options->object, 80);
    fprintf(stderr, "healthctl: there is no target \"%s\"\n", name.bytes ? name.bytes : "");
    text_clear(&name);
    return 1;
}

static int print_rows(const config_trace_t *trace, const options_t *options)
{
    static const char *const headings[] = {"KEY", "VALUE", "FROM"};
    table_t table;
    text_t out = {0};
    table_init(&table, headings, 3);
    for (size_t i = 0; i < trace->n_rows; i++) {
        const config_trace_row_t *row = &trace->rows[i];
        table_add(&table,
                  (const char *const[]){row->key, row->value, row->from ? row->from : "built-in"});
    }
    table_append(&out, &table, options->is_coloured);
    table_clear(&table);
    return table_print(&out);
}

/* The settings of a target with the places that they come from. */
static int show_from_file(const options_t *options)
{
    config_trace_t trace = {.target = options->object};
    config_load_t load;
    int rc = load_file(options->file, &trace, &load) ? EXIT_FAULTS : 0;
    if (rc == 0 && trace.is_out_of_memory) {
        fputs("healthctl: memory ran out\n", stderr);
        rc = 1;
    } else if (rc == 0) {
        rc = trace.is_found ? print_rows(&trace, options) : no_such_target(options);
    }
    config_trace_clear(&trace);
    config_load_clear(&load);
    return rc;
}

static int print_settings(json_t *target, const options_t *options)
{
    static const char *const headings[] = {"KEY", "VALUE"};
    table_t table;
    text_t out = {0};
    table_init(&table, headings, 2);
    const char *key;
    json_t *value;
    json_object_foreach(target, key, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        table_add(&table, (const char *const[]){key, text});
        free(text);
    }
    table_append(&out, &table, options->is_coloured);
    table_clear(&table);
    return table_print(&out);
}

/* The settings of a target of the running configuration. */
static int show_running(const options_t *options)
{
    int rc;
    options_t quiet = *options;
    quiet.is_json = false;
    json_t *body = client_read(&quiet, "/api/v1/config", &rc);
    const json_t *targets = json_object_get(body, "targets");
    json_t *found = NULL;
    for (size_t i = 0; i < json_array_size(targets); i++) {
        json_t *target = json_array_get(targets, i);
        const char *name = json_string_value(json_object_get(target, "name"));
        if (name && strcmp(name, options->object) == 0)
            found = target;
    }
    if (found && options->is_json) {
        char *text = json_dumps(found, JSON_COMPACT);
        rc = text ? table_print_raw(text, strlen(text)) : 1;
        free(text);
    } else if (found) {
        rc = print_settings(found, options);
    } else if (body) {
        rc = no_such_target(options);
    }
    json_decref(body);
    return rc;
}

/* --- diff --- */

/* The shown form of the file PATH; NULL after its faults were told. */
static json_t *body_of_file(const char *path)
{
    config_load_t load;
    json_t *body = NULL;
    config_list_t list;
    if (load_file(path, NULL, &load) == 0 &&
        config_list_of(load.config, SETTINGS_SHOWN, &list) == 0) {
        text_t json = {0};
        config_list_to_json(&list, load.config, &json);
        body = json.is_failed ? NULL : json_loads(json.bytes, 0, NULL);
        text_clear(&json);
        config_list_clear(&list);
    }
    config_load_clear(&load);
    return body;
}

static int diff(const options_t *options)
{
    int rc = EXIT_FAULTS;
    options_t quiet = *options;
    quiet.is_json = false;
    json_t *now = body_of_file(options->object);
    json_t *before = NULL;
    if (now)
        before = options->against ? body_of_file(options->against)
                                  : client_read(&quiet, "/api/v1/config", &rc);
    text_t out = {0};
    if (now && before)
        rc = config_diff_print(before, now, &out) ? 1 : table_print(&out);
    text_clear(&out);
    json_decref(now);
    json_decref(before);
    return rc;
}

/* --- reload --- */

static int print_reload(const answer_t *answer)
{
    json_t *body = json_loadb(answer->body.bytes ? answer->body.bytes : "", answer->body.size,
                              JSON_ALLOW_NUL, NULL);
    const char *warnings = json_string_value(json_object_get(body, "warnings"));
    const json_t *keys = json_object_get(body, "restart_needed");
    text_t out = {0};
    text_appendf(&out, "reloaded: %lld targets added, %lld removed, %lld changed\n",
                 (long long)json_integer_value(json_object_get(body, "added")),
                 (long long)json_integer_value(json_object_get(body, "removed")),
                 (long long)json_integer_value(json_object_get(body, "changed")));
    for (size_t i = 0; i < json_array_size(keys); i++) {
        text_append_string(&out, i ? ", " : "these keys take a restart and stay as they were: ");
        table_escape(&out, json_string_value(json_array_get(keys, i)), 80);
    }
    text_append_string(&out, json_array_size(keys) ? "\n" : "");
    if (warnings && *warnings)
        fputs(warnings, stderr);
    json_decref(body);
    return table_print(&out);
}

/* What healthd refused: faults of the file keep their lines. */
static int complain_of_reload(const options_t *options, const answer_t *answer)
{
    json_t *body = json_loadb(answer->body.bytes ? answer->body.bytes : "", answer->body.size,
                              JSON_ALLOW_NUL, NULL);
    const char *detail = json_string_value(json_object_get(body, "detail"));
    bool has_faults = answer->code == 422 && detail;
    if (has_faults)
        (void)config_print_lines(detail);
    else
        client_complain(options, answer);
    json_decref(body);
    return has_faults ? EXIT_FAULTS : 1;
}

static int reload(const options_t *options)
{
    answer_t answer;
    options_t patient = *options;
    if (!options->has_timeout)
        patient.timeout_s = RELOAD_TIMEOUT_S;
    client_ask(&patient,
               options->is_forced ? "/api/v1/config/reload?force=true" : "/api/v1/config/reload",
               true, &answer);
    int rc;
    if (answer.code != 200)
        rc = complain_of_reload(options, &answer);
    else if (options->is_json)
        rc = table_print_raw(answer.body.bytes ? answer.body.bytes : "", answer.body.size);
    else
        rc = print_reload(&answer);
    client_clear(&answer);
    return rc;
}

int verb_config(const options_t *options)
{
    if (strcmp(options->action, "check") == 0)
        return check(options);
    if (strcmp(options->action, "show") == 0)
        return options->file ? show_from_file(options) : show_running(options);
    if (strcmp(options->action, "diff") == 0)
        return diff(options);
    if (strcmp(options->action, "reload") == 0)
        return reload(options);
    fputs("healthctl: config takes check FILE, show NAME, diff FILE or reload\n", stderr);
    return EXIT_USAGE;
}
