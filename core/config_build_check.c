#include <stdlib.h>
#include <string.h>

#include "core/config_build_parts.h"
#include "core/config_text.h"
#include "core/probes/heartbeat.h"

/* --- faults --- */

/* Names that two templates have. */
void config_build_check_templates(const config_build_t *build)
{
    for (size_t i = 1; i < build->n_templates; i++) {
        const config_value_t *name = &build->templates[i].values[TARGET_NAME];
        for (size_t j = 0; j < i && name->n_texts > 0; j++) {
            const config_value_t *other = &build->templates[j].values[TARGET_NAME];
            if (other->n_texts == 0 || strcmp(other->texts[0], name->texts[0]) != 0)
                continue;
            config_fault(build->faults, name->node->place,
                         "name: there is another template \"%s\", in line %u", name->texts[0],
                         other->node->place.line);
            break;
        }
    }
}

/* Where target I of CONFIG stands. */
static config_place_t place_of(const config_build_t *build, size_t i)
{
    const config_targets_t *services = &build->of_kind[KIND_SERVICE];
    return i < services->n ? services->places[i]
                           : build->of_kind[KIND_INFRASTRUCTURE].places[i - services->n];
}

static int compare_tokens(const void *a, const void *b)
{
    const target_t *const *left = a;
    const target_t *const *right = b;
    const heartbeat_settings_t *left_options = (*left)->options;
    const heartbeat_settings_t *right_options = (*right)->options;
    int order = strcmp(left_options->token, right_options->token);
    return order != 0 ? order : (*left > *right) - (*left < *right);
}

/* Tokens that two heartbeats have: a ping says no more than its token. */
static void check_tokens(const config_build_t *build, const config_t *config)
{
    const target_t **beats = calloc(config->n_targets + 1, sizeof(target_t *));
    size_t n = 0;
    if (!beats) {
        build->faults->is_out_of_memory = true;
        build->faults->n_faults++;
        return;
    }
    for (size_t i = 0; i < config->n_targets; i++) {
        const target_t *target = &config->targets[i];
        const heartbeat_settings_t *options = target->options;
        if (target->type == PROBE_HEARTBEAT && options && options->token)
            beats[n++] = target;
    }
    if (n > 1)
        qsort(beats, n, sizeof(target_t *), compare_tokens);
    for (size_t i = 1; i < n; i++) {
        const heartbeat_settings_t *before = beats[i - 1]->options;
        const heartbeat_settings_t *options = beats[i]->options;
        if (strcmp(before->token, options->token) == 0)
            config_fault(build->faults,
                         config_hidden_place(place_of(build, (size_t)(beats[i] - config->targets))),
                         "heartbeat: \"%s\" has the same token; each needs one of its own",
                         beats[i - 1]->name);
    }
    free(beats);
}

static void check_names(const config_build_t *build, const config_t *config)
{
    for (size_t i = 0; i + 1 < config->n_targets; i++) {
        size_t first = (size_t)config_target_at(config, config->targets[i].name);
        if (first == i)
            continue;
        config_place_t place = place_of(build, i);
        config_place_t other = place_of(build, first);
        config_fault(build->faults, place, "name: there is another target \"%s\", in line %u%s",
                     config->targets[i].name, other.line,
                     other.file == place.file ? "" : " of another file");
    }
}

/* Labels of metrics have names that Prometheus takes, and none that a metric has already. */
static void check_metric_labels(const config_build_t *build)
{
    static const char *const taken[] = {"target", "kind", "region", "type", "critical"};
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    const config_value_t *value = &build->sections[SECTION_GATEWAY].values[GATEWAY_METRIC_LABELS];
    for (size_t i = 0; i < value->n_texts; i++) {
        const char *name = value->texts[i];
        bool is_taken = strncmp(name, "__", 2) == 0;
        for (size_t j = 0; j < sizeof taken / sizeof taken[0]; j++)
            is_taken = is_taken || strcmp(name, taken[j]) == 0;
        for (size_t j = 0; j < i; j++)
            is_taken = is_taken || strcmp(name, value->texts[j]) == 0;
        bool is_name = !name[strspn(name, letters)] && (*name < '0' || *name > '9');
        if (is_taken || !is_name)
            config_fault(build->faults, value->text_nodes[i]->place,
                         is_taken ? "metric_labels: \"%s\" is a label of the metric already"
                                  : "metric_labels: \"%s\" is not letters, digits and _",
                         name);
    }
}

void config_build_check(const config_build_t *build, const config_t *config)
{
    check_names(build, config);
    check_tokens(build, config);
    check_metric_labels(build);
}

/* --- what is legal and foolish --- */

static void warn_of_templates(const config_build_t *build)
{
    for (size_t i = 0; i < build->n_templates; i++) {
        const config_value_t *name = &build->templates[i].values[TARGET_NAME];
        if (!build->is_used[i] && name->n_texts > 0)
            config_warn(build->faults, name->node->place, "no target takes template \"%s\"",
                        name->texts[0]);
    }
}

static void warn_of_gateway(const config_build_t *build, const config_t *config)
{
    const config_value_t *gateway = build->sections[SECTION_GATEWAY].values;
    const config_node_t *token = gateway[GATEWAY_TOKEN].node;
    const config_node_t *role = gateway[GATEWAY_ANONYMOUS_ROLE].node;
    if (token && token->kind == NODE_SCALAR && !strstr(token->text, "${"))
        config_warn(build->faults, config_hidden_place(token->place),
                    "the token stands in the file for all who can read it; ${file:PATH} keeps it "
                    "apart");
    if (!role)
        return;
    if (config->token && config->anonymous_role == ROLE_OPERATOR)
        config_warn(build->faults, role->place,
                    "anonymous_role: operator allows no write without the token that is set");
    if (!config->token && config->anonymous_role == ROLE_NONE)
        config_warn(build->faults, role->place,
                    "anonymous_role: none without a token leaves nobody who may read or write");
}

void config_build_warn(const config_build_t *build, const config_t *config)
{
    const config_value_t *critical =
        &build->sections[SECTION_SYSTEM].values[SYSTEM_LATENCY_CRITICAL];
    warn_of_templates(build);
    warn_of_gateway(build, config);
    if (config->latency_degraded_ms >= config->latency_critical_ms)
        config_warn(build->faults, critical->node->place,
                    "latency_critical is not above latency_degraded, which never decides");
    if (config->n_targets == 1)
        config_warn(build->faults, (config_place_t){.line = 0}, "no target: nothing is watched");
}
