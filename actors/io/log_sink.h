/*
 * Where log records go: a reader that does not read must not stop the program. A record that is not
 * taken within LOG_SINK_WAIT_MS is dropped and counted; after that none waits until one is taken
 * again.
 */
#ifndef HEALTHD_ACTORS_IO_LOG_SINK_H
#define HEALTHD_ACTORS_IO_LOG_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long the first record waits for a reader, at most. */
#define LOG_SINK_WAIT_MS 100

/* Shared by all threads. */
typedef struct {
    int fd;
    bool is_ours; /* fd was opened here */
    bool is_socket;
    bool is_blocked;    /* atomic: the last record was not taken */
    uint64_t n_dropped; /* atomic: records that were lost and not told yet */
} log_sink_t;

/*
 * A sink of FD, which stays open as long. Where FD is a pipe or a terminal it is opened once more,
 * so that the programs that share it are left alone; a pipe that may not be opened is made
 * non-blocking for all who share it. A terminal that may not be opened, and a file, may block.
 */
log_sink_t log_sink_of(int fd);

/* Closes what log_sink_of opened. */
void log_sink_close(log_sink_t *self);

/* Writes N bytes (up to PIPE_BUF: never mixed with another record). False where they are lost. */
bool log_sink_write(log_sink_t *self, const char *bytes, size_t n);

/* Counts N records as lost. */
void log_sink_add_dropped(log_sink_t *self, uint64_t n);

/* How many were lost; they count as told from then on. */
uint64_t log_sink_take_dropped(log_sink_t *self);

#endif
