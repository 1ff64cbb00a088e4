/* A program of this machine, by the contract of Nagios' plugins. */
#include "core/probes/exec.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/condition.h"
#include "core/condition_values.h"
#include "core/probe_options.h"
#include "core/schema_tables.h"

/* Bytes of a path, at most: PATH_MAX of Linux. */
#define PROGRAM_MAX_BYTES 4095

enum {
    EXEC_ARGS,
    EXEC_ENV,
    EXEC_WORKING_DIRECTORY,
    EXEC_USER,
    EXEC_NO_NEW_PRIVILEGES,
    EXEC_OUTPUT_LIMIT,
    EXEC_UNKNOWN,
    EXEC_VALUES,
    EXEC_KEYS
};

static const char *const schemes[] = {"exec", NULL};
static const char *const unknown_words[] = {"degraded", "down", NULL};

static const schema_key_t keys[EXEC_KEYS] = {
    [EXEC_ARGS] = {"args", SCHEMA_TEXT, .is_list = true, .most = EXEC_ARGS_MAX,
                   .text = "arguments of the program, each as it is: no shell reads them"},
    [EXEC_ENV] = {"env", SCHEMA_SECRET, .is_list = true, .most = EXEC_ENV_MAX,
                  .text = "environment of the program, each as NAME=value, beside PATH, LANG=C and "
                          "HOME=/; nothing of healthd's own goes to it"},
    [EXEC_WORKING_DIRECTORY] = {"working_directory", SCHEMA_PATH, .fallback = "/",
                                .text = "folder that the program starts in"},
    [EXEC_USER] = {"user", SCHEMA_WORD, .least = 1, .most = 255,
                   .text = "user of this machine that the program runs as; only where healthd may "
                           "become another user"},
    [EXEC_NO_NEW_PRIVILEGES] = {"no_new_privileges", SCHEMA_BOOLEAN, .fallback = "true",
                                .text = "set-user-ID bits and file capabilities give the program "
                                        "nothing; check_icmp and its like need false"},
    [EXEC_OUTPUT_LIMIT] = {"output_limit", SCHEMA_SIZE, .least = 512, .most = 64 * KIB,
                           .fallback = "16KiB",
                           .text = "bytes of its output that are read; a program that writes a MiB "
                                   "more is ended"},
    [EXEC_UNKNOWN] = {"unknown", SCHEMA_CHOICE, .choices = unknown_words, .fallback = "degraded",
                      .text = "status where the program cannot tell: it ends with 3 or more, is "
                              "killed, or cannot be started"},
    [EXEC_VALUES] = {"values", SCHEMA_NAME, .is_list = true, .most = EXEC_VALUES_MAX,
                     .text = "labels of its performance data that conditions use as values"},
};

const char *exec_url_program(const char *url)
{
    if (strncasecmp(url, "exec:/", 6) != 0)
        return NULL;
    const char *program = url + 5;
    size_t n = strlen(program);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)program[i] < 0x20 || program[i] == 0x7F)
            return NULL;
    return n <= PROGRAM_MAX_BYTES && program[n - 1] != '/' ? program : NULL;
}

static bool is_url(const char *url)
{
    return exec_url_program(url) != NULL;
}

/* NAME=value, whose name is one of POSIX. */
static bool is_variable(const char *text)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '_')
        n++;
    return n > 0 && text[n] == '=' && !isdigit((unsigned char)text[0]);
}

static void read_env(const probe_options_t *options, exec_settings_t *settings)
{
    size_t n = probe_option_n_texts(options, EXEC_ENV);
    for (size_t i = 0; i < n && i < EXEC_ENV_MAX; i++) {
        const char *text = probe_option_text_at(options, EXEC_ENV, i);
        if (!text)
            return; /* told */
        if (!is_variable(text))
            probe_option_fault_at(options, EXEC_ENV, i,
                                  "item %zu is not NAME=value (letters, digits and _ in the name)",
                                  i + 1);
        settings->env[settings->n_env++] = text;
    }
}

