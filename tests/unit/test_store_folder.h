/* A folder of its own for each test of the store, with an open connection. */
#ifndef HEALTHD_TESTS_UNIT_TEST_STORE_FOLDER_H
#define HEALTHD_TESTS_UNIT_TEST_STORE_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"
#include "tests/support/support.h"
#include "tests/test.h"

typedef struct {
    char folder[64];
    store_t *store;
} store_folder_t;

static inline void folder_file(const store_folder_t *self, const char *name, char path[512])
{
    (void)snprintf(path, 512, "%s/%s", self->folder, name);
}

/* A connection to the folder's database; it must open. */
static inline store_t *folder_open(const store_folder_t *self)
{
    store_t *store = NULL;
    store_error_t error = {.text = ""};
    if (store_open(self->folder, &store, &error))
        fail_msg("%s", error.text);
    return store;
}

static inline int folder_setup(void **state)
{
    store_folder_t *self = calloc(1, sizeof *self);
    if (!self)
        return -1;
    support_make_folder(self->folder);
    self->store = folder_open(self);
    *state = self;
    return 0;
}

static inline int folder_teardown(void **state)
{
    store_folder_t *self = *state;
    store_close(&self->store);
    support_remove_folder(self->folder);
    free(self);
    return 0;
}

#endif
