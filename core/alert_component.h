/* The names of components that are no targets: healthd's own, and what is said beside a target. */
#ifndef HEALTHD_CORE_ALERT_COMPONENT_H
#define HEALTHD_CORE_ALERT_COMPONENT_H

#include <stdbool.h>

/* Component of the alert about checks that are not made in time. */
#define ALERT_OVERDUE "healthd:overdue"

/* Component of the alert about healthd's own network. */
#define ALERT_BLIND "healthd:blind"

/* What ends the component of the alert about a target's certificate. */
#define CERTIFICATE_SUFFIX ":certificate"

/* Whether NAME begins with a word that is kept for such components; no target may be called so. */
bool alert_component_is_own(const char *name);

#endif
