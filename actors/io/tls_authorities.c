#include "actors/io/tls_authorities.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One file. */
typedef struct {
    char *path; /* NULL: none */
    struct stat seen;
    X509_STORE *store;
} authority_t;

struct tls_authorities {
    authority_t files[TLS_AUTHORITIES_MAX];
    size_t next; /* place that is given to the next new file */
};

static void forget(authority_t *file)
{
    free(file->path);
    X509_STORE_free(file->store);
    *file = (authority_t){.path = NULL};
}

tls_authorities_t *tls_authorities_new(void)
{
    return calloc(1, sizeof(tls_authorities_t));
}

void tls_authorities_destroy(tls_authorities_t **self_p)
{
    tls_authorities_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < TLS_AUTHORITIES_MAX; i++)
        forget(&self->files[i]);
    free(self);
    *self_p = NULL;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* The flags are those that libcurl gives to a store of its own. */
static X509_STORE *read_store(const char *path)
{
    X509_STORE *store = X509_STORE_new();
    if (!store || X509_STORE_load_file(store, path) != 1 ||
        X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN) != 1) {
        X509_STORE_free(store);
        store = NULL;
    }
    ERR_clear_error(); /* else the thread's next handshake would find it */
    return store;
}

static authority_t *place_of(tls_authorities_t *self, const char *path)
{
    for (size_t i = 0; i < TLS_AUTHORITIES_MAX; i++)
        if (self->files[i].path && strcmp(self->files[i].path, path) == 0)
            return &self->files[i];
    authority_t *file = &self->files[self->next];
    self->next = (self->next + 1) % TLS_AUTHORITIES_MAX;
    forget(file);
    file->path = strdup(path);
    return file->path ? file : NULL;
}

X509_STORE *tls_authorities_of(tls_authorities_t *self, const char *path)
{
    struct stat now;
    if (stat(path, &now))
        return NULL;
    authority_t *file = place_of(self, path);
    if (!file)
        return NULL;
    if (!file->store || !is_same(&file->seen, &now)) {
        X509_STORE_free(file->store);
        file->store = read_store(path);
        file->seen = now; /* of before it was read: a change meanwhile is seen with the next one */
    }
    return file->store && X509_STORE_up_ref(file->store) == 1 ? file->store : NULL;
}
