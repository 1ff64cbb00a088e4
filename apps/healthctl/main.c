/* healthctl: what healthd knows, on a terminal or for a script. */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <healthd/version.h>

#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/nearest.h"
#include "apps/healthctl/table.h"

static const char help_text[] =
    "healthctl COMMAND [OPTION]...   asks healthd, or watches it\n"
    "\n"
    "  status        the system in one word and what is wrong; exit code 0 OK, 1 DEGRADED,\n"
    "                2 CRITICAL, 3 UNKNOWN or healthd not reached\n"
    "  targets       every target: status, latency, reason\n"
    "  targets NAME  one whole: pause, phases, conditions, what its last failed checks saw\n"
    "  alerts        the active alerts, oldest first\n"
    "  history       the last alerts with their ends       --limit N   (default 20)\n"
    "  clear ID      resolve an alert; it stays quiet until its condition has ended\n"
    "  quick URL [FILE]   writes a file that watches the URL (healthd.yaml), and probes it once\n"
    "  probe URL     the same without a file\n"
    "  probe NAME    probes a target now: phases, conditions, verdict; --dry-run changes nothing;\n"
    "                exit code 0 OK, 1 DEGRADED, 2 DOWN, 3 no result\n"
    "  pause NAME    leaves a target out   --reason TEXT  --until 2026-11-24T12:00:00Z or +15m\n"
    "  resume NAME   ends that\n"
    "  explain [NAME]      why the system, or a target, is what it is: a sentence, and every "
    "rule,\n"
    "                + where it holds, - where not\n"
    "  config check FILE   its faults, as healthd --check tells them\n"
    "  config show NAME    the settings of a target; with --file FILE where each comes from\n"
    "  config diff FILE    what a reload with it would change; --against FILE: from that file\n"
    "  config reload       read the configuration anew; --force where many targets go\n"
    "  watch         a line for each event as it comes      --count N   ends after N of them\n"
    "\n"
    "  --url URL             healthd (default $HEALTHD_URL or http://127.0.0.1:8080)\n"
    "  --subscribe ENDPOINT  its publication, for watch (default tcp://127.0.0.1:5556)\n"
    "  --token TOKEN         credential of writes (default $HEALTHD_TOKEN, which no list of\n"
    "                        processes shows)\n"
    "  -o, --output FORMAT   table (default) or json, the answer as it came\n"
    "  --timeout SECONDS     for an answer (default 5); with watch: the longest silence\n"
    "  --self                with status: print nothing, exit 0 if healthd is ready, else 1\n"
    "  --help, --version\n"
    "\n"
    "Colour is used on a terminal unless NO_COLOR is set; nothing is told by colour alone.\n"
    "\n"
    "Examples\n"
    "  healthctl status || echo 'something is wrong'\n"
    "  healthctl targets -o json | jq '.snapshot.services | keys'\n"
    "  healthctl pause postgres --until +30m --reason upgrade\n"
    "  healthctl clear risk_guard_CRITICAL_2026-11-24T02:45:30.289500+00:00\n"
    "  healthctl watch --count 1 --timeout 90     is anything published at all?\n"
    "  HEALTHCHECK CMD healthctl status --self    in a Dockerfile\n";

typedef struct {
    const char *name;
    int (*run)(const options_t *options);
    int n_objects; /* words after it */
} verb_t;

static const verb_t verbs[] = {
    {"status", verb_status, 0},   {"targets", verb_targets, 0}, {"alerts", verb_alerts, 0},
    {"history", verb_history, 0}, {"clear", verb_clear, 1},     {"config", verb_config, 2},
    {"watch", verb_watch, 0},     {"quick", verb_quick, 1},     {"probe", verb_probe, 1},
    {"pause", verb_pause, 1},     {"resume", verb_resume, 1},   {"explain", verb_explain, 0},
};

#define N_VERBS (sizeof verbs / sizeof verbs[0])

static int refuse(const char *what, const char *value, const char *hint)
{
    text_t line = {0};
    text_append_string(&line, what);
    if (value) {
        text_append_string(&line, " \"");
        table_escape(&line, value, 80);
        text_append_string(&line, "\"");
    }
    fprintf(stderr, "healthctl: %s%s%s\n", line.is_failed ? what : line.bytes, hint ? "; " : "",
            hint ? hint : "");
    text_clear(&line);
    return EXIT_USAGE;
}

