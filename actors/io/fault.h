/* What the numbers of sockets and certificates mean for the one who wanted a connection. */
#ifndef HEALTHD_ACTORS_IO_FAULT_H
#define HEALTHD_ACTORS_IO_FAULT_H

#include <healthd/status.h>

/* REASON_REFUSED, _RESET, _RESOURCES (ours: descriptors, memory) or _UNREACHABLE for any other. */
reason_t fault_of_errno(int error);

/*
 * Why a certificate was refused, from OpenSSL's verify result: REASON_TLS_EXPIRED, _UNTRUSTED or
 * _NAME_MISMATCH, the last also where OpenSSL found no fault (libcurl compares the name itself).
 */
reason_t fault_of_certificate(long verify_result);

#endif
