#include "core/config_build.h"

#include <stdlib.h>

#include "core/config_build_parts.h"
#include "core/config_settings.h"
#include "core/config_text.h"

static void out_of_memory(config_build_t *build)
{
    build->faults->is_out_of_memory = true;
    build->faults->n_faults++;
}

config_reader_t config_build_reader(const config_build_t *build, size_t document)
{
    return (config_reader_t){.values = build->documents[document].values,
                             .faults = build->faults,
                             .is_main = document == 0};
}

/* The map that a key holds; NULL where it is not given or, which was told, no map. */
static const config_node_t *map_at(const config_value_t *value)
{
    return value->is_known ? value->node : NULL;
}

static void add_templates(config_build_t *build, size_t document)
{
    const config_node_t *list = build->roots[document].values[ROOT_TEMPLATES].node;
    const config_reader_t reader = config_build_reader(build, document);
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
        if (build->n_templates == CONFIG_TEMPLATES_MAX) {
            config_fault(build->faults, list->place, "templates: more than %d in all",
                         CONFIG_TEMPLATES_MAX);
            return;
        }
        config_section_t *template = &build->templates[build->n_templates++];
        config_read_section(&reader, SECTION_TEMPLATE, list->items[i], template);
    }
}

static void read_main_sections(config_build_t *build)
{
    const config_reader_t reader = config_build_reader(build, 0);
    size_t n;
    const schema_key_t *rows = schema_keys(SECTION_ROOT, &n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].type == SCHEMA_MAP && !rows[i].is_list && i != ROOT_DEFAULTS)
            config_read_section(&reader, rows[i].section, map_at(&build->roots[0].values[i]),
                                &build->sections[rows[i].section]);
    }
}

/* What stands below system. */
static void read_flap_detection(config_build_t *build)
{
    const config_reader_t reader = config_build_reader(build, 0);
    const config_value_t *map = &build->sections[SECTION_SYSTEM].values[SYSTEM_FLAP_DETECTION];
    config_section_t *flap = &build->sections[SECTION_FLAP_DETECTION];
    config_read_section(&reader, SECTION_FLAP_DETECTION, map_at(map), flap);
    const config_value_t *low = &flap->values[FLAP_LOW];
    const config_value_t *high = &flap->values[FLAP_HIGH];
    if (low->is_known && high->is_known && low->real > high->real)
        config_fault(build->faults, (low->node ? low->node : high->node)->place,
                     "flap_detection: low (%g%%) is above high (%g%%)", low->real * 100,
                     high->real * 100);
}

static int read_documents(config_build_t *build)
{
    build->roots = calloc(build->n_documents, sizeof *build->roots);
    build->defaults = calloc(build->n_documents, sizeof *build->defaults);
    build->templates = calloc(CONFIG_TEMPLATES_MAX, sizeof *build->templates);
    build->is_used = calloc(CONFIG_TEMPLATES_MAX, sizeof *build->is_used);
    if (!build->roots || !build->defaults || !build->templates || !build->is_used)
        return -1;
    for (size_t i = 0; i < build->n_documents; i++) {
        const config_reader_t reader = config_build_reader(build, i);
        config_read_section(&reader, SECTION_ROOT, build->documents[i].root, &build->roots[i]);
        config_read_section(&reader, SECTION_DEFAULTS,
                            map_at(&build->roots[i].values[ROOT_DEFAULTS]), &build->defaults[i]);
        add_templates(build, i);
    }
    config_build_check_templates(build);
    read_main_sections(build);
    read_flap_detection(build);
    return 0;
}

static int fill(config_build_t *build, config_t *config)
{
    config_given_t given = config_build_given(build);
    if (config_build_copy_values(build, config) || config_build_join_targets(build, config) ||
        config_build_connectivity(build, config) ||
        config_environment_override(build->environment, &given, config))
        return -1;
    if (config->redis_url && config_text_is_none(config->redis_url)) {
        free(config->redis_url);
        config->redis_url = NULL;
    }
    config->variable_keys = config_environment_keys(build->environment);
    config->settings =
        config_settings_of_rest(&build->roots[0], build->sections, config, SETTINGS_WHOLE);
    config->settings_shown =
        config_settings_of_rest(&build->roots[0], build->sections, config, SETTINGS_SHOWN);
    if (build->faults->n_faults == 0)
        config_build_warn(build, config);
    return config->variable_keys && config->settings && config->settings_shown ? 0 : -1;
}

static void clear(config_build_t *build)
{
    for (size_t i = 0; i < build->n_documents; i++) {
        if (build->roots)
            config_section_clear(&build->roots[i]);
        if (build->defaults)
            config_section_clear(&build->defaults[i]);
    }
    for (size_t i = 0; i < build->n_templates; i++)
        config_section_clear(&build->templates[i]);
    for (size_t i = 0; i < SECTION_COUNT; i++)
        config_section_clear(&build->sections[i]);
    for (size_t i = 0; i < KIND_COUNT; i++)
        config_targets_clear(&build->of_kind[i]);
    config_groups_clear(&build->groups);
    free(build->roots);
    free(build->defaults);
    free(build->templates);
    free(build->is_used);
}

config_t *config_build(const config_document_t *documents, size_t n,
                       const config_environment_t *environment, bool has_file,
                       config_faults_t *faults)
{
    config_build_t build = {.documents = documents,
                            .n_documents = n,
                            .environment = environment,
                            .has_file = has_file,
                            .faults = faults};
    config_t *config = calloc(1, sizeof *config);
    if (config)
        build.pool = config->pool = text_pool_new();
    if (build.pool && read_documents(&build) == 0) {
        config_build_add_targets(&build);
        config->shared = build.shared;
        if (fill(&build, config))
            out_of_memory(&build);
    } else {
        out_of_memory(&build);
    }
    clear(&build);
    if (faults->n_faults > 0)
        config_destroy(&config);
    return config;
}

size_t config_includes(const config_document_t *main_file, char ***ret, config_place_t **ret_places)
{
    config_faults_t *ignored = calloc(1, sizeof *ignored); /* config_build tells them */
    *ret = NULL;
    *ret_places = NULL;
    if (!ignored || !main_file->root || main_file->root->kind != NODE_MAP) {
        free(ignored);
        return 0;
    }
    config_reader_t reader = {.values = main_file->values, .faults = ignored, .is_main = true};
    config_section_t root;
    config_read_section(&reader, SECTION_ROOT, main_file->root, &root);
    config_value_t *value = &root.values[ROOT_INCLUDE];
    size_t n = value->is_known ? value->n_texts : 0;
    config_place_t *places = calloc(n + 1, sizeof *places);
    if (!places)
        n = 0;
    for (size_t i = 0; i < n; i++)
        places[i] = value->text_nodes[i]->place;
    if (n > 0) {
        *ret = value->texts;
        *ret_places = places;
        value->texts = NULL; /* the caller has them */
        value->n_texts = 0;
    } else {
        free(places);
    }
    config_section_clear(&root);
    config_faults_clear(ignored);
    free(ignored);
    return n;
}