static void read_values(const probe_options_t *options, exec_settings_t *settings)
{
    size_t n = probe_option_n_texts(options, EXEC_VALUES);
    for (size_t i = 0; i < n && i < EXEC_VALUES_MAX; i++) {
        const char *text = probe_option_text_at(options, EXEC_VALUES, i);
        if (!text)
            return; /* told */
        if (!condition_is_free_name(text))
            probe_option_fault_at(options, EXEC_VALUES, i,
                                  "\"%s\" is no name for a value: letters, digits, _ and -, a "
                                  "letter or _ first, and no word of conditions",
                                  text);
        settings->values[settings->n_values++] = text;
    }
}

static void read(const probe_options_t *options, void *settings_p)
{
    exec_settings_t *settings = settings_p;
    size_t n = probe_option_n_texts(options, EXEC_ARGS);
    for (size_t i = 0; i < n && i < EXEC_ARGS_MAX; i++)
        if ((settings->args[settings->n_args] = probe_option_text_at(options, EXEC_ARGS, i)))
            settings->n_args++;
    read_env(options, settings);
    read_values(options, settings);
    settings->working_directory = probe_option_text(options, EXEC_WORKING_DIRECTORY);
    if (settings->working_directory && settings->working_directory[0] != '/')
        probe_option_fault(options, EXEC_WORKING_DIRECTORY, "\"%s\" is no path that begins with /",
                           settings->working_directory);
    settings->has_user = probe_option_is_given(options, EXEC_USER);
    if (settings->has_user)
        probe_option_user(options, EXEC_USER, &settings->user);
    settings->keeps_privileges_low = probe_option_number(options, EXEC_NO_NEW_PRIVILEGES) != 0;
    settings->output_limit_bytes = (size_t)probe_option_number(options, EXEC_OUTPUT_LIMIT);
    settings->unknown = probe_option_number(options, EXEC_UNKNOWN) ? STATUS_DOWN : STATUS_DEGRADED;
}

static const char *const *names(const void *settings_p, size_t *ret_n)
{
    const exec_settings_t *settings = settings_p;
    *ret_n = settings->n_values;
    return settings->values;
}

/* Whether the settings have the variable of FALLBACK, NAME=value. */
static bool has_variable(const exec_settings_t *settings, const char *fallback)
{
    size_t n_name = strcspn(fallback, "=") + 1;
    for (size_t i = 0; i < settings->n_env; i++)
        if (strncmp(settings->env[i], fallback, n_name) == 0)
            return true;
    return false;
}

void exec_environment(const exec_settings_t *settings,
                      const char *environment[EXEC_ENVIRONMENT_MAX + 1])
{
    static const char *const defaults[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", "HOME=/"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        if (!has_variable(settings, defaults[i]))
            environment[n++] = defaults[i];
    for (size_t i = 0; i < settings->n_env; i++)
        environment[n++] = settings->env[i];
    environment[n] = NULL;
}

void exec_judge(const exec_settings_t *settings, int exit_code, status_t *ret_status,
                reason_t *ret_reason)
{
    *ret_reason = exit_code == 0 ? REASON_NONE : REASON_EXIT_CODE;
    *ret_status = STATUS_OK;
    if (exit_code == 1)
        *ret_status = STATUS_DEGRADED;
    else if (exit_code == 2)
        *ret_status = STATUS_DOWN;
    else if (exit_code != 0) {
        *ret_status = settings->unknown;
        *ret_reason = REASON_EXIT_UNKNOWN;
    }
}

const probe_type_row_t probe_exec = {
    .name = "exec",
    .schemes = schemes,
    .url_form = "exec:/absolute/path/of/a/program",
    .error_prefix = "Program check failed: ",
    .is_url = is_url,
    .values = CONDITION_BIT(CONDITION_LATENCY) | CONDITION_BIT(CONDITION_REASON) |
              CONDITION_BIT(CONDITION_EXIT_CODE) | CONDITION_BIT(CONDITION_OUTPUT) |
              CONDITION_BIT(CONDITION_VALUE),
    .names = names,
    .keys = keys,
    .n_keys = EXEC_KEYS,
    .settings_bytes = sizeof(exec_settings_t),
    .read = read,
};
