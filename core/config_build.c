#include "core/config_build.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/snapshot.h>

#include "core/config_settings.h"
#include "core/config_targets.h"
#include "core/config_text.h"

/* Everything while a configuration is built. */
typedef struct {
    const config_document_t *documents;
    size_t n_documents;
    const config_environment_t *environment;
    bool has_file;
    config_faults_t *faults;
    config_section_t *roots;     /* by document */
    config_section_t *defaults;  /* by document */
    config_section_t *templates; /* of all documents */
    bool *is_used;               /* by template */
    size_t n_templates;
    config_targets_t of_kind[KIND_COUNT];
    text_pool_t *pool;                        /* the configuration's */
    config_shared_t shared;                   /* until the configuration has it */
    config_section_t sections[SECTION_COUNT]; /* those of the main file alone */
} build_t;

static void out_of_memory(build_t *build)
{
    build->faults->is_out_of_memory = true;
    build->faults->n_faults++;
}

static config_reader_t reader_of(const build_t *build, size_t document)
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

/* --- what files have in common --- */

static void add_templates(build_t *build, size_t document)
{
    const config_node_t *list = build->roots[document].values[ROOT_TEMPLATES].node;
    const config_reader_t reader = reader_of(build, document);
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

/* Names that two templates have. */
static void check_templates(const build_t *build)
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

static void read_main_sections(build_t *build)
{
    const config_reader_t reader = reader_of(build, 0);
    size_t n;
    const schema_key_t *rows = schema_keys(SECTION_ROOT, &n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].type == SCHEMA_MAP && !rows[i].is_list && i != ROOT_DEFAULTS)
            config_read_section(&reader, rows[i].section, map_at(&build->roots[0].values[i]),
                                &build->sections[rows[i].section]);
    }
}

/* What stands below system. */
static void read_flap_detection(build_t *build)
{
    const config_reader_t reader = reader_of(build, 0);
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

static int read_documents(build_t *build)
{
    build->roots = calloc(build->n_documents, sizeof *build->roots);
    build->defaults = calloc(build->n_documents, sizeof *build->defaults);
    build->templates = calloc(CONFIG_TEMPLATES_MAX, sizeof *build->templates);
    build->is_used = calloc(CONFIG_TEMPLATES_MAX, sizeof *build->is_used);
    if (!build->roots || !build->defaults || !build->templates || !build->is_used)
        return -1;
    for (size_t i = 0; i < build->n_documents; i++) {
        const config_reader_t reader = reader_of(build, i);
        config_read_section(&reader, SECTION_ROOT, build->documents[i].root, &build->roots[i]);
        config_read_section(&reader, SECTION_DEFAULTS,
                            map_at(&build->roots[i].values[ROOT_DEFAULTS]), &build->defaults[i]);
        add_templates(build, i);
    }
    check_templates(build);
    read_main_sections(build);
    read_flap_detection(build);
    return 0;
}

/* --- targets --- */

static void add_targets(build_t *build)
{
    for (size_t i = 0; i < build->n_documents; i++) {
        const config_reader_t reader = reader_of(build, i);
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
    }
}

/* Labels of metrics have names that Prometheus takes, and none that a metric has already. */
static void check_metric_labels(const build_t *build)
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

static void check_names(const build_t *build, const config_t *config)
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

/* Services, then infrastructure, then the emergency stop. */
static int join_targets(build_t *build, config_t *config)
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
        check_names(build, config);
        check_metric_labels(build);
    }
    services->n = infrastructure->n = 0;
    return is_whole ? 0 : -1;
}

/* --- the rest --- */

static const config_value_t *value_at(const build_t *build, schema_section_t section, size_t key)
{
    return &build->sections[section].values[key];
}

/* Copies the first text of a key to *RET; 0 also where it has none, -1: out of memory. */
static int copy_text(const build_t *build, schema_section_t section, size_t key, char **ret)
{
    const config_value_t *value = value_at(build, section, key);
    if (value->n_texts == 0)
        return 0;
    *ret = strdup(value->texts[0]);
    return *ret ? 0 : -1;
}