static int refuse_word(const char *what, const char *word, const char *const *words, size_t n)
{
    char hint[96] = "see healthctl --help";
    const char *meant = nearest_word(word, words, n);
    if (meant)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", meant);
    return refuse(what, word, hint);
}

/* --- options --- */

/* What an option gives in place of an exit code where it was the whole command. */
#define ALL_SAID (-1)

static int take_number(const char *name, const char *value, long low, long high, long *number)
{
    char *end;
    char hint[64];
    errno = 0;
    long read = strtol(value, &end, 10);
    if (errno == 0 && end != value && *end == '\0' && read >= low && read <= high) {
        *number = read;
        return 0;
    }
    snprintf(hint, sizeof hint, "a whole number from %ld to %ld is needed", low, high);
    return refuse(name, value, hint);
}

static int take_output(const char *value, options_t *options)
{
    options->is_json = strcmp(value, "json") == 0;
    if (options->is_json || strcmp(value, "table") == 0)
        return 0;
    return refuse("--output", value, "json or table is needed");
}

typedef enum {
    OPTION_URL,
    OPTION_SUBSCRIBE,
    OPTION_TOKEN,
    OPTION_OUTPUT,
    OPTION_TIMEOUT,
    OPTION_LIMIT,
    OPTION_COUNT,
    OPTION_FILE,
    OPTION_AGAINST,
    OPTION_REASON,
    OPTION_UNTIL,
    OPTION_SELF, /* from here on without a value */
    OPTION_FORCE,
    OPTION_DRY_RUN,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_NUMBER_OF
} option_name_t;

static const char *const option_names[OPTION_NUMBER_OF] = {
    "--url",   "--subscribe", "--token",   "--output", "--timeout", "--limit",
    "--count", "--file",      "--against", "--reason", "--until",   "--self",
    "--force", "--dry-run",   "--help",    "--version"};

static int take_option(option_name_t option, const char *value, options_t *options)
{
    switch (option) {
    case OPTION_URL:
        options->url = value;
        return *value ? 0 : refuse("--url", value, "an address is needed");
    case OPTION_SUBSCRIBE:
        options->subscribe = value;
        return 0;
    case OPTION_TOKEN:
        options->token = value;
        return 0;
    case OPTION_OUTPUT:
        return take_output(value, options);
    case OPTION_TIMEOUT:
        options->has_timeout = true;
        return take_number("--timeout", value, 1, 86400, &options->timeout_s);
    case OPTION_LIMIT:
        return take_number("--limit", value, 1, 500, &options->limit);
    case OPTION_COUNT:
        return take_number("--count", value, 1, 1000000000, &options->count);
    case OPTION_FILE:
        options->file = value;
        return 0;
    case OPTION_AGAINST:
        options->against = value;
        return 0;
    case OPTION_REASON:
        options->reason = value;
        return 0;
    case OPTION_UNTIL:
        options->until = value;
        return 0;
    case OPTION_DRY_RUN:
        options->is_dry_run = true;
        return 0;
    case OPTION_FORCE:
        options->is_forced = true;
        return 0;
    case OPTION_SELF:
        options->is_self = true;
        return 0;
    case OPTION_HELP:
        return fputs(help_text, stdout) < 0 ? 1 : ALL_SAID;
    case OPTION_VERSION:
        return puts("healthctl " HEALTHD_VERSION) < 0 ? 1 : ALL_SAID;
    case OPTION_NUMBER_OF:
        break;
    }
    return EXIT_USAGE;
}

