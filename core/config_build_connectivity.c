/* system.connectivity_checks: the checks, their addresses as internal targets, and the targets
 * whose failures they explain. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_build_parts.h"
#include "core/config_draft.h"
#include "core/config_matchers.h"
#include "core/config_text.h"
#include "core/hash.h"
#include "core/target_facts.h"

/* One check while it is read. */
typedef struct {
    const config_build_t *build;
    config_t *config;
    config_section_t section;
    connectivity_check_t *check;
} work_t;

/* --- addresses --- */

/* A target that is named as no other can be, with a blank: by its place, and by what it is, so that
 * a result of the configuration before is not taken for one of this. */
static int add_address(const work_t *work, const char *url)
{
    config_t *config = work->config;
    const config_value_t *values = work->section.values;
    const config_reader_t reader = config_build_reader(work->build, 0);
    const config_targets_work_t targets = {
        .reader = &reader, .pool = config->pool, .shared = &config->shared};
    const config_section_t nothing = {.node = NULL};
    draft_t draft = {
        .work = &targets, .node = work->section.node, .sections = {&nothing}, .n_sections = 1};
    uint64_t hash = hash_mix(hash_of_text(work->check->name) ^ hash_mix(hash_of_text(url)));
    target_t *target = &config->targets[config->n_targets + config->n_internal++];
    *target = (target_t){
        .kind = KIND_INFRASTRUCTURE,
        .type = probe_type_of_url(url),
        .url = strdup(url),
        .error_prefix = strdup(""),
        .status_rule = RULE_SUCCESS,
        .check_interval_ms = (uint32_t)values[CONNECTIVITY_CHECK_INTERVAL].integer,
        .timeout_ms = (uint32_t)values[CONNECTIVITY_TIMEOUT].integer,
        .retry_interval_ms = (uint32_t)values[CONNECTIVITY_CHECK_INTERVAL].integer,
        .failure_threshold = 1,
        .success_threshold = 1,
    };
    draft_begin_check(&draft);
    draft_fill_check(&draft, target);
    draft_clear_check(&draft);
    if (asprintf(&target->name, "connectivity %zu %016" PRIx64, config->n_internal - 1, hash) < 0)
        target->name = NULL;
    return target->name && target->url && target->error_prefix ? 0 : -1;
}

static int add_addresses(const work_t *work)
{
    const config_value_t *urls = &work->section.values[CONNECTIVITY_ANY_OF];
    for (size_t i = 0; i < urls->n_texts; i++) {
        if (config_text_is_none(urls->texts[i]))
            config_fault(work->build->faults, urls->text_nodes[i]->place,
                         "any_of: none is no address");
        else if (!probe_type_is_probed(probe_type_of_url(urls->texts[i])))
            config_fault(work->build->faults, urls->text_nodes[i]->place,
                         "any_of: \"%s\" cannot be asked: its results come by themselves",
                         urls->texts[i]);
        else if (add_address(work, urls->texts[i]))
            return -1;
        else
            work->check->n_urls++;
    }
    return 0;
}

/* --- targets --- */

/* What only a result can say is not known of a target that none has come of. */
static void check_matchers(const work_t *work)
{
    static const char *const results[] = {"status", "reason"};
    const config_value_t *value = &work->section.values[CONNECTIVITY_APPLIES_TO];
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        if (matchers_ask_for(&work->check->applies_to, results[i]))
            config_fault(work->build->faults, value->node->place,
                         "applies_to: %s is not known before a check: name what the configuration "
                         "says of targets, such as kind or a label",
                         results[i]);
    }
}

static int apply(const work_t *work)
{
    config_t *config = work->config;
    connectivity_mask_t bit = (connectivity_mask_t)1 << (work->check - config->connectivity);
    condition_matcher_t *regexes = condition_matcher_new();
    size_t n_matched = 0;
    if (!regexes)
        return -1;
    for (size_t i = 0; i < config->n_targets; i++) {
        target_facts_t facts = {.target = &config->targets[i]};
        condition_matcher_begin(regexes);
        if (target_is_probed(facts.target) &&
            matchers_match(&work->check->applies_to, regexes, target_fact, &facts)) {
            config->targets[i].connectivity |= bit;
            n_matched++;
        }
        target_facts_clear(&facts);
    }
    condition_matcher_destroy(&regexes);
    const config_value_t *value = &work->section.values[CONNECTIVITY_APPLIES_TO];
    if (n_matched == 0 && value->node && work->build->faults->n_faults == 0)
        config_warn(work->build->faults, value->node->place,
                    "applies_to matches no target: connectivity check \"%s\" changes nothing",
                    work->check->name);
    return 0;
}

/* --- a check --- */

static void check_name(const work_t *work)
{
    const config_t *config = work->config;
    const config_value_t *name = &work->section.values[CONNECTIVITY_NAME];
    for (const connectivity_check_t *other = config->connectivity; other < work->check; other++) {
        if (strcmp(other->name, work->check->name) == 0)
            config_fault(work->build->faults, name->node->place,
                         "name: there is another connectivity check \"%s\"", other->name);
    }
}

static int read_check(work_t *work)
{
    config_t *config = work->config;
    const config_reader_t reader = config_build_reader(work->build, 0);
    const config_value_t *values = work->section.values;
    if (!values[CONNECTIVITY_NAME].is_known || !values[CONNECTIVITY_ANY_OF].is_known ||
        !values[CONNECTIVITY_CHECK_INTERVAL].is_known || !values[CONNECTIVITY_TIMEOUT].is_known)
        return 0; /* which was told */
    work->check = &config->connectivity[config->n_connectivity++];
    *work->check = (connectivity_check_t){
        .name = strdup(values[CONNECTIVITY_NAME].texts[0]),
        .first_url = config->n_internal,
        .timeout_ms = (uint32_t)values[CONNECTIVITY_TIMEOUT].integer,
    };
    if (!work->check->name || add_addresses(work))
        return -1;
    check_name(work);
    if (!config_matchers(&reader, "applies_to", &values[CONNECTIVITY_APPLIES_TO],
                         &work->check->applies_to))
        return 0;
    check_matchers(work);
    return apply(work);
}

/* Room for the addresses of N checks behind the targets. */
static int make_room(config_t *config, size_t n)
{
    size_t n_targets = config->n_targets + n * CONNECTIVITY_URLS_MAX;
    target_t *grown = realloc(config->targets, n_targets * sizeof *grown);
    if (!grown)
        return -1;
    config->targets = grown;
    config->connectivity = calloc(n, sizeof *config->connectivity);
    return config->connectivity ? 0 : -1;
}

int config_build_connectivity(const config_build_t *build, config_t *config)
{
    const config_value_t *list =
        &build->sections[SECTION_SYSTEM].values[SYSTEM_CONNECTIVITY_CHECKS];
    const config_node_t *node = list->is_known ? list->node : NULL;
    if (!node || node->kind != NODE_LIST || node->n == 0)
        return 0;
    if (node->n > CONNECTIVITY_CHECKS_MAX) {
        config_fault(build->faults, node->place, "connectivity_checks: more than %d",
                     CONNECTIVITY_CHECKS_MAX);
        return 0;
    }
    if (make_room(config, node->n))
        return -1;
    const config_reader_t reader = config_build_reader(build, 0);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < node->n; i++) {
        work_t work = {.build = build, .config = config};
        config_read_section(&reader, SECTION_CONNECTIVITY, node->items[i], &work.section);
        rc = read_check(&work);
        config_section_clear(&work.section);
    }
    return rc || config_seal(config) ? -1 : 0;
}