/* Copies the texts of VALUE. 0, or -1 with what was copied given all the same. */
static int copy_list(const config_value_t *value, char ***ret, size_t *ret_n)
{
    *ret = calloc(value->n_texts + 1, sizeof(char *));
    for (size_t i = 0; *ret && i < value->n_texts; i++) {
        (*ret)[i] = strdup(value->texts[i]);
        if (!(*ret)[i])
            return -1;
        (*ret_n)++;
    }
    return *ret ? 0 : -1;
}

static int copy_lists(const build_t *build, config_t *config)
{
    return copy_list(value_at(build, SECTION_PUBLISH, PUBLISH_ENDPOINTS), &config->publish,
                     &config->n_publish) ||
                   copy_list(value_at(build, SECTION_GATEWAY, GATEWAY_METRIC_LABELS),
                             &config->metric_labels, &config->n_metric_labels)
               ? -1
               : 0;
}

static int copy_texts(const build_t *build, config_t *config)
{
    const struct {
        schema_section_t section;
        size_t key;
        char **ret;
    } rows[] = {
        {SECTION_INSTANCE, INSTANCE_NAME, &config->instance_name},
        {SECTION_INSTANCE, INSTANCE_STATE_DIR, &config->state_dir},
        {SECTION_BUS, BUS_URL, &config->redis_url},
        {SECTION_BUS, BUS_STREAM_PREFIX, &config->bus_stream_prefix},
        {SECTION_BUS, BUS_GROUP_PREFIX, &config->bus_group_prefix},
        {SECTION_BUS, BUS_SERVICE_NAME, &config->bus_service_name},
        {SECTION_GATEWAY, GATEWAY_LISTEN, &config->listen},
        {SECTION_GATEWAY, GATEWAY_TOKEN, &config->token},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (copy_text(build, rows[i].section, rows[i].key, rows[i].ret))
            return -1;
    }
    return copy_lists(build, config);
}

static double latency_of(const build_t *build, size_t key)
{
    const config_value_t *value = value_at(build, SECTION_SYSTEM, key);
    return value->node ? (double)value->integer : (double)NAN;
}

static flap_settings_t flap_of(const build_t *build)
{
    const config_value_t *flap = build->sections[SECTION_FLAP_DETECTION].values;
    return (flap_settings_t){
        .window = flap[FLAP_ENABLED].integer ? (uint32_t)flap[FLAP_WINDOW].integer : 0,
        .high = flap[FLAP_HIGH].real,
        .low = flap[FLAP_LOW].real,
    };
}

static void copy_numbers(const build_t *build, config_t *config)
{
    const config_value_t *system = build->sections[SECTION_SYSTEM].values;
    const config_value_t *bus = build->sections[SECTION_BUS].values;
    const config_value_t *gateway = build->sections[SECTION_GATEWAY].values;
    const config_value_t *publish = build->sections[SECTION_PUBLISH].values;
    const config_value_t *logging = build->sections[SECTION_LOGGING].values;
    config->check_interval_ms = (uint32_t)build->defaults[0].values[TARGET_CHECK_INTERVAL].integer;
    config->latency_degraded_ms = latency_of(build, SYSTEM_LATENCY_DEGRADED);
    config->latency_critical_ms = latency_of(build, SYSTEM_LATENCY_CRITICAL);
    const config_value_t *probing = build->sections[SECTION_PROBING].values;
    config->max_in_flight = (uint32_t)probing[PROBING_MAX_IN_FLIGHT].integer;
    config->max_in_flight_per_host = (uint32_t)probing[PROBING_MAX_IN_FLIGHT_PER_HOST].integer;
    config->staleness = system[SYSTEM_STALENESS].real;
    config->flap = flap_of(build);
    config->alert_degraded_targets =
        value_at(build, SECTION_ALERTING, ALERTING_DEGRADED)->integer != 0;
    config->alert_overdue = value_at(build, SECTION_ALERTING, ALERTING_OVERDUE)->integer != 0;
    config->notify_after_ms = (uint32_t)build->defaults[0].values[TARGET_NOTIFY_AFTER].integer;
    config->bus_max_length = (uint32_t)bus[BUS_MAX_LENGTH].integer;
    config->spool_max_bytes = bus[BUS_SPOOL_MAX_SIZE].integer;
    config->publish_high_water_mark = (uint32_t)publish[PUBLISH_HIGH_WATER_MARK].integer;
    config->anonymous_role = (role_t)gateway[GATEWAY_ANONYMOUS_ROLE].integer;
    config->max_connections = (uint32_t)gateway[GATEWAY_MAX_CONNECTIONS].integer;
    config->log_level = (log_level_t)logging[LOGGING_LEVEL].integer;
    config->log_is_json = logging[LOGGING_FORMAT].integer != 0;
}