/* Takes the option at argv[*AT] and its value, which may follow after '=' or as the next word. */
static int read_option(int argc, char **argv, int *at, options_t *options)
{
    const char *word = argv[*at], *equals = strchr(word, '=');
    size_t n = equals ? (size_t)(equals - word) : strlen(word);
    size_t option = 0;
    if (strcmp(word, "-o") == 0)
        option = OPTION_OUTPUT;
    else if (strcmp(word, "-h") == 0)
        option = OPTION_HELP;
    else
        while (option < OPTION_NUMBER_OF &&
               (strlen(option_names[option]) != n || strncmp(word, option_names[option], n) != 0))
            option++;
    if (option == OPTION_NUMBER_OF)
        return refuse_word("no option", word, option_names, OPTION_NUMBER_OF);
    const char *value = equals ? equals + 1 : "";
    if (option >= OPTION_SELF && equals)
        return refuse("no value is taken by", word, NULL);
    if (option < OPTION_SELF && !equals) {
        if (*at + 1 == argc)
            return refuse("a value is missing after", word, NULL);
        value = argv[++*at];
    }
    return take_option((option_name_t)option, value, options);
}

static const char *environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name); // NOLINT(concurrency-mt-unsafe): before any thread
    return value && *value ? value : otherwise;
}

static int check_token(const options_t *options)
{
    for (const char *at = options->token; at && *at; at++)
        if (*at <= ' ' || *at > '~')
            return refuse("the token holds a space or what is not ASCII", NULL, NULL);
    return 0;
}

/* --- the command --- */

static int refuse_missing(const verb_t *verb)
{
    if (verb->n_objects == 2)
        return refuse("config needs one of check FILE, show NAME, diff FILE, reload", NULL,
                      "see healthctl --help");
    if (strcmp(verb->name, "clear") == 0)
        return refuse("clear needs the id of an alert", NULL, "healthctl alerts shows them");
    if (verb->run == verb_quick)
        return refuse("quick needs a URL", NULL,
                      "such as https://shop.example.org/ or tcp://10.0.0.1:22");
    return refuse("the name of a target is missing after", verb->name,
                  "healthctl targets shows them");
}

/* What the verb is about; N_WANTED words are there. */
static const char *object_of(const verb_t *verb, const char *const *words, int n_wanted)
{
    if (verb->run == verb_targets || verb->run == verb_explain)
        return n_wanted == 2 ? words[1] : NULL;
    return words[verb->n_objects == 2 ? n_wanted - 1 : verb->n_objects];
}

static int run(const char *const *words, int n_words, options_t *options)
{
    const char *names[N_VERBS];
    for (size_t i = 0; i < N_VERBS; i++)
        names[i] = verbs[i].name;
    if (n_words == 0) {
        fputs(help_text, stderr);
        return EXIT_USAGE;
    }
    const verb_t *verb = verbs;
    while (verb < verbs + N_VERBS && strcmp(verb->name, words[0]) != 0)
        verb++;
    if (verb == verbs + N_VERBS)
        return refuse_word("no command", words[0], names, N_VERBS);
    int n_wanted = 1 + verb->n_objects;
    if (verb->n_objects == 2 && n_words > 1)
        options->action = words[1];
    if (options->action && strcmp(options->action, "reload") == 0)
        n_wanted = 2;
    if (n_words < n_wanted)
        return refuse_missing(verb);
    if (verb->run == verb_quick && n_words == n_wanted + 1)
        options->file = words[n_wanted++];
    if ((verb->run == verb_targets || verb->run == verb_explain) && n_words == n_wanted + 1)
        n_wanted++;
    if (n_words > n_wanted)
        return refuse("nothing more is taken after it:", words[n_wanted], NULL);
    options->object = object_of(verb, words, n_wanted);
    if (check_token(options))
        return EXIT_USAGE;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int rc = verb->run(options);
    curl_global_cleanup();
    return rc;
}

int main(int argc, char **argv)
{
    options_t options = {.url = environment("HEALTHD_URL", "http://127.0.0.1:8080"),
                         .subscribe = "tcp://127.0.0.1:5556",
                         .token = environment("HEALTHD_TOKEN", NULL),
                         .timeout_s = 5,
                         .limit = 20};
    const char *words[4];
    int n_words = 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            int rc = read_option(argc, argv, &i, &options);
            if (rc)
                return rc == ALL_SAID ? 0 : rc;
        } else if (n_words < 4) {
            words[n_words++] = argv[i];
        }
    }
    options.is_coloured = isatty(STDOUT_FILENO) && !environment("NO_COLOR", NULL);
    return run(words, n_words, &options);
}
