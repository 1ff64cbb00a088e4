/*
 * From what the files say to the configuration: layers, templates, for_each, limits, and the
 * contract's variables over them. Pure.
 */
#ifndef HEALTHD_CORE_CONFIG_BUILD_H
#define HEALTHD_CORE_CONFIG_BUILD_H

#include "core/config_environment.h"
#include "core/config_fault.h"
#include "core/config_node.h"
#include "core/config_substitute.h"
#include "core/config_trace.h"

/* Templates of all files together, at most. */
#define CONFIG_TEMPLATES_MAX 1000

/* A file that was parsed. */
typedef struct {
    const config_node_t *root; /* NULL: it is empty */
    config_values_t values;    /* of its ${...} */
    config_trace_t *trace;     /* told of the file's targets; NULL: nobody asks */
} config_document_t;

/*
 * Builds the configuration of N DOCUMENTS, the main file first; borrows everything. What is wrong
 * goes to FAULTS. Gives the configuration, or NULL where there is a fault. HAS_FILE is false for
 * the compiled-in file, whose keys nobody overrides but names.
 */
config_t *config_build(const config_document_t *documents, size_t n,
                       const config_environment_t *environment, bool has_file,
                       config_faults_t *faults);

/* The folders that the main file includes. Gives them (each and the array are freed by the caller)
 * with their places; what is wrong with them is told by config_build. */
size_t config_includes(const config_document_t *main_file, char ***ret,
                       config_place_t **ret_places);

#endif
