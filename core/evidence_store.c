#include "core/evidence_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

/* Chains of the table of targets; a power of two. */
#define N_CHAINS ((size_t)4096)

typedef struct record record_t;
typedef struct entry entry_t;

/* One evidence, in the row of all by age. */
struct entry {
    entry_t *older, *newer;
    record_t *record;
    size_t n_bytes; /* with its cost */
    evidence_t evidence;
};

/* A target that has evidence. */
struct record {
    record_t *next; /* in its chain */
    char *target;
    entry_t *entries[EVIDENCE_PER_TARGET]; /* oldest first */
    size_t n;
};

struct evidence_store {
    record_t *chains[N_CHAINS];
    entry_t *oldest, *newest;
    size_t n_bytes;
    size_t max_bytes;
};

/* Where the record of TARGET hangs, or would. */
static record_t **place_of(evidence_store_t *store, const char *target)
{
    record_t **place = &store->chains[hash_of_text(target) & (N_CHAINS - 1)];
    while (*place && strcmp((*place)->target, target) != 0)
        place = &(*place)->next;
    return place;
}

/* Takes the oldest entry of RECORD out, and RECORD with its last one. */
static void drop_oldest(evidence_store_t *store, record_t *record)
{
    entry_t *entry = record->entries[0];
    *(entry->older ? &entry->older->newer : &store->oldest) = entry->newer;
    *(entry->newer ? &entry->newer->older : &store->newest) = entry->older;
    store->n_bytes -= entry->n_bytes;
    record->n--;
    memmove(record->entries, record->entries + 1, record->n * sizeof(entry_t *));
    free(entry->evidence.json);
    free(entry);
    if (record->n > 0)
        return;
    *place_of(store, record->target) = record->next;
    free(record->target);
    free(record);
}

/* The record of TARGET, made where there is none; NULL: out of memory. */
static record_t *record_of(evidence_store_t *store, const char *target)
{
    record_t **place = place_of(store, target);
    record_t *record = *place;
    if (record)
        return record;
    record = calloc(1, sizeof *record);
    if (record)
        record->target = strdup(target);
    if (!record || !record->target) {
        free(record);
        return NULL;
    }
    *place = record;
    return record;
}

int evidence_store_add(evidence_store_t *store, const char *target, int64_t at_us, char **json)
{
    entry_t *entry = calloc(1, sizeof *entry);
    size_t n_bytes = strlen(*json) + EVIDENCE_COST_BYTES;
    assert(n_bytes <= store->max_bytes);
    while (store->oldest && store->n_bytes + n_bytes > store->max_bytes)
        drop_oldest(store, store->oldest->record);
    record_t *record = entry ? record_of(store, target) : NULL;
    if (!record) {
        free(entry);
        free(*json);
        *json = NULL;
        return -1;
    }
    *entry = (entry_t){.older = store->newest,
                       .record = record,
                       .n_bytes = n_bytes,
                       .evidence = {.at_us = at_us, .json = *json}};
    *json = NULL;
    *(store->newest ? &store->newest->newer : &store->oldest) = entry;
    store->newest = entry;
    store->n_bytes += n_bytes;
    if (record->n == EVIDENCE_PER_TARGET)
        drop_oldest(store, record);
    record->entries[record->n++] = entry;
    return 0;
}

size_t evidence_store_of(const evidence_store_t *store, const char *target,
                         evidence_t ret[EVIDENCE_PER_TARGET])
{
    const record_t *record = store->chains[hash_of_text(target) & (N_CHAINS - 1)];
    while (record && strcmp(record->target, target) != 0)
        record = record->next;
    size_t n = record ? record->n : 0;
    for (size_t i = 0; i < n; i++)
        ret[i] = record->entries[n - 1 - i]->evidence;
    return n;
}

size_t evidence_store_bytes(const evidence_store_t *store)
{
    return store->n_bytes;
}

evidence_store_t *evidence_store_new(size_t max_bytes)
{
    assert(max_bytes >= EVIDENCE_MAX_BYTES + EVIDENCE_COST_BYTES);
    evidence_store_t *store = calloc(1, sizeof *store);
    if (store)
        store->max_bytes = max_bytes;
    return store;
}

void evidence_store_destroy(evidence_store_t **store_p)
{
    evidence_store_t *store = *store_p;
    if (!store)
        return;
    while (store->oldest)
        drop_oldest(store, store->oldest->record);
    free(store);
    *store_p = NULL;
}
