#include "actors/io/fault.h"

#include <errno.h>

reason_t fault_of_errno(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return REASON_REFUSED;
    case ECONNRESET:
    case EPIPE:
        return REASON_RESET;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return REASON_RESOURCES;
    default:
        return REASON_UNREACHABLE;
    }
}
