/* A URL watched or probed without a daemon that knows it. */
#ifndef HEALTHD_APPS_HEALTHCTL_QUICK_H
#define HEALTHD_APPS_HEALTHCTL_QUICK_H

#include "core/text.h"

#include "apps/healthctl/healthctl.h"

/* Appends a file of six lines that watches URL, under a name made from its host. */
void quick_append_file(text_t *out, const char *url);

/* Probes the URL that is the object of OPTIONS once, in this process; shows what came and gives the
 * exit code, as orders_show_result. */
int quick_probe_url(const options_t *options);

#endif
