#include "actors/io/tls_contexts.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Files whose state counts: authorities, certificate, key. */
#define FILES 3

/* When a file was what it is. */
typedef struct {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
} file_state_t;

typedef struct {
    SSL_CTX *context; /* NULL: the place is free */
    char *ca_file, *cert_file, *key_file;
    tls_min_t min_version;
    bool skip_verify;
    file_state_t files[FILES];
    uint64_t used_at; /* count of calls */
} kept_t;

struct tls_contexts {
    kept_t kept[TLS_CONTEXTS_MAX];
    uint64_t n_calls;
};

static const tls_settings_t plain_settings = {.ca_file = NULL};

tls_contexts_t *tls_contexts_new(void)
{
    return calloc(1, sizeof(tls_contexts_t));
}

static void clear(kept_t *kept)
{
    SSL_CTX_free(kept->context);
    free(kept->ca_file);
    free(kept->cert_file);
    free(kept->key_file);
    *kept = (kept_t){.context = NULL};
}

void tls_contexts_destroy(tls_contexts_t **self)
{
    if (!*self)
        return;
    for (size_t i = 0; i < TLS_CONTEXTS_MAX; i++)
        clear(&(*self)->kept[i]);
    free(*self);
    *self = NULL;
    OPENSSL_thread_stop(); /* else what OpenSSL keeps for this thread goes only after its end */
}

static file_state_t state_of(const char *path)
{
    struct stat status;
    if (!path || stat(path, &status))
        return (file_state_t){.size = -1};
    return (file_state_t){.device = status.st_dev,
                          .inode = status.st_ino,
                          .size = status.st_size,
                          .modified = status.st_mtim};
}

static bool is_same_state(const file_state_t *a, const file_state_t *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

static void note_files(const tls_settings_t *settings, file_state_t files[FILES])
{
    const char *authorities = settings->ca_file ? settings->ca_file : X509_get_default_cert_file();
    files[0] = state_of(settings->skip_verify ? NULL : authorities);
    files[1] = state_of(settings->cert_file);
    files[2] = state_of(settings->key_file);
}

static bool is_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_of(const kept_t *kept, const tls_settings_t *settings)
{
    return kept->context && kept->min_version == settings->min_version &&
           kept->skip_verify == settings->skip_verify &&
           is_text(kept->ca_file, settings->ca_file) &&
           is_text(kept->cert_file, settings->cert_file) &&
           is_text(kept->key_file, settings->key_file);
}

/* --- making one --- */

static int refuse(char reterr[TLS_TEXT_BYTES], const char *what, const char *path)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    (void)snprintf(reterr, TLS_TEXT_BYTES, "%s%s%.100s%s%s%s", what, path ? " " : "",
                   path ? path : "", reason ? " (" : "", reason ? reason : "", reason ? ")" : "");
    return -1;
}

static int set_version(SSL_CTX *context, tls_min_t least)
{
    static const int versions[] = {
        [TLS_MIN_1_0] = TLS1_VERSION,
        [TLS_MIN_1_1] = TLS1_1_VERSION,
        [TLS_MIN_1_2] = TLS1_2_VERSION,
        [TLS_MIN_1_3] = TLS1_3_VERSION,
    };
    if (least == TLS_MIN_DEFAULT)
        least = TLS_MIN_1_2;
    /* OpenSSL 3 speaks versions before 1.2 at security level 0 alone. */
    if (least < TLS_MIN_1_2 && SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0") != 1)
        return -1;
    return SSL_CTX_set_min_proto_version(context, versions[least]) == 1 ? 0 : -1;
}

static int set_files(SSL_CTX *context, const tls_settings_t *settings, char reterr[TLS_TEXT_BYTES])
{
    if (!settings->skip_verify && settings->ca_file &&
        SSL_CTX_load_verify_file(context, settings->ca_file) != 1)
        return refuse(reterr, "ca_file cannot be used:", settings->ca_file);
    if (!settings->skip_verify && !settings->ca_file &&
        SSL_CTX_set_default_verify_paths(context) != 1)
        return refuse(reterr, "the system's authorities cannot be used", NULL);
    if (settings->cert_file &&
        SSL_CTX_use_certificate_chain_file(context, settings->cert_file) != 1)
        return refuse(reterr, "cert_file cannot be used:", settings->cert_file);
    if (settings->key_file &&
        SSL_CTX_use_PrivateKey_file(context, settings->key_file, SSL_FILETYPE_PEM) != 1)
        return refuse(reterr, "key_file cannot be used:", settings->key_file);
    return 0;
}

/* A key with a passphrase would ask for it on the terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's type */
static int no_passphrase(char *passphrase, int size, int is_writing, void *context)
{
    (void)passphrase, (void)size, (void)is_writing, (void)context;
    return -1;
}

static SSL_CTX *make(const tls_settings_t *settings, char reterr[TLS_TEXT_BYTES])
{
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context) {
        (void)refuse(reterr, "Out of memory", NULL);
        return NULL;
    }
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* each check proves itself */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    if (set_version(context, settings->min_version)) {
        (void)refuse(reterr, "min_version cannot be used", NULL);
    } else if (set_files(context, settings, reterr) == 0) {
        ERR_clear_error();
        return context;
    }
    ERR_clear_error();
    SSL_CTX_free(context);
    return NULL;
}

static int copy_text(const char *text, char **ret)
{
    *ret = text ? strdup(text) : NULL;
    return text && !*ret ? -1 : 0;
}

static int keep(kept_t *kept, const tls_settings_t *settings, SSL_CTX *context)
{
    clear(kept);
    if (copy_text(settings->ca_file, &kept->ca_file) ||
        copy_text(settings->cert_file, &kept->cert_file) ||
        copy_text(settings->key_file, &kept->key_file)) {
        clear(kept);
        return -1;
    }
    kept->min_version = settings->min_version;
    kept->skip_verify = settings->skip_verify;
    kept->context = context;
    return 0;
}

SSL_CTX *tls_contexts_of(tls_contexts_t *self, const tls_settings_t *settings,
                         char reterr[TLS_TEXT_BYTES])
{
    if (!settings)
        settings = &plain_settings;
    file_state_t files[FILES];
    note_files(settings, files);
    kept_t *place = &self->kept[0];
    for (size_t i = 0; i < TLS_CONTEXTS_MAX; i++) {
        kept_t *kept = &self->kept[i];
        if (is_of(kept, settings)) {
            place = kept;
            break;
        }
        if (place->context && (!kept->context || kept->used_at < place->used_at))
            place = kept;
    }
    bool is_current = is_of(place, settings);
    for (size_t i = 0; i < FILES; i++)
        is_current = is_current && is_same_state(&place->files[i], &files[i]);
    if (!is_current) {
        SSL_CTX *context = make(settings, reterr);
        if (!context)
            return NULL;
        if (keep(place, settings, context)) {
            (void)snprintf(reterr, TLS_TEXT_BYTES, "Out of memory");
            SSL_CTX_free(context);
            return NULL;
        }
        memcpy(place->files, files, sizeof files);
    }
    place->used_at = ++self->n_calls;
    return place->context;
}
