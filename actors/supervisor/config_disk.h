/* What a configuration reads from the disk: its files, and those that ${...} names. */
#ifndef HEALTHD_ACTORS_SUPERVISOR_CONFIG_DISK_H
#define HEALTHD_ACTORS_SUPERVISOR_CONFIG_DISK_H

#include <stddef.h>

/* Text of the regular file at PATH (at most MAX bytes), NUL-terminated, with its length in *RET_N;
 * the caller frees it. NULL with a static text why not. */
char *config_disk_read(const char *path, size_t max, size_t *ret_n, const char **reterr);

/* "FOLDER/PATH", or a copy of PATH where it is absolute or FOLDER is NULL; the caller frees it.
 * NULL: out of memory. */
char *config_disk_path(const char *folder, const char *path);

/* The folder that PATH stands in; the caller frees it. NULL: out of memory. */
char *config_disk_folder(const char *path);

/* The content of ${file:PATH}; a config_read_file_fn whose context is the file's folder. */
char *config_disk_value(const char *path, void *folder, const char **reterr);

/* The path of a file that a check will need; a config_find_file_fn, likewise. */
char *config_disk_find(const char *path, void *folder, const char **reterr);

/* The file of a time zone; a config_read_zone_fn. */
char *config_disk_zone(const char *name, size_t *ret_n, const char **reterr);

#endif
