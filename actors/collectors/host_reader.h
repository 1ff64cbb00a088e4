/*
 * Readings of this machine, each by a thread of its own: the kernel lets nobody ask a file system
 * without waiting for it, and one that hangs (a network disk whose server is gone) waits for ever.
 * Thread and asker share nothing: the answer comes as a message on a socket, and who gave up just
 * closes it.
 */
#ifndef HEALTHD_ACTORS_COLLECTORS_HOST_READER_H
#define HEALTHD_ACTORS_COLLECTORS_HOST_READER_H

#include "core/host_reading.h"

/* Starts to read FORM of SUBJECT (borrows). Gives a socket for the answer, to be closed by the
 * caller, or -1 with errno set. */
int host_reader_start(host_form_t form, const char *subject);

/* Takes the answer from FD, once. 0, or -1: it is not there yet, or the thread failed. */
int host_reader_take(int fd, host_reading_t *ret);

#endif
