#include "actors/supervisor/config_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/config_substitute.h"
#include "core/zone.h"

/* Where Debian's tzdata has the time zones. */
#define ZONE_FOLDER "/usr/share/zoneinfo"

char *config_disk_read(const char *path, size_t max, size_t *ret_n, const char **reterr)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    char *text = NULL;
    *reterr = NULL;
    if (fd == -1 || fstat(fd, &status)) {
        *reterr = strerrordesc_np(errno);
    } else if (!S_ISREG(status.st_mode)) {
        *reterr = S_ISDIR(status.st_mode) ? "it is a folder" : "it is no regular file";
    } else if ((size_t)status.st_size > max) {
        *reterr = "it is too large";
    } else {
        text = malloc((size_t)status.st_size + 1);
        if (!text)
            *reterr = "out of memory";
    }
    size_t n = 0;
    while (text && n < (size_t)status.st_size) {
        ssize_t got = read(fd, text + n, (size_t)status.st_size - n);
        if (got < 0 && errno != EINTR) {
            *reterr = strerrordesc_np(errno);
            free(text);
            text = NULL;
        }
        if (got == 0)
            break;
        n += got > 0 ? (size_t)got : 0;
    }
    if (text)
        text[n] = '\0';
    if (fd != -1)
        (void)close(fd); /* nothing was written */
    *ret_n = n;
    return text;
}

char *config_disk_path(const char *folder, const char *path)
{
    char *joined = NULL;
    if (path[0] == '/' || !folder)
        return strdup(path);
    return asprintf(&joined, "%s/%s", folder, path) < 0 ? NULL : joined;
}

char *config_disk_value(const char *path, void *folder, const char **reterr)
{
    char *whole_path = config_disk_path(folder, path);
    size_t n = 0;
    *reterr = "out of memory";
    char *text =
        whole_path ? config_disk_read(whole_path, CONFIG_VALUE_MAX_BYTES, &n, reterr) : NULL;
    free(whole_path);
    if (text && strlen(text) != n) {
        *reterr = "there is a NUL in it";
        free(text);
        return NULL;
    }
    return text;
}

char *config_disk_find(const char *path, void *folder, const char **reterr)
{
    struct stat status;
    char *whole_path = config_disk_path(folder, path);
    *reterr = "out of memory";
    if (!whole_path)
        return NULL;
    *reterr = NULL;
    if (stat(whole_path, &status) || access(whole_path, R_OK))
        *reterr = strerrordesc_np(errno);
    else if (!S_ISREG(status.st_mode))
        *reterr = S_ISDIR(status.st_mode) ? "it is a folder" : "it is no regular file";
    if (!*reterr)
        return whole_path;
    free(whole_path);
    return NULL;
}

char *config_disk_zone(const char *name, size_t *ret_n, const char **reterr)
{
    char *path = config_disk_path(ZONE_FOLDER, name);
    *reterr = "out of memory";
    char *bytes = path ? config_disk_read(path, ZONE_FILE_MAX_BYTES, ret_n, reterr) : NULL;
    free(path);
    return bytes;
}

char *config_disk_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}
