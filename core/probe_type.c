#include "core/probe_type.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

static const probe_type_row_t passive = {.name = "passive", .is_pushed = true, .error_prefix = ""};
static const probe_type_row_t group = {.name = "group", .is_pushed = true, .error_prefix = ""};

const probe_type_row_t *probe_type_row(probe_type_t type)
{
#define ROW(NAME, name) [PROBE_##NAME] = &probe_##name,
    static const probe_type_row_t *const rows[PROBE_TYPE_COUNT] = {
        PROBE_TYPES(ROW, ROW)[PROBE_PASSIVE] = &passive, [PROBE_GROUP] = &group};
#undef ROW
    assert(type < PROBE_TYPE_COUNT);
    return rows[type];
}

const char *probe_type_name(probe_type_t type)
{
    return probe_type_row(type)->name;
}

bool probe_type_is_probed(probe_type_t type)
{
    return !probe_type_row(type)->is_pushed;
}

static bool has_scheme(const char *url, const char *scheme)
{
    size_t n = strlen(scheme);
    return strncasecmp(url, scheme, n) == 0 && url[n] == ':';
}

probe_type_t probe_type_of_url(const char *url)
{
    for (int type = 0; type < PROBE_TYPE_COUNT; type++) {
        const char *const *schemes = probe_type_row((probe_type_t)type)->schemes;
        for (size_t i = 0; schemes && schemes[i]; i++) {
            if (has_scheme(url, schemes[i]))
                return (probe_type_t)type;
        }
    }
    return PROBE_TYPE_COUNT;
}

void probe_type_url_form(text_t *text)
{
    const char *separator = "a URL that begins with ";
    for (int type = 0; type < PROBE_TYPE_COUNT; type++) {
        const char *const *schemes = probe_type_row((probe_type_t)type)->schemes;
        for (size_t i = 0; schemes && schemes[i]; i++) {
            text_appendf(text, "%s%s:", separator, schemes[i]);
            separator = ", ";
        }
    }
}
