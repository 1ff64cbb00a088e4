#include "actors/supervisor/config_load.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/platform_file.h>

#include "actors/supervisor/config_disk.h"
#include "actors/supervisor/config_file.h"
#include "actors/supervisor/config_user.h"
#include "core/config_build.h"

/* The name under which the compiled-in file's faults would be told. */
#define BUILTIN_NAME "built-in"

/* A file and what became of it. */
typedef struct {
    config_source_t source;
    char *folder; /* that relative paths in it start from */
    config_tree_t *tree;
} file_t;

typedef struct {
    config_environment_t environment;
    config_faults_t faults;
    file_t *files;
    size_t n_files;
    size_t capacity;
    size_t n_bytes;
    size_t n_nodes;
    config_trace_t *trace; /* NULL: nobody asks */
} load_t;

/* --- the set of files --- */

/* Room for a file of NAME (takes it, also where it fails); NULL: out of memory. */
static file_t *add_file(load_t *load, char *name)
{
    if (name && load->n_files == load->capacity) {
        size_t capacity = load->capacity ? 2 * load->capacity : 4;
        file_t *files = realloc(load->files, capacity * sizeof *files);
        if (files) {
            load->files = files;
            load->capacity = capacity;
        }
    }
    if (!name || load->n_files == load->capacity) {
        load->faults.is_out_of_memory = true;
        load->faults.n_faults++;
        free(name);
        return NULL;
    }
    file_t *file = &load->files[load->n_files++];
    *file = (file_t){.source = {.name = name}};
    return file;
}

/* Reads and parses the file at PATH (takes it). */
static void load_file(load_t *load, char *path)
{
    size_t at = load->n_files;
    file_t *file = add_file(load, path);
    if (!file)
        return;
    const char *reason = NULL;
    config_place_t whole = {.file = (uint32_t)at};
    file->folder = config_disk_folder(path);
    file->source.text =
        config_disk_read(path, CONFIG_FILE_MAX_BYTES, &file->source.n_text, &reason);
    if (!file->source.text || !file->folder) {
        config_fault(&load->faults, whole, "cannot be read: %s", reason ? reason : "out of memory");
        return;
    }
    load->n_bytes += file->source.n_text;
    if (load->n_bytes > CONFIG_FILES_MAX_BYTES) {
        config_fault(&load->faults, whole, "all files together are larger than %zu MiB",
                     CONFIG_FILES_MAX_BYTES >> 20);
        return;
    }
    (void)config_file_parse(&file->source, at, &load->n_nodes, &load->faults, &file->tree);
}

