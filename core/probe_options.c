#include "core/probe_options.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of what is said of a value. */
#define SAID_BYTES 600
/* Bytes of a zone's name that are shown. */
#define ZONE_SHOWN_BYTES 160

static const config_value_t *value_at(const probe_options_t *options, size_t key)
{
    assert(key < options->row->n_keys);
    return &options->values[key];
}

bool probe_option_is_given(const probe_options_t *options, size_t key)
{
    return value_at(options, key)->node;
}

int64_t probe_option_number(const probe_options_t *options, size_t key)
{
    return value_at(options, key)->integer;
}

double probe_option_real(const probe_options_t *options, size_t key)
{
    return value_at(options, key)->real;
}

static const char *keep(const probe_options_t *options, char *text)
{
    const char *kept = text ? text_pool_keep(options->draft->work->pool, &text) : NULL;
    if (text)
        probe_option_out_of_memory(options);
    free(text);
    return kept;
}

/* Item I of KEY alone, as draft_text wants it. */
static config_value_t item_at(const config_value_t *value, size_t i)
{
    config_value_t item = *value;
    item.texts = value->texts + i;
    item.text_nodes = value->text_nodes + i;
    item.n_texts = 1;
    return item;
}

const char *probe_option_text_at(const probe_options_t *options, size_t key, size_t i)
{
    const config_value_t *value = value_at(options, key);
    assert(i < value->n_texts);
    const config_value_t item = item_at(value, i);
    if (!item.text_nodes[0]) { /* the default */
        char *copy = strdup(value->texts[i]);
        if (!copy)
            probe_option_out_of_memory(options);
        return keep(options, copy);
    }
    return keep(options, draft_text(options->draft, &options->row->keys[key], &item));
}

const char *probe_option_text(const probe_options_t *options, size_t key)
{
    return value_at(options, key)->n_texts > 0 ? probe_option_text_at(options, key, 0) : NULL;
}

size_t probe_option_n_texts(const probe_options_t *options, size_t key)
{
    return value_at(options, key)->n_texts;
}

const char *probe_option_file(const probe_options_t *options, size_t key)
{
    return keep(options,
                draft_file(options->draft, &options->row->keys[key], value_at(options, key)));
}

bool probe_option_has_tls(const probe_options_t *options)
{
    for (size_t i = 0; i < TLS_KEYS; i++) {
        if (options->draft->tls[i].node)
            return true;
    }
    return false;
}

void probe_option_user(const probe_options_t *options, size_t key, local_user_t *ret)
{
    const char *name = probe_option_text(options, key);
    const char *reason = NULL;
    if (name && options->draft->work->reader->values.find_user(name, ret, &reason))
        probe_option_fault(options, key, "\"%s\" cannot run anything: %s", name, reason);
}

zone_t *probe_option_zone(const probe_options_t *options, size_t key)
{
    const config_values_t *values = &options->draft->work->reader->values;
    const char *name = probe_option_text(options, key);
    const char *reason = "it cannot be read here";
    if (!name || strcmp(name, "UTC") == 0)
        return NULL;
    size_t n = 0;
    char *bytes = NULL;
    if (!zone_is_name(name))
        reason = "it is no name of one";
    else if (values->read_zone)
        bytes = values->read_zone(name, &n, &reason);
    zone_t *zone = bytes ? zone_of_tzif(bytes, n, &reason) : NULL;
    free(bytes);
    if (!zone) {
        char shown[ZONE_SHOWN_BYTES];
        config_show_value(name, shown, sizeof shown);
        probe_option_fault(options, key, "\"%s\" is no IANA time zone that is installed: %s", shown,
                           reason);
    }
    return zone;
}

bool probe_option_is_plain(const probe_options_t *options, size_t key)
{
    const config_value_t *value = value_at(options, key);
    const config_node_t *node = value->n_texts > 0 ? value->text_nodes[0] : NULL;
    return node && node->kind == NODE_SCALAR && !strstr(node->text, "${");
}

static config_place_t place_in_file(const probe_options_t *options, size_t key, size_t i)
{
    const config_value_t *value = value_at(options, key);
    if (i < value->n_texts && value->text_nodes[i])
        return value->text_nodes[i]->place;
    return value->node ? value->node->place : options->draft->node->place;
}

