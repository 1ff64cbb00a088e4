#include "actors/supervisor/config_file.h"

#include <libfyaml.h>
#include <string.h>

#include "core/utf8.h"

/* A text that is being parsed. */
typedef struct {
    const config_source_t *source;
    size_t file;
    config_faults_t *faults;
    config_tree_t *tree;
    struct fy_parser *parser;
    struct fy_diag *diag;
    config_place_t last; /* of the event before: where an empty value stands */
    unsigned n_documents;
} parse_t;

/* --- before the library sees it --- */

/* Place of byte AT of the text. */
static config_place_t place_of(const parse_t *parse, size_t at)
{
    config_place_t place = {.file = (uint32_t)parse->file, .line = 1, .column = 1, .length = 1};
    for (size_t i = 0; i < at; i++) {
        unsigned char byte = (unsigned char)parse->source->text[i];
        if (byte == '\n') {
            place.line++;
            place.column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

static int refuse_at(const parse_t *parse, size_t at, const char *what)
{
    config_fault(parse->faults, place_of(parse, at), "%s", what);
    return -1;
}

/* The library ends silently at what is not UTF-8, and takes much memory for many directives. */
static int check_bytes(const parse_t *parse)
{
    const char *text = parse->source->text;
    size_t n = parse->source->n_text;
    for (size_t at = 0; at < n;) {
        bool is_valid = false;
        size_t length = utf8_next(text + at, n - at, &is_valid);
        unsigned char byte = (unsigned char)text[at];
        bool is_control =
            (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
        if (!is_valid || is_control) {
            config_fault(parse->faults, place_of(parse, at), "a byte that is no text (0x%02X)",
                         byte);
            return -1;
        }
        if (byte == '%' && (at == 0 || text[at - 1] == '\n'))
            return refuse_at(parse, at, "directives are not taken");
        at += length;
    }
    return 0;
}

/* Those in comments and quotes count too: it is a bound, no grammar. */
static int check_brackets(const parse_t *parse)
{
    const char *text = parse->source->text;
    size_t n_open = 0;
    size_t n_brackets = 0;
    for (size_t at = 0; at < parse->source->n_text; at++) {
        if (text[at] == '[' || text[at] == '{') {
            n_open++;
            n_brackets++;
        } else if ((text[at] == ']' || text[at] == '}') && n_open > 0) {
            n_open--;
        }
        if (n_open > CONFIG_OPEN_BRACKETS_MAX)
            return refuse_at(parse, at, "too many brackets are open");
        if (n_brackets > CONFIG_BRACKETS_MAX)
            return refuse_at(parse, at, "too many brackets in one file");
    }
    return 0;
}

static int check_text(const parse_t *parse)
{
    if (parse->source->n_text > CONFIG_FILE_MAX_BYTES) {
        config_fault(parse->faults, (config_place_t){.file = (uint32_t)parse->file},
                     "the file is larger than %zu KiB; split it and include the parts",
                     CONFIG_FILE_MAX_BYTES >> 10);
        return -1;
    }
    return check_bytes(parse) || check_brackets(parse) ? -1 : 0;
}

/* --- events --- */

static uint32_t length_of(const struct fy_mark *start, const struct fy_mark *end)
{
    bool is_one_line = start && end && start->line == end->line && end->column > start->column;
    return is_one_line ? (uint32_t)(end->column - start->column) : 1;
}

/* What an event has in common with others; an empty value has no place of its own. */
static config_event_t event_of(parse_t *parse, struct fy_event *event, struct fy_token *anchor)
{
    const struct fy_mark *start = fy_event_start_mark(event);
    config_event_t ret = {.place = parse->last};
    if (start) {
        ret.place = (config_place_t){.file = (uint32_t)parse->file,
                                     .line = (uint32_t)start->line + 1,
                                     .column = (uint32_t)start->column + 1,
                                     .length = length_of(start, fy_event_end_mark(event))};
        parse->last = ret.place;
    }
    if (anchor)
        ret.anchor = fy_token_get_text(anchor, &ret.n_anchor);
    return ret;
}

static int refuse_tag(const parse_t *parse, const config_event_t *event)
{
    config_fault(parse->faults, event->place, "tags are not taken");
    return -1;
}

static int on_scalar(parse_t *parse, struct fy_event *event)
{
    const config_event_t at = event_of(parse, event, event->scalar.anchor);
    if (event->scalar.tag)
        return refuse_tag(parse, &at);
    size_t n = 0;
    const char *text = event->scalar.value ? fy_token_get_text(event->scalar.value, &n) : NULL;
    bool is_quoted =
        event->scalar.value && fy_token_scalar_style(event->scalar.value) != FYSS_PLAIN;
    return config_tree_scalar(parse->tree, &at, text ? text : "", text ? n : 0, is_quoted);
}

static int on_list(parse_t *parse, struct fy_event *event)
{
    config_event_t at = event_of(parse, event, event->sequence_start.anchor);
    at.place.length = 1;
    if (event->sequence_start.tag)
        return refuse_tag(parse, &at);
    return config_tree_begin(parse->tree, &at, NODE_LIST);
}

static int on_map(parse_t *parse, struct fy_event *event)
{
    config_event_t at = event_of(parse, event, event->mapping_start.anchor);
    at.place.length = 1;
    if (event->mapping_start.tag)
        return refuse_tag(parse, &at);
    return config_tree_begin(parse->tree, &at, NODE_MAP);
}

static int on_document(parse_t *parse, struct fy_event *event)
{
    const config_event_t at = event_of(parse, event, NULL);
    if (++parse->n_documents == 1)
        return 0;
    config_fault(parse->faults, at.place, "a second document; a file has one");
    return -1;
}

static int on_alias(parse_t *parse, struct fy_event *event)
{
    config_event_t at = event_of(parse, event, event->alias.anchor);
    if (at.place.column > 1) { /* the library's place is behind the '*' */
        at.place.column--;
        at.place.length++;
    }
    return config_tree_alias(parse->tree, &at);
}

static int on_event(parse_t *parse, struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return on_document(parse, event);
    case FYET_SCALAR:
        return on_scalar(parse, event);
    case FYET_ALIAS:
        return on_alias(parse, event);
    case FYET_SEQUENCE_START:
        return on_list(parse, event);
    case FYET_MAPPING_START:
        return on_map(parse, event);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        return config_tree_end(parse->tree);
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        break;
    }
    return 0;
}

/* What the library says about the syntax. */
static void tell_syntax(const parse_t *parse)
{
    void *iterator = NULL;
    size_t n_told = 0;
    for (const struct fy_diag_error *error = fy_diag_errors_iterate(parse->diag, &iterator); error;
         error = fy_diag_errors_iterate(parse->diag, &iterator)) {
        config_place_t place = {.file = (uint32_t)parse->file, .length = 1};
        if (error->line > 0 && error->column > 0) {
            place.line = (uint32_t)error->line;
            place.column = (uint32_t)error->column;
        }
        config_fault(parse->faults, place, "%s", error->msg);
        n_told++;
    }
    if (n_told == 0)
        config_fault(parse->faults, parse->last, "this is not YAML");
}

static int read_events(parse_t *parse)
{
    int rc = 0;
    struct fy_event *event = NULL;
    while (rc == 0 && (event = fy_parser_parse(parse->parser))) {
        rc = on_event(parse, event);
        fy_parser_event_free(parse->parser, event);
    }
    if (rc == 0 && fy_parser_get_stream_error(parse->parser)) {
        tell_syntax(parse);
        rc = -1;
    }
    return rc;
}

static int parse_text(parse_t *parse)
{
    struct fy_diag_cfg diag_settings;
    fy_diag_cfg_default(&diag_settings);
    parse->diag = fy_diag_create(&diag_settings);
    if (!parse->diag)
        return -1;
    fy_diag_set_collect_errors(parse->diag, true);
    unsigned flags =
        FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DISABLE_ACCELERATORS | FYPCF_JSON_NONE;
    const struct fy_parse_cfg settings = {.flags = (enum fy_parse_cfg_flags)flags,
                                          .diag = parse->diag};
    parse->parser = fy_parser_create(&settings);
    if (!parse->parser ||
        fy_parser_set_string(parse->parser, parse->source->text, parse->source->n_text))
        return -1;
    return read_events(parse);
}

int config_file_parse(const config_source_t *source, size_t file, size_t *n_nodes,
                      config_faults_t *faults, config_tree_t **ret)
{
    parse_t parse = {.source = source,
                     .file = file,
                     .faults = faults,
                     .last = {.file = (uint32_t)file, .line = 1, .column = 1, .length = 1}};
    size_t n_before = faults->n_faults;
    int rc = check_text(&parse);
    if (rc)
        return rc;
    parse.tree = config_tree_new(file, n_nodes, faults);
    rc = parse.tree ? parse_text(&parse) : -1;
    if (parse.parser)
        fy_parser_destroy(parse.parser);
    if (parse.diag)
        fy_diag_destroy(parse.diag);
    if (rc && faults->n_faults == n_before) {
        faults->is_out_of_memory = true;
        faults->n_faults++;
    }
    if (rc)
        config_tree_destroy(&parse.tree);
    *ret = parse.tree;
    return rc;
}