static int is_yaml(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Reads the files of the folder that the main file names at PLACE. */
static void load_folder(load_t *load, const char *folder, config_place_t place)
{
    char *path = config_disk_path(load->files[0].folder, folder);
    struct dirent **entries = NULL;
    int n = path ? scandir(path, &entries, is_yaml, by_name) : -1;
    if (n < 0)
        config_fault(&load->faults, place, "include: the folder cannot be read: %s",
                     path ? strerrordesc_np(errno) : "out of memory");
    else if (n == 0)
        config_warn(&load->faults, place, "include: no file *.yaml is there");
    if (n > CONFIG_INCLUDED_MAX)
        config_fault(&load->faults, place, "include: more than %d files", CONFIG_INCLUDED_MAX);
    for (int i = 0; i < n; i++) {
        if (n <= CONFIG_INCLUDED_MAX)
            load_file(load, config_disk_path(path, entries[i]->d_name));
        free(entries[i]);
    }
    free(entries);
    free(path);
}

static config_document_t document_of(load_t *load, size_t at)
{
    file_t *file = &load->files[at];
    return (config_document_t){.root = file->tree ? config_tree_root(file->tree) : NULL,
                               .trace = load->trace,
                               .values = {.lookup = config_environment_lookup,
                                          .read_file = config_disk_value,
                                          .find_file = config_disk_find,
                                          .find_user = config_user_find,
                                          .read_zone = config_disk_zone,
                                          .context = &load->environment,
                                          .file_context = file->folder}};
}

static void load_includes(load_t *load)
{
    char **folders = NULL;
    config_place_t *places = NULL;
    const config_document_t main_file = document_of(load, 0);
    size_t n = config_includes(&main_file, &folders, &places);
    for (size_t i = 0; i < n; i++) {
        load_folder(load, folders[i], places[i]);
        free(folders[i]);
    }
    free(folders);
    free(places);
}

/* The configuration of the files that were read; NULL with faults. */
static config_t *build(load_t *load, bool has_file)
{
    config_document_t *documents = calloc(load->n_files + 1, sizeof *documents);
    if (!documents) {
        load->faults.is_out_of_memory = true;
        load->faults.n_faults++;
        return NULL;
    }
    for (size_t i = 0; i < load->n_files; i++)
        documents[i] = document_of(load, i);
    config_t *config =
        config_build(documents, load->n_files, &load->environment, has_file, &load->faults);
    free(documents);
    return config;
}

static void clear(load_t *load)
{
    for (size_t i = 0; i < load->n_files; i++) {
        config_tree_destroy(&load->files[i].tree);
        free(load->files[i].source.name);
        free(load->files[i].source.text);
        free(load->files[i].folder);
    }
    free(load->files);
    config_faults_clear(&load->faults);
    free(load);
}

static load_t *begin(config_lookup_fn *lookup, void *context)
{
    load_t *load = calloc(1, sizeof *load);
    if (load)
        load->environment = (config_environment_t){.lookup = lookup, .context = context};
    return load;
}

/* Writes what was found to *RET. */
static void report(load_t *load, config_load_t *ret)
{
    text_t text = {0};
    config_source_t *sources = calloc(load->n_files + 1, sizeof *sources);
    for (size_t i = 0; sources && i < load->n_files; i++)
        sources[i] = load->files[i].source;
    if (sources)
        config_faults_print(&load->faults, sources, &text);
    free(sources);
    ret->report = text_take(&text);
    ret->n_faults = load->faults.n_faults;
    ret->n_warnings = load->faults.n_warnings;
}

/* A bad variable that would override the file: told before the file's faults. */
static void refuse_environment(const config_error_t *error, config_load_t *ret)
{
    text_t text = {0};
    text_appendf(&text, "healthd: %s\n%s", error->text, ret->report ? ret->report : "");
    free(ret->report);
    ret->report = text_take(&text);
    ret->n_faults++;
    config_destroy(&ret->config);
}

/* Names the places of what was traced. */
static void name_places(const load_t *load)
{
    config_trace_t *trace = load->trace;
    for (size_t i = 0; trace && i < trace->n_rows; i++) {
        config_trace_row_t *row = &trace->rows[i];
        if (!row->is_built_in &&
            asprintf(&row->from, "%s:%u", load->files[row->place.file].source.name,
                     row->place.line) < 0)
            row->from = NULL;
    }
}

int config_load(const char *path, config_lookup_fn *lookup, void *context, config_load_t *ret)
{
    return config_load_traced(path, lookup, context, NULL, ret);
}

int config_load_traced(const char *path, config_lookup_fn *lookup, void *context,
                       config_trace_t *trace, config_load_t *ret)
{
    *ret = (config_load_t){.config = NULL};
    load_t *load = begin(lookup, context);
    config_error_t error;
    if (!load) {
        ret->n_faults = 1;
        return -1;
    }
    load->trace = trace;
    load_file(load, strdup(path));
    if (load->n_files > 0)
        load_includes(load);
    if (load->n_files > 0 && load->files[0].tree) {
        ret->config = build(load, true);
        if (ret->config)
            ret->config->file = strdup(path);
    }
    name_places(load);
    report(load, ret);
    if (config_environment_check(&load->environment, true, &error))
        refuse_environment(&error, ret);
    clear(load);
    return ret->config ? 0 : -1;
}

static const char *plural(size_t n, const char *one, const char *more)
{
    return n == 1 ? one : more;
}

void config_load_summary(const char *path, const config_load_t *load, text_t *line)
{
    const config_t *config = load->config;
    size_t n_critical = 0;
    if (!config) {
        text_appendf(line, "%s: %zu %s\n", path, load->n_faults,
                     plural(load->n_faults, "fault", "faults"));
        return;
    }
    for (size_t i = 0; i < config->n_targets; i++)
        n_critical += config->targets[i].kind != KIND_NONE && config->targets[i].is_critical;
    text_appendf(line, "%s: %zu %s, %zu critical, %zu %s\n", path, config->n_targets - 1,
                 plural(config->n_targets - 1, "target", "targets"), n_critical, load->n_warnings,
                 plural(load->n_warnings, "warning", "warnings"));
}

void config_load_clear(config_load_t *load)
{
    config_destroy(&load->config);
    free(load->report);
    *load = (config_load_t){.config = NULL};
}

const char *config_builtin_file(void)
{
    return platform_file;
}

/* --- environment-only mode --- */

static void load_builtin(load_t *load)
{
    file_t *file = add_file(load, strdup(BUILTIN_NAME));
    if (!file)
        return;
    file->source.text = strdup(platform_file);
    if (!file->source.text)
        return;
    file->source.n_text = strlen(file->source.text);
    (void)config_file_parse(&file->source, 0, &load->n_nodes, &load->faults, &file->tree);
}

int config_from_environment(config_lookup_fn *lookup, void *context, config_t **ret,
                            config_error_t *reterr)
{
    load_t *load = begin(lookup, context);
    if (!load) {
        (void)snprintf(reterr->text, sizeof reterr->text, "out of memory");
        return -1;
    }
    if (config_environment_check(&load->environment, false, reterr)) {
        clear(load);
        return -1;
    }
    load_builtin(load);
    config_t *config = load->n_files && load->files[0].tree ? build(load, false) : NULL;
    if (!config) { /* the values were checked, the file is ours */
        const config_fault_t *fault = &load->faults.kept[0];
        (void)snprintf(reterr->text, sizeof reterr->text, "%s",
                       load->faults.n_kept ? fault->text : "out of memory");
    }
    clear(load);
    *ret = config ? config : *ret;
    return config ? 0 : -1;
}
