/* What tests with real files, ports and processes share. Each fails the test where it cannot. */
#ifndef HEALTHD_TESTS_SUPPORT_SUPPORT_H
#define HEALTHD_TESTS_SUPPORT_SUPPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Makes an empty folder; PATH is what support_remove_folder takes. */
void support_make_folder(char path[64]);
void support_remove_folder(const char *path);

/* A TCP port of 127.0.0.1 that nobody listens on at this moment. */
uint16_t support_free_port(void);

/* Starts ARGV (argv[0] is looked up in PATH), output to /dev/null; killed if the test dies. */
pid_t support_start(const char *const *argv);
/* Sends SIGNAL and waits for the end; gives the exit code, or 128 + signal. */
int support_stop(pid_t pid, int signal);

/* Waits until something accepts on 127.0.0.1:PORT. */
void support_wait_for_port(uint16_t port);

/*
 * Calls FN(CONTEXT) each few milliseconds until it is true; false after DEADLINE_MS. For what gives
 * no event to wait for.
 */
bool support_wait_until(bool (*fn)(void *context), void *context, int deadline_ms);

#endif
