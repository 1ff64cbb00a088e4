/* What a check measured, inside a JSON body. */
#ifndef HEALTHD_PROTO_RENDER_MEASURED_H
#define HEALTHD_PROTO_RENDER_MEASURED_H

#include <healthd/measurement.h>

#include "proto/writer.h"

/* Writes the pair "measured":{...} of MEASUREMENT (borrows) with WRITER, whose format is JSON: the
 * map does not say how many pairs it has. */
void render_measured(writer_t *writer, const measurement_t *measurement);

#endif
