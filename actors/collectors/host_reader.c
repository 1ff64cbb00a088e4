#include "actors/collectors/host_reader.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define STACK_BYTES ((size_t)128 << 10)
/* Bytes of a file below /proc that are read. */
#define FILE_BYTES 8192

typedef struct {
    host_form_t form;
    int fd;
    char subject[];
} job_t;

/* --- reading, in the thread --- */

/* Reads at most SIZE bytes of the file PATH of the folder FOLDER. Bytes read, or -1 with errno. */
static ssize_t read_file(int folder, const char *path, char *bytes, size_t size)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    size_t n = 0;
    ssize_t got = 0;
    while (n < size && (got = read(fd, bytes + n, size - n)) > 0)
        n += (size_t)got;
    int fault = errno;
    (void)close(fd); /* it was only read */
    errno = fault;
    return got < 0 ? -1 : (ssize_t)n;
}

static int read_disk(const char *path, host_reading_t *ret)
{
    struct statvfs disk;
    if (statvfs(path, &disk))
        return errno;
    ret->total_bytes = (uint64_t)disk.f_blocks * disk.f_frsize;
    ret->free_bytes = (uint64_t)disk.f_bfree * disk.f_frsize;
    ret->available_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    ret->inodes = disk.f_files;
    ret->free_inodes = disk.f_ffree;
    return 0;
}

/* A text of the kernel that READ must understand. */
static int read_text(const char *path, int (*read)(const char *, size_t, host_reading_t *),
                     host_reading_t *ret)
{
    char bytes[FILE_BYTES];
    ssize_t n = read_file(AT_FDCWD, path, bytes, sizeof bytes);
    if (n < 0)
        return errno;
    return read(bytes, (size_t)n, ret) ? EBADMSG : 0;
}

/* Whether the process in FOLDER (below /proc) was started by a program of the long NAME, of which
 * the kernel keeps a part. */
static bool is_started_as(int folder, const char *name)
{
    char bytes[FILE_BYTES];
    ssize_t n = read_file(folder, "cmdline", bytes, sizeof bytes - 1);
    if (n <= 0)
        return false;
    bytes[n] = '\0'; /* the first word ends earlier */
    const char *slash = strrchr(bytes, '/');
    return strcmp(slash ? slash + 1 : bytes, name) == 0;
}

static bool is_process(int proc, const char *number, const char *name)
{
    char bytes[FILE_BYTES];
    int folder = openat(proc, number, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return false; /* it has ended meanwhile */
    ssize_t n = read_file(folder, "stat", bytes, sizeof bytes);
    bool is_it = n > 0 && host_stat_is(bytes, (size_t)n, name) &&
                 (strlen(name) <= HOST_NAME_BYTES || is_started_as(folder, name));
    (void)close(folder);
    return is_it;
}

static int read_process(const char *name, host_reading_t *ret)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return errno;
    const struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the folder is this thread's alone */
    while ((entry = readdir(proc))) {
        if (isdigit((unsigned char)entry->d_name[0]))
            ret->count += is_process(dirfd(proc), entry->d_name, name);
    }
    (void)closedir(proc);
    return 0;
}

static int read_attributes(const char *path, host_reading_t *ret)
{
    struct stat status;
    if (stat(path, &status))
        return errno;
    ret->modified_at_us = (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
    ret->size_bytes = status.st_size;
    return 0;
}

static int read_form(const job_t *job, host_reading_t *ret)
{
    switch (job->form) {
    case HOST_DISK:
        return read_disk(job->subject, ret);
    case HOST_LOAD:
        ret->n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
        return read_text("/proc/loadavg", host_read_loadavg, ret);
    case HOST_MEMORY:
        return read_text("/proc/meminfo", host_read_meminfo, ret);
    case HOST_PROCESS:
        return read_process(job->subject, ret);
    case HOST_FILE:
        return read_attributes(job->subject, ret);
    case HOST_FORM_COUNT:
        break;
    }
    return ENOSYS;
}

static void *run(void *job_p)
{
    job_t *job = job_p;
    host_reading_t reading = {.form = job->form};
    reading.fault = read_form(job, &reading);
    (void)send(job->fd, &reading, sizeof reading, MSG_NOSIGNAL); /* else nobody waits any more */
    (void)close(job->fd);
    free(job);
    return NULL;
}

/* --- asking --- */

static int start_thread(job_t *job)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int rc = pthread_attr_init(&attributes);
    if (rc)
        return rc;
    rc = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (rc == 0)
        rc = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (rc == 0)
        rc = pthread_create(&thread, &attributes, run, job);
    (void)pthread_attr_destroy(&attributes);
    return rc;
}

int host_reader_start(host_form_t form, const char *subject)
{
    int ends[2];
    size_t n = strlen(subject) + 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return -1;
    job_t *job = malloc(sizeof *job + n);
    int rc = ENOMEM;
    if (job) {
        job->form = form;
        job->fd = ends[1];
        memcpy(job->subject, subject, n);
        rc = start_thread(job);
    }
    if (rc == 0)
        return ends[0];
    free(job);
    (void)close(ends[0]);
    (void)close(ends[1]);
    errno = rc;
    return -1;
}

int host_reader_take(int fd, host_reading_t *ret)
{
    host_reading_t reading;
    if (recv(fd, &reading, sizeof reading, MSG_DONTWAIT) != (ssize_t)sizeof reading)
        return -1;
    *ret = reading;
    return 0;
}
