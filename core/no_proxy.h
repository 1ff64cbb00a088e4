/* Which hosts are reached without the proxy. Pure. */
#ifndef HEALTHD_CORE_NO_PROXY_H
#define HEALTHD_CORE_NO_PROXY_H

#include <stdbool.h>

/*
 * Whether HOST (a name, or a numeric address without brackets) is in LIST: entries separated by
 * commas or spaces, each one "*" (all), a domain with or without its leading dot (itself and all
 * below it), an address, or a network such as 10.0.0.0/8 or fd00::/8. Names do not heed case; an
 * entry of another form is no host's. A NULL LIST is empty.
 */
bool no_proxy_matches(const char *list, const char *host);

#endif
