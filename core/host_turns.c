#include "core/host_turns.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/hash.h"
#include "core/url.h"

/* The place in TABLE (SIZE, a power of two, more than there are targets) of HOST: where one of its
 * targets stands, or a free one. */
static size_t place_of(const size_t *table, size_t size, const target_t *const *targets,
                       const char *host)
{
    char other[HOST_BYTES] = ""; /* small letters first, for the hash */
    size_t n = strlen(host);
    for (size_t i = 0; i <= n; i++)
        other[i] = (char)tolower((unsigned char)host[i]);
    size_t place = (size_t)hash_of_text(other) & (size - 1);
    while (table[place] != 0) {
        url_host(targets[table[place] - 1]->url, other);
        if (strcasecmp(other, host) == 0)
            break;
        place = (place + 1) & (size - 1);
    }
    return place;
}

/* Fills host_of by way of a table of the hosts that were met; 0, or -1: out of memory. */
static int find_hosts(host_turns_t *self, const target_t *const *targets, size_t n)
{
    size_t size = 2;
    while (size < 2 * n)
        size *= 2;
    size_t *table = calloc(size, sizeof *table); /* the position of a host's first target, plus 1 */
    if (!table)
        return -1;
    for (size_t i = 0; i < n; i++) {
        char host[HOST_BYTES];
        url_host(targets[i]->url, host);
        self->host_of[i] = i;
        if (host[0]) {
            size_t place = place_of(table, size, targets, host);
            if (table[place] == 0)
                table[place] = i + 1;
            self->host_of[i] = table[place] - 1;
        }
        self->hosts[i] = (host_turn_t){.first = TURN_NONE, .last = TURN_NONE};
    }
    free(table);
    return 0;
}

int host_turns_init(host_turns_t *self, const target_t *const *targets, size_t n, size_t max)
{
    *self = (host_turns_t){.max = max};
    if (max == 0)
        return 0;
    self->host_of = calloc(n + 1, sizeof *self->host_of);
    self->next = calloc(n + 1, sizeof *self->next);
    self->hosts = calloc(n + 1, sizeof *self->hosts);
    if (self->host_of && self->next && self->hosts && find_hosts(self, targets, n) == 0)
        return 0;
    host_turns_clear(self);
    return -1;
}

void host_turns_clear(host_turns_t *self)
{
    free(self->host_of);
    free(self->next);
    free(self->hosts);
    *self = (host_turns_t){.max = 0};
}

bool host_turns_take(host_turns_t *self, size_t target)
{
    if (self->max == 0)
        return true;
    host_turn_t *host = &self->hosts[self->host_of[target]];
    if (host->n_running < self->max) {
        host->n_running++;
        return true;
    }
    self->next[target] = TURN_NONE;
    if (host->last == TURN_NONE)
        host->first = target;
    else
        self->next[host->last] = target;
    host->last = target;
    return false;
}

void host_turns_count(host_turns_t *self, size_t target)
{
    if (self->max > 0)
        self->hosts[self->host_of[target]].n_running++;
}

size_t host_turns_give(host_turns_t *self, size_t target)
{
    if (self->max == 0)
        return TURN_NONE;
    host_turn_t *host = &self->hosts[self->host_of[target]];
    if (--host->n_running >= self->max || host->first == TURN_NONE)
        return TURN_NONE;
    size_t next = host->first;
    host->first = self->next[next];
    if (host->first == TURN_NONE)
        host->last = TURN_NONE;
    host->n_running++;
    return next;
}
