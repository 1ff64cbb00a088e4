/* What an errno of a socket means for the one who wanted the connection. */
#ifndef HEALTHD_ACTORS_IO_FAULT_H
#define HEALTHD_ACTORS_IO_FAULT_H

#include <healthd/status.h>

/* REASON_REFUSED, _RESET, _RESOURCES (ours: descriptors, memory) or _UNREACHABLE for any other. */
reason_t fault_of_errno(int error);

#endif
