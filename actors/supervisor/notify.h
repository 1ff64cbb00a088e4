/* Tells the service manager (systemd, or whatever made NOTIFY_SOCKET) how the process is. */
#ifndef HEALTHD_ACTORS_SUPERVISOR_NOTIFY_H
#define HEALTHD_ACTORS_SUPERVISOR_NOTIFY_H

/*
 * Sends STATE ("READY=1", "WATCHDOG=1", "STOPPING=1", as sd_notify(3)) to the datagram socket named
 * by SOCKET_PATH (the value of NOTIFY_SOCKET; '@' begins an abstract name; NULL: nobody listens,
 * and nothing is sent). Returns 0, or -1 where it could not be sent.
 */
int notify_service_manager(const char *socket_path, const char *state);

#endif
