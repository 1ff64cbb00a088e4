#include <stdlib.h>
#include <string.h>

#include <healthd/snapshot.h>

#include "core/config_build_parts.h"

void config_build_add_targets(config_build_t *build)
{
    for (size_t i = 0; i < build->n_documents; i++) {
        const config_reader_t reader = config_build_reader(build, i);
        const config_targets_work_t work = {.reader = &reader,
                                            .defaults = &build->defaults[i],
                                            .templates = build->templates,
                                            .is_used = build->is_used,
                                            .n_templates = build->n_templates,
                                            .of_kind = build->of_kind,
                                            .pool = build->pool,
                                            .trace = build->documents[i].trace,
                                            .shared = &build->shared};
        const config_value_t *root = build->roots[i].values;
        config_targets_add(&work, root[ROOT_SERVICES].node, KIND_SERVICE);
        config_targets_add(&work, root[ROOT_INFRASTRUCTURE].node, KIND_INFRASTRUCTURE);
        config_targets_add(&work, root[ROOT_TARGETS].node, KIND_NONE);
        config_groups_add(&work, root[ROOT_GROUPS].node, &build->groups);
    }
}

/* Services, then infrastructure, then the emergency stop. */
int config_build_join_targets(config_build_t *build, config_t *config)
{
    config_targets_t *services = &build->of_kind[KIND_SERVICE];
    config_targets_t *infrastructure = &build->of_kind[KIND_INFRASTRUCTURE];
    size_t n = services->n + infrastructure->n;
    config->targets = calloc(n + 1, sizeof *config->targets);
    if (!config->targets)
        return -1;
    if (services->n)
        memcpy(config->targets, services->targets, services->n * sizeof(target_t));
    if (infrastructure->n)
        memcpy(config->targets + services->n, infrastructure->targets,
               infrastructure->n * sizeof(target_t));
    config->targets[n] = (target_t){
        .name = strdup(EMERGENCY_STOP),
        .kind = KIND_NONE,
        .type = PROBE_PASSIVE,
        .error_prefix = strdup(""),
        .is_critical = true,
        .check_interval_ms = config->check_interval_ms,
        .timeout_ms = (uint32_t)build->defaults[0].values[TARGET_TIMEOUT].integer,
        .failure_threshold = 1,
        .success_threshold = 1,
    };
    config->n_targets = n + 1;
    bool is_whole = config->targets[n].name && config->targets[n].error_prefix;
    free(services->targets); /* their contents have moved */
    free(infrastructure->targets);
    services->targets = infrastructure->targets = NULL;
    is_whole = is_whole && config_seal(config) == 0;
    if (is_whole) {
        config_build_check(build, config);
        is_whole = config_groups_link(&build->groups, config, build->faults) == 0;
    }
    services->n = infrastructure->n = 0;
    return is_whole ? 0 : -1;
}
