/* What a pause says, inside a body. */
#ifndef HEALTHD_PROTO_RENDER_PAUSE_H
#define HEALTHD_PROTO_RENDER_PAUSE_H

#include <healthd/pause.h>

#include "proto/writer.h"

/* Pairs that render_pause_pairs writes. */
#define RENDER_PAUSE_PAIRS 4

/* Writes reason, by, since and until (null: when somebody resumes) of PAUSE (borrows) into the map
 * that WRITER is in. */
void render_pause_pairs(writer_t *writer, const pause_t *pause);

#endif
