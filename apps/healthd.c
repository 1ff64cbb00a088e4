/* healthd: options, environment, signals; then the supervisor. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <healthd/version.h>

#include "actors/io/log.h"
#include "actors/supervisor/config_load.h"
#include "actors/supervisor/supervisor.h"

static const char help[] =
    "usage: healthd [--config FILE]\n"
    "       healthd --check FILE | --print-config | --help | --version\n"
    "\n"
    "Watches the health of a whole system.\n"
    "  --config FILE    run with this configuration file (YAML)\n"
    "  --check FILE     tell every fault of the file, how many targets it has, and end\n"
    "  --print-config   print the file that is compiled in and used without --config\n"
    "\n"
    "Without a file these variables say everything; with one, those marked * override it:\n"
    "  REDIS_URL            * event bus and redis target, or none (redis://localhost:6379)\n"
    "  BASE_SERVICE_URL       the five services below this address (http://localhost:8000)\n"
    "  POSTGRES_HEALTH_URL    health address of Postgres (http://localhost:8000/health)\n"
    "  BINANCE_HEALTH_URL     ping address of the exchange\n"
    "  HEALTH_CHECK_INTERVAL  seconds between checks, 1 to 86400 (60)\n"
    "  HEALTHD_LISTEN       * address:port of REST (0.0.0.0:8080)\n"
    "  HEALTHD_PUBLISH      * endpoint of ZeroMQ snapshots (tcp://127.0.0.1:5556)\n"
    "  HEALTHD_STATE_DIR    * folder of what must survive a restart (/var/lib/healthd)\n"
    "  HEALTHD_TOKEN        * credential that every write must carry, if set\n"
    "  LOG_LEVEL            * DEBUG, INFO, WARNING, ERROR or CRITICAL (INFO)\n"
    "  LOG_FORMAT           * text or json (text)\n"
    "\n"
    "SIGHUP reads the configuration file anew; with a fault in it the old one stays in force.\n"
    "SIGUSR1 makes the log one level more talkative, SIGUSR2 one less.\n"
    "Ends with 0 on SIGTERM or SIGINT, 78 on a bad value, 1 when it lost a part of itself.\n";

static const char *from_environment(const char *name, void *context)
{
    (void)context;
    return getenv(name); /* NOLINT(concurrency-mt-unsafe): before any thread */
}

/* Why a start failed, in the format that was asked for: one line, or what a file's faults need. */
static void tell(log_sink_t *sink, const char *text)
{
    const char *format = getenv("LOG_FORMAT"); /* NOLINT(concurrency-mt-unsafe): no other thread */
    size_t n_text = strlen(text);
    bool has_lines = n_text > 0 && text[n_text - 1] == '\n';
    if (format && strcasecmp(format, "json") == 0) {
        const log_t log = {.level = LOG_LEVEL_DEBUG, .is_json = true, .sink = sink};
        log_write(&log, LOG_LEVEL_CRITICAL, "start_failed", "%s", text);
        return;
    }
    if (has_lines) {
        (void)log_sink_write(sink, text, n_text); /* the exit code says it too */
        return;
    }
    char line[1024];
    int n = snprintf(line, sizeof line, "healthd: %.1000s\n", text);
    (void)log_sink_write(sink, line, n > 0 ? (size_t)n : 0); /* the exit code says it too */
}

static void block_signals(void)
{
    sigset_t signals;
    supervisor_signals(&signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGXFSZ); /* a file that may not grow is an error of its write */
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

/* --check FILE: its faults and warnings on stderr, what it holds on stdout. */
static int check(const char *path)
{
    config_load_t load;
    (void)config_load(path, from_environment, NULL, &load); /* the faults say it too */
    (void)fputs(load.report ? load.report : "healthd: out of memory\n", stderr);
    text_t line = {0};
    config_load_summary(path, &load, &line);
    int exit_code = load.config ? 0 : EXIT_CONFIGURATION;
    if (line.is_failed || fputs(line.bytes, load.config ? stdout : stderr) < 0)
        exit_code = EXIT_RUNTIME;
    text_clear(&line);
    config_load_clear(&load);
    return exit_code;
}

/* The configuration of the file PATH, or of the environment alone; NULL after telling why not. */
static config_t *configure(const char *path, log_sink_t *sink)
{
    config_t *config = NULL;
    if (!path) {
        config_error_t error;
        if (config_from_environment(from_environment, NULL, &config, &error))
            tell(sink, error.text);
        return config;
    }
    config_load_t load;
    if (config_load(path, from_environment, NULL, &load))
        tell(sink, load.report ? load.report : "out of memory");
    config = load.config;
    load.config = NULL;
    config_load_clear(&load);
    return config;
}

static int run(const char *path)
{
    block_signals();
    log_sink_t sink = log_sink_of(STDERR_FILENO);
    config_t *config = configure(path, &sink);
    if (!config) {
        log_sink_close(&sink);
        return EXIT_CONFIGURATION;
    }
    log_t log = {.level = (int)config->log_level, .is_json = config->log_is_json, .sink = &sink};
    start_error_t start_error;
    int exit_code = supervisor_run(&config, &log, &start_error);
    if (start_error.exit_code)
        tell(&sink, start_error.text);
    config_destroy(&config);
    log_sink_close(&sink);
    return exit_code;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return run(NULL);
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("healthd %s\n", HEALTHD_VERSION) < 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(help, stdout) < 0;
    if (argc == 2 && strcmp(argv[1], "--print-config") == 0)
        return fputs(config_builtin_file(), stdout) < 0;
    if (argc == 3 && strcmp(argv[1], "--config") == 0)
        return run(argv[2]);
    if (argc == 3 && strcmp(argv[1], "--check") == 0)
        return check(argv[2]);
    if (argc == 2 && (strcmp(argv[1], "--config") == 0 || strcmp(argv[1], "--check") == 0))
        (void)fprintf(stderr, "healthd: %s needs a FILE\n", argv[1]);
    else
        (void)fprintf(stderr, "healthd: unknown option \"%s\"; healthd --help lists them\n",
                      argv[1]);
    return EXIT_USAGE;
}
