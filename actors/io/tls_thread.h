/* What OpenSSL keeps for a thread. */
#ifndef HEALTHD_ACTORS_IO_TLS_THREAD_H
#define HEALTHD_ACTORS_IO_TLS_THREAD_H

/* Frees it, at the end of a thread: OpenSSL's own destructor comes after czmq has told that the
 * actor is gone, and the end of the process may come first. */
void tls_thread_end(void);

#endif
