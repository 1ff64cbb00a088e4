/* What the files that build a configuration share; for core/config_build*.c alone. */
#ifndef HEALTHD_CORE_CONFIG_BUILD_PARTS_H
#define HEALTHD_CORE_CONFIG_BUILD_PARTS_H

#include "core/config_build.h"
#include "core/config_groups.h"

/* Everything while a configuration is built. */
typedef struct {
    const config_document_t *documents;
    size_t n_documents;
    const config_environment_t *environment;
    bool has_file;
    config_faults_t *faults;
    config_section_t *roots;     /* by document */
    config_section_t *defaults;  /* by document */
    config_section_t *templates; /* of all documents */
    bool *is_used;               /* by template */
    size_t n_templates;
    config_targets_t of_kind[KIND_COUNT];
    config_groups_t groups;
    text_pool_t *pool;                        /* the configuration's */
    config_shared_t shared;                   /* until the configuration has it */
    config_section_t sections[SECTION_COUNT]; /* those of the main file alone */
} config_build_t;

/* Reads the maps of document DOCUMENT. */
config_reader_t config_build_reader(const config_build_t *build, size_t document);

/* Reads the targets of all documents. */
void config_build_add_targets(config_build_t *build);

/* Moves the targets to CONFIG, the emergency stop last. 0, or -1 where memory ran out. */
int config_build_join_targets(config_build_t *build, config_t *config);

/* Reads system.connectivity_checks into CONFIG, which has its targets. 0, or -1 where memory ran
 * out.
 */
int config_build_connectivity(const config_build_t *build, config_t *config);

/* Copies all that is no target's to CONFIG. 0, or -1 where memory ran out. */
int config_build_copy_values(const config_build_t *build, config_t *config);

/* Which of the keys that a variable overrides the file gives. */
config_given_t config_build_given(const config_build_t *build);

/* Tells faults that no map shows by itself: in the names of templates ... */
void config_build_check_templates(const config_build_t *build);
/* ... and in the whole, once CONFIG has its targets. */
void config_build_check(const config_build_t *build, const config_t *config);

/* Tells what is legal and foolish. */
void config_build_warn(const config_build_t *build, const config_t *config);

#endif
