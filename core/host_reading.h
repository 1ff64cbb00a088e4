/*
 * What is read of this machine, and the kernel's texts that it is read from (proc(5)). Any bytes
 * are taken; what is not understood is refused. Pure.
 */
#ifndef HEALTHD_CORE_HOST_READING_H
#define HEALTHD_CORE_HOST_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a process' name that the kernel keeps. */
#define HOST_NAME_BYTES 15

typedef enum {
    HOST_DISK,    /* space and inodes of the file system that a path is on */
    HOST_LOAD,    /* average load */
    HOST_MEMORY,  /* memory that programs can have, and swap */
    HOST_PROCESS, /* processes of a name */
    HOST_FILE,    /* age and size of a file */
    HOST_FORM_COUNT
} host_form_t;

/* Whole, so that it can be sent from thread to thread as it is. Only the members of its form count.
 */
typedef struct {
    host_form_t form;
    int fault; /* errno of what could not be read; 0: none */

    uint64_t total_bytes, free_bytes, available_bytes; /* disk; free: for root too. memory */
    uint64_t inodes, free_inodes;                      /* disk; 0: it has none to count */
    uint64_t swap_bytes, free_swap_bytes;
    double load[3]; /* over 1, 5 and 15 minutes */
    int64_t n_cpus;
    int64_t count;          /* processes */
    int64_t modified_at_us; /* file: Unix time */
    int64_t size_bytes;
} host_reading_t;

/* "disk", "load", "memory", "process", "file". */
const char *host_form_name(host_form_t form);

/* Form and what stands behind it of URL: host:load, host:memory, host:disk/PATH (the path with its
 * slash), host:process/NAME, host:file/PATH. Gives *RET_SUBJECT (in URL; "" where there is none).
 * 0, or -1 where it is no such URL. */
int host_url_parse(const char *url, host_form_t *ret, const char **ret_subject);

/* N bytes of /proc/loadavg. 0, or -1. */
int host_read_loadavg(const char *text, size_t n, host_reading_t *ret);

/* N bytes of /proc/meminfo: MemTotal and MemAvailable must be there. 0, or -1. */
int host_read_meminfo(const char *text, size_t n, host_reading_t *ret);

/* Of N bytes of /proc/PID/stat whether the process runs (is no zombie) under NAME, or, where NAME
 * is longer than what the kernel keeps, under its first bytes. */
bool host_stat_is(const char *text, size_t n, const char *name);

#endif
