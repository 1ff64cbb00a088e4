#include "gateway/process_stats.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Fields of /proc/self/stat (proc_pid_stat(5)), counted from the one after the command's name. */
enum { FIELD_USER = 11, FIELD_SYSTEM = 12, FIELD_THREADS = 17, FIELD_START = 19, FIELD_RSS = 21 };
enum { N_FIELDS = 22 };

/* The fields after the name, which may hold spaces itself, of LINE; 0, or -1. */
static int fields_of(const char *line, uint64_t fields[N_FIELDS])
{
    const char *at = strrchr(line, ')');
    if (!at)
        return -1;
    at++;
    for (int i = 0; i < N_FIELDS; i++) {
        at += strspn(at, " ");
        size_t n = strcspn(at, " \n");
        if (n == 0)
            return -1;
        fields[i] = 0;
        for (size_t digit = 0; digit < n; digit++) /* letters and signs are of no use here */
            if (at[digit] >= '0' && at[digit] <= '9')
                fields[i] = fields[i] * 10 + (uint64_t)(at[digit] - '0');
        at += n;
    }
    return 0;
}

static int read_line(const char *path, char *line, int size)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    int rc = fgets(line, size, file) ? 0 : -1;
    (void)fclose(file); /* it was only read */
    return rc;
}

static uint64_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return 0;
    uint64_t n = 0;
    while (readdir(folder)) // NOLINT(concurrency-mt-unsafe): the stream is this thread's own
        n++;
    (void)closedir(folder);   /* it was only read */
    return n > 3 ? n - 3 : 0; /* ".", ".." and the folder itself */
}

/* Unix time now less the time since START_S seconds after the boot. */
static double start_time(double start_s)
{
    struct timespec wall;
    struct timespec since_boot;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    double boot_s = (double)(wall.tv_sec - since_boot.tv_sec) +
                    (double)(wall.tv_nsec - since_boot.tv_nsec) / 1e9;
    return boot_s + start_s;
}

int process_stats_read(process_stats_t *ret)
{
    char line[1024];
    uint64_t fields[N_FIELDS];
    struct rlimit descriptors;
    if (read_line("/proc/self/stat", line, sizeof line) || fields_of(line, fields) ||
        getrlimit(RLIMIT_NOFILE, &descriptors) != 0)
        return -1;
    double ticks_per_s = (double)sysconf(_SC_CLK_TCK);
    *ret = (process_stats_t){
        .cpu_seconds = (double)(fields[FIELD_USER] + fields[FIELD_SYSTEM]) / ticks_per_s,
        .start_time_seconds = start_time((double)fields[FIELD_START] / ticks_per_s),
        .resident_bytes = fields[FIELD_RSS] * (uint64_t)sysconf(_SC_PAGESIZE),
        .n_threads = fields[FIELD_THREADS],
        .n_open_descriptors = count_descriptors(),
        .n_max_descriptors = descriptors.rlim_cur,
    };
    return 0;
}
