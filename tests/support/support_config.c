#include "tests/support/support_config.h"

#include <stdio.h>

#include "actors/supervisor/config_load.h"
#include "tests/support/support.h"
#include "tests/test.h"

static const char *no_variable(const char *name, void *context)
{
    (void)name;
    (void)context;
    return NULL;
}

config_t *support_config_of_text(const char *yaml)
{
    char folder[64];
    char path[96];
    support_make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/x.yaml", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(yaml, file) >= 0);
    assert_int_equal(fclose(file), 0);
    config_load_t load;
    if (config_load(path, no_variable, NULL, &load))
        fail_msg("%s", load.report);
    config_t *config = load.config;
    load.config = NULL;
    config_load_clear(&load);
    support_remove_folder(folder);
    return config;
}
