#include "core/config_keep.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_diff.h"

static int keep_text(const char *before, char **now)
{
    char *copy = strdup(before);
    if (!copy)
        return -1;
    free(*now);
    *now = copy;
    return 0;
}

/* Puts the lines of BEFORE in place of those in *NOW whose keys take a restart. */
static int keep_lines(const char *before, char **now)
{
    text_t lines = {0};
    for (const char *at = *now; *at;) {
        const char *colon = strstr(at, ": ");
        const char *end = strchr(at, '\n');
        char key[128] = "";
        assert(colon && end && colon < end && (size_t)(colon - at) < sizeof key); /* ours */
        memcpy(key, at, (size_t)(colon - at));
        size_t n_value = 0;
        const char *value =
            config_key_takes_restart(key) ? config_line_at(before, key, &n_value) : NULL;
        text_append(&lines, at, (size_t)(colon - at) + 2);
        text_append(&lines, value ? value : colon + 2, value ? n_value : (size_t)(end - colon) - 2);
        text_append_string(&lines, "\n");
        at = end + 1;
    }
    char *kept = text_take(&lines);
    if (!kept)
        return -1;
    free(*now);
    *now = kept;
    return 0;
}

int config_keep(const config_t *before, config_t *now)
{
    now->max_connections = before->max_connections;
    now->log_is_json = before->log_is_json;
    return keep_text(before->state_dir, &now->state_dir) ||
                   keep_text(before->listen, &now->listen) ||
                   keep_lines(before->settings, &now->settings) ||
                   keep_lines(before->settings_shown, &now->settings_shown)
               ? -1
               : 0;
}
