/* What was kept of one check that was not OK: for people who look for the cause afterwards. */
#ifndef HEALTHD_EVIDENCE_H
#define HEALTHD_EVIDENCE_H

#include <healthd/probe_result.h>
#include <healthd/wire.h>

/* Checks of one target of which evidence is kept: the last ones that were not OK. */
#define EVIDENCE_PER_TARGET 3

typedef struct {
    int64_t at_us; /* when the check ended, Unix time; names it among those of its target */
    char *json;    /* JSON object: verdict, address, phases, status line, headers, start of body */
} evidence_t;

WIRE_MESSAGE(evidence)

#endif
