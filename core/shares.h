/*
 * How the descriptors that the process may have open are shared: what the actors need for
 * themselves (sockets between them, the store, the bus, the log) comes first, then probes and
 * readers of REST each have half of the rest. So readers who hold connections never make a target
 * look DOWN.
 */
#ifndef HEALTHD_CORE_SHARES_H
#define HEALTHD_CORE_SHARES_H

#include <stddef.h>
#include <stdint.h>

/* Kept for the actors; a process that runs has about 70 open at rest. */
#define SHARES_RESERVED 192
/* With fewer healthd does not start. */
#define SHARES_LEAST 256
/* Descriptors that one probe may need: it tries two families of addresses side by side. */
#define SHARES_PER_PROBE 2

/*
 * Probes at once for N_TARGETS of N_ALL_TARGETS where N_DESCRIPTORS (0: not known, no bound) may be
 * open; at least 1, at most N_MOST.
 */
size_t shares_probes(uint64_t n_descriptors, size_t n_targets, size_t n_all_targets, size_t n_most);

/* Connections of REST at once, at least 1 and at most N_MOST. */
size_t shares_connections(uint64_t n_descriptors, size_t n_most);

#endif
