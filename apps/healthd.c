/* healthd: options, environment, signals; then the supervisor. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <healthd/version.h>

#include "actors/io/log.h"
#include "actors/supervisor/supervisor.h"
#include "core/config.h"

static const char help[] =
    "usage: healthd [--help | --version]\n"
    "\n"
    "Watches the health of a whole system. Everything is set by environment variables:\n"
    "  REDIS_URL              event bus and redis target, or none (redis://localhost:6379)\n"
    "  BASE_SERVICE_URL       the five services below this address (http://localhost:8000)\n"
    "  POSTGRES_HEALTH_URL    health address of Postgres (http://localhost:8000/health)\n"
    "  BINANCE_HEALTH_URL     ping address of the exchange\n"
    "  HEALTH_CHECK_INTERVAL  seconds between checks, 1 to 86400 (60)\n"
    "  HEALTHD_LISTEN         address:port of REST (0.0.0.0:8080)\n"
    "  HEALTHD_PUBLISH        endpoint of ZeroMQ snapshots (tcp://127.0.0.1:5556)\n"
    "  HEALTHD_STATE_DIR      folder of what must survive a restart (/var/lib/healthd)\n"
    "  HEALTHD_TOKEN          credential that every write must carry, if set\n"
    "  LOG_LEVEL              DEBUG, INFO, WARNING, ERROR or CRITICAL (INFO)\n"
    "  LOG_FORMAT             text or json (text)\n"
    "\n"
    "SIGUSR1 makes the log one level more talkative, SIGUSR2 one less.\n"
    "Ends with 0 on SIGTERM or SIGINT, 78 on a bad value, 1 when it lost a part of itself.\n";

static const char *from_environment(const char *name, void *context)
{
    (void)context;
    return getenv(name); /* NOLINT(concurrency-mt-unsafe): before any thread */
}

/* The one line of a start that failed, in the format that was asked for. */
static void tell(log_sink_t *sink, const char *text)
{
    const char *format = getenv("LOG_FORMAT"); /* NOLINT(concurrency-mt-unsafe): no other thread */
    if (format && strcasecmp(format, "json") == 0) {
        const log_t log = {.level = LOG_LEVEL_DEBUG, .is_json = true, .sink = sink};
        log_write(&log, LOG_LEVEL_CRITICAL, "start_failed", "%s", text);
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

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("healthd %s\n", HEALTHD_VERSION) < 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(help, stdout) < 0;
    if (argc > 1) {
        (void)fprintf(stderr, "healthd: unknown option \"%s\"; healthd --help lists them\n",
                      argv[1]);
        return EXIT_USAGE;
    }
    block_signals();
    log_sink_t sink = log_sink_of(STDERR_FILENO);
    config_t *config = NULL;
    config_error_t error;
    if (config_from_environment(from_environment, NULL, &config, &error)) {
        tell(&sink, error.text);
        log_sink_close(&sink);
        return EXIT_CONFIGURATION;
    }
    log_t log = {.level = (int)config->log_level, .is_json = config->log_is_json, .sink = &sink};
    start_error_t start_error;
    int exit_code = supervisor_run(config, &log, &start_error);
    if (start_error.exit_code)
        tell(&sink, start_error.text);
    config_destroy(&config);
    log_sink_close(&sink);
    return exit_code;
}