/* The same, without the line of a secret. */
static config_place_t place_of(const probe_options_t *options, size_t key, size_t i)
{
    schema_type_t type = options->row->keys[key].type;
    config_place_t place = place_in_file(options, key, i);
    return type == SCHEMA_TOKEN || type == SCHEMA_SECRET ? config_hidden_place(place) : place;
}

/* A value that is quoted may hold anything: the terminal is not to obey it. */
static void make_legible(char *said)
{
    for (; *said; said++) {
        if ((unsigned char)*said < 0x20 || *said == 0x7F)
            *said = '?';
    }
}

/* Tells of item I of KEY what FORMAT says, by TELL: config_fault or config_warn. */
__attribute__((format(printf, 5, 0))) static void
say(const probe_options_t *options, size_t key, size_t i,
    void (*tell)(config_faults_t *, config_place_t, const char *, ...), const char *format,
    va_list arguments)
{
    char said[SAID_BYTES];
    (void)vsnprintf(said, sizeof said, format, arguments);
    make_legible(said);
    tell(options->draft->work->reader->faults, place_of(options, key, i), "%s: %s",
         options->row->keys[key].key, said);
}

void probe_option_fault(const probe_options_t *options, size_t key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(options, key, 0, config_fault, format, arguments);
    va_end(arguments);
}

void probe_option_fault_at(const probe_options_t *options, size_t key, size_t i, const char *format,
                           ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(options, key, i, config_fault, format, arguments);
    va_end(arguments);
}

void probe_option_warn(const probe_options_t *options, size_t key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(options, key, 0, config_warn, format, arguments);
    va_end(arguments);
}

void probe_option_out_of_memory(const probe_options_t *options)
{
    draft_out_of_memory(options->draft);
}

/* --- the draft's side --- */

/* Position of the map of TYPE among the keys of a target; 0: it has none. */
static size_t key_of(probe_type_t type)
{
#define ROW(NAME, name) [PROBE_##NAME] = TARGET_##NAME,
    static const size_t keys[PROBE_TYPE_COUNT + 1] = {PROBE_TYPES(SCHEMA_NO_OPTIONS, ROW) 0};
#undef ROW
    return keys[type];
}

static bool has_variable(const probe_options_t *options)
{
    for (size_t key = 0; key < options->row->n_keys; key++) {
        if (draft_has_variable(&options->values[key], 1))
            return true;
    }
    return false;
}

/* A map of another type that stands in the target itself; that of its layers is for others. */
static void refuse_others(const draft_t *draft, const target_t *target)
{
    const config_section_t *own = draft->sections[draft->n_sections - 1];
    for (int type = 0; type < PROBE_TYPE_COUNT; type++) {
        size_t key = key_of((probe_type_t)type);
        if (key == 0 || type == (int)target->type || !own->values[key].node)
            continue;
        const char *name = probe_type_name((probe_type_t)type);
        config_fault(draft->work->reader->faults, own->values[key].key->place,
                     "%s: the target is of the type %s, by its url", name,
                     probe_type_name(target->type));
    }
}

const void *draft_options(draft_t *draft, const target_t *target)
{
    const probe_type_row_t *row = probe_type_row(target->type);
    size_t key = key_of(target->type);
    refuse_others(draft, target);
    if (key == 0)
        return NULL;
    if (draft->options && draft->options_type == target->type)
        return draft->options;
    probe_options_t options = {.draft = draft, .row = row, .url = target->url};
    config_section_t defaults;
    size_t n;
    config_read_section(draft->work->reader, schema_keys(SECTION_TARGET, &n)[key].section, NULL,
                        &defaults);
    memcpy(options.values, defaults.values, sizeof options.values);
    for (size_t layer = 0; layer < draft->n_sections; layer++) {
        const config_section_t *map = draft->sections[layer]->values[key].section;
        for (size_t i = 0; map && i < row->n_keys; i++) {
            if (map->values[i].node)
                options.values[i] = map->values[i];
        }
    }
    void *settings = config_shared_options(draft->work->shared, row);
    if (!settings) {
        draft_out_of_memory(draft);
    } else {
        row->read(&options, settings);
        if (!has_variable(&options)) {
            draft->options = settings;
            draft->options_type = target->type;
        }
    }
    config_section_clear(&defaults);
    return settings;
}
