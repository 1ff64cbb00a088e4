/* The one macro for locals that have a destructor of the form f(T **), which takes NULL. */
#ifndef HEALTHD_CORE_CLEANUP_H
#define HEALTHD_CORE_CLEANUP_H

#define CLEANUP(destroy) __attribute__((cleanup(destroy)))

#endif
