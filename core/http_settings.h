/* How an HTTP check is made, beyond its URL and time-out; immutable once the configuration stands.
 * All texts are owned by the target; NULL: none. */
#ifndef HEALTHD_CORE_HTTP_SETTINGS_H
#define HEALTHD_CORE_HTTP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    HTTP_VERSION_ANY, /* 2 is offered over TLS, and the server chooses */
    HTTP_VERSION_1_1,
    HTTP_VERSION_2
} http_version_t;

typedef enum { IP_ANY, IP_V4, IP_V6, IP_EACH } ip_protocol_t;

/* Where a redirect may lead. */
typedef enum { REDIRECT_ANYWHERE, REDIRECT_SAME_HOST } redirect_scope_t;

typedef enum {
    HTTP_AUTH_NONE,
    HTTP_AUTH_BASIC,  /* RFC 7617 */
    HTTP_AUTH_BEARER, /* RFC 6750 */
    HTTP_AUTH_OAUTH2  /* client credentials, RFC 6749, section 4.4 */
} http_auth_t;

typedef enum { TLS_MIN_DEFAULT, TLS_MIN_1_0, TLS_MIN_1_1, TLS_MIN_1_2, TLS_MIN_1_3 } tls_min_t;

typedef struct {
    char *name;
    char *value;
} http_header_t;

typedef struct {
    char *ca_file;     /* trusted instead of the system's authorities */
    char *cert_file;   /* client certificate, PEM */
    char *key_file;    /* its key, PEM */
    char *server_name; /* for SNI and the certificate instead of the URL's host */
    tls_min_t min_version;
    bool skip_verify; /* the certificate may be anything */
} tls_settings_t;

typedef struct {
    char *method; /* NULL: GET */
    http_header_t *headers;
    size_t n_headers;
    char *body;
    size_t n_body;    /* bytes; may hold NUL where it came from a file */
    char *user_agent; /* NULL: "healthd/VERSION" */

    http_auth_t auth;
    char *username, *password; /* basic */
    char *token;               /* bearer */
    char *token_url;           /* OAuth 2 */
    char *client_id, *client_secret, *scope;

    bool keeps_cookies; /* from a redirect to the next request of the same check */
    bool follows_redirects;
    uint32_t redirects_max;
    redirect_scope_t redirect_scope;
    uint32_t body_limit_bytes; /* of the body that is read */
    bool decompresses;         /* asks for and unpacks gzip and deflate */
    http_version_t version;    /* demanded; another one is REASON_PROTOCOL */
    bool reuses_connection;

    char *proxy;          /* http://, https://, socks5:// or socks5h:// URL */
    char *no_proxy;       /* hosts without it, separated by commas */
    char *source_address; /* IP address or interface that requests leave from */
    char *unix_socket;    /* path that connections go to instead of the URL's host */
    ip_protocol_t ip_protocol;
    tls_settings_t tls;
} http_settings_t;

#endif
