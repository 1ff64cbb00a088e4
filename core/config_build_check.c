#include <string.h>

#include "core/config_build_parts.h"
#include "core/config_text.h"

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

static void check_names(const config_build_t *build, const config_t *config)
{
    const config_targets_t *services = &build->of_kind[KIND_SERVICE];
    const config_targets_t *infrastructure = &build->of_kind[KIND_INFRASTRUCTURE];
    for (size_t i = 0; i + 1 < config->n_targets; i++) {
        size_t first = (size_t)config_target_at(config, config->targets[i].name);
        if (first == i)
            continue;
        config_place_t place =
            i < services->n ? services->places[i] : infrastructure->places[i - services->n];
        config_place_t other = first < services->n ? services->places[first]
                                                   : infrastructure->places[first - services->n];
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