static config_given_t given_of(const build_t *build)
{
    if (!build->has_file)
        return (config_given_t){.bus_url = false};
    return (config_given_t){
        .bus_url = value_at(build, SECTION_BUS, BUS_URL)->node,
        .listen = value_at(build, SECTION_GATEWAY, GATEWAY_LISTEN)->node,
        .token = value_at(build, SECTION_GATEWAY, GATEWAY_TOKEN)->node,
        .endpoints = value_at(build, SECTION_PUBLISH, PUBLISH_ENDPOINTS)->node,
        .state_dir = value_at(build, SECTION_INSTANCE, INSTANCE_STATE_DIR)->node,
        .level = value_at(build, SECTION_LOGGING, LOGGING_LEVEL)->node,
        .format = value_at(build, SECTION_LOGGING, LOGGING_FORMAT)->node,
    };
}

/* --- what is legal and foolish --- */

static void warn_of_templates(const build_t *build)
{
    for (size_t i = 0; i < build->n_templates; i++) {
        const config_value_t *name = &build->templates[i].values[TARGET_NAME];
        if (!build->is_used[i] && name->n_texts > 0)
            config_warn(build->faults, name->node->place, "no target takes template \"%s\"",
                        name->texts[0]);
    }
}

static void warn_of_gateway(const build_t *build, const config_t *config)
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

static void warn(const build_t *build, const config_t *config)
{
    const config_value_t *critical = value_at(build, SECTION_SYSTEM, SYSTEM_LATENCY_CRITICAL);
    warn_of_templates(build);
    warn_of_gateway(build, config);
    if (config->latency_degraded_ms >= config->latency_critical_ms)
        config_warn(build->faults, critical->node->place,
                    "latency_critical is not above latency_degraded, which never decides");
    if (config->n_targets == 1)
        config_warn(build->faults, (config_place_t){.line = 0}, "no target: nothing is watched");
}

static int fill(build_t *build, config_t *config)
{
    copy_numbers(build, config);
    config_given_t given = given_of(build);
    if (copy_texts(build, config) || join_targets(build, config) ||
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
        warn(build, config);
    return config->variable_keys && config->settings && config->settings_shown ? 0 : -1;
}

static void clear(build_t *build)
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
    free(build->roots);
    free(build->defaults);
    free(build->templates);
    free(build->is_used);
}

config_t *config_build(const config_document_t *documents, size_t n,
                       const config_environment_t *environment, bool has_file,
                       config_faults_t *faults)
{
    build_t build = {.documents = documents,
                     .n_documents = n,
                     .environment = environment,
                     .has_file = has_file,
                     .faults = faults};
    config_t *config = calloc(1, sizeof *config);
    if (config)
        build.pool = config->pool = text_pool_new();
    if (build.pool && read_documents(&build) == 0) {
        add_targets(&build);
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
