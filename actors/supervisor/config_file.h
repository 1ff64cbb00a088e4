/* YAML text as nodes, by way of libfyaml's events; this is the only file that knows the library. */
#ifndef HEALTHD_ACTORS_SUPERVISOR_CONFIG_FILE_H
#define HEALTHD_ACTORS_SUPERVISOR_CONFIG_FILE_H

#include "core/config_node.h"

/* Bytes of one file, at most: the library keeps about 70 times as much of some of them. */
#define CONFIG_FILE_MAX_BYTES ((size_t)512 << 10)

/* Opening brackets of one file, at most, and of them without their closing ones: the library looks
 * at all of them before it tells of the first, and keeps 200 bytes of each. */
#define CONFIG_BRACKETS_MAX      50000
#define CONFIG_OPEN_BRACKETS_MAX 4000

/*
 * Parses the text of SOURCE, file number FILE. N_NODES counts over all files. Gives *RET, to be
 * ended with config_tree_destroy. 0, or -1 with faults told in FAULTS.
 */
int config_file_parse(const config_source_t *source, size_t file, size_t *n_nodes,
                      config_faults_t *faults, config_tree_t **ret);

#endif
