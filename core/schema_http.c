/* The keys of an HTTP check: the request, its credentials, TLS, certificates. */
#include "core/schema_tables.h"

static const char *const methods[] = {"GET",   "HEAD",   "POST",    "PUT",
                                      "PATCH", "DELETE", "OPTIONS", NULL};
static const char *const redirect_scopes[] = {"any", "same-host", NULL};
static const char *const http_versions[] = {"any", "1.1", "2", NULL};
static const char *const tls_versions[] = {"default", "1.0", "1.1", "1.2", "1.3", NULL};

const schema_key_t http_keys[HTTP_KEYS] = {
    [HTTP_METHOD] = {"method", SCHEMA_CHOICE, .choices = methods, .fallback = "GET",
                     .text = "method of the request"},
    [HTTP_HEADERS] = {"headers", SCHEMA_HEADERS, .most = SCHEMA_HEADERS_MAX,
                      .text = "headers of the request, over those that healthd sends itself"},
    [HTTP_BODY] = {"body", SCHEMA_SECRET, .text = "body of the request"},
    [HTTP_BODY_FILE] = {"body_file", SCHEMA_PATH,
                        .text = "file with the body, of at most 64 KiB, read with the "
                                "configuration"},
    [HTTP_USER_AGENT] = {"user_agent", SCHEMA_FIELD,
                         .text = "how the check names itself; healthd/VERSION by default"},
    [HTTP_BASIC] = {"basic", NESTED(SECTION_BASIC), .text = "user name and password (RFC 7617)"},
    [HTTP_BEARER_TOKEN] = {"bearer_token", SCHEMA_TOKEN, .most = 1024,
                           .text = "token of an Authorization header (RFC 6750)"},
    [HTTP_OAUTH2] = {"oauth2", NESTED(SECTION_OAUTH2),
                     .text = "a token is fetched by client credentials (RFC 6749) and kept as long "
                             "as it holds"},
    [HTTP_COOKIES] = {"cookies", SCHEMA_BOOLEAN, .fallback = "false",
                      .text = "cookies go from a redirect to the next request of the same check"},
    [HTTP_FOLLOW_REDIRECTS] = {"follow_redirects", SCHEMA_BOOLEAN, .fallback = "true",
                               .text = "the answer counts that stands behind redirects"},
    [HTTP_MAX_REDIRECTS] = {"max_redirects", SCHEMA_COUNT, .least = 1, .most = 20, .fallback = "20",
                            .text = "redirects in one check, at most"},
    [HTTP_ALLOW_REDIRECT_TO] = {"allow_redirect_to", SCHEMA_CHOICE, .choices = redirect_scopes,
                                .fallback = "any",
                                .text = "where redirects may lead; another place is a failure"},
    [HTTP_BODY_LIMIT] = {"body_limit", SCHEMA_SIZE, .least = 0, .most = 4 * MIB,
                         .fallback = "256KiB", .text = "bytes of an answer's body that are read"},
    [HTTP_DECOMPRESS] = {"decompress", SCHEMA_BOOLEAN, .fallback = "false",
                         .text = "gzip and deflate are asked for and unpacked"},
    [HTTP_VERSION] = {"version", SCHEMA_CHOICE, .choices = http_versions, .fallback = "any",
                      .text = "version of HTTP that is demanded"},
    [HTTP_PROXY] = {"proxy", SCHEMA_PROXY,
                    .text = "http://, https://, socks5:// or socks5h:// URL of a proxy; none by "
                            "default, whatever the environment says"},
    [HTTP_NO_PROXY] = {"no_proxy", SCHEMA_FIELD,
                       .text = "hosts that are asked without it, separated by commas"},
    [HTTP_SOURCE_ADDRESS] = {"source_address", SCHEMA_WORD, .least = 1, .most = 63,
                             .text = "IP address or network interface that requests leave from"},
    [HTTP_UNIX_SOCKET] = {"unix_socket", SCHEMA_PATH,
                          .text = "socket that is connected to instead of the URL's host"},
};

const schema_key_t basic_keys[BASIC_KEYS] = {
    [BASIC_USERNAME] = {"username", SCHEMA_FIELD, .is_required = true, .text = "user name"},
    [BASIC_PASSWORD] = {"password", SCHEMA_SECRET, .is_required = true,
                        .text = "password; best as ${file:PATH}"},
};

const schema_key_t oauth2_keys[OAUTH2_KEYS] = {
    [OAUTH2_TOKEN_URL] = {"token_url", SCHEMA_HTTP_URL, .is_required = true,
                          .text = "where tokens are given"},
    [OAUTH2_CLIENT_ID] = {"client_id", SCHEMA_FIELD, .is_required = true,
                          .text = "name of the client"},
    [OAUTH2_CLIENT_SECRET] = {"client_secret", SCHEMA_SECRET, .is_required = true,
                              .text = "its secret; best as ${file:PATH}"},
    [OAUTH2_SCOPE] = {"scope", SCHEMA_FIELD,
                      .text = "scopes that are asked for, with blanks between"},
};

const schema_key_t tls_keys[TLS_KEYS] = {
    [TLS_CA_FILE] = {"ca_file", SCHEMA_PATH,
                     .text = "authorities that are trusted, as PEM, instead of the system's"},
    [TLS_CERT_FILE] = {"cert_file", SCHEMA_PATH, .text = "certificate that healthd shows, as PEM"},
    [TLS_KEY_FILE] = {"key_file", SCHEMA_PATH, .text = "key of that certificate, as PEM"},
    [TLS_SERVER_NAME] = {"server_name", SCHEMA_WORD, .least = 1, .most = 253,
                         .text =
                             "name that is asked for and must stand in the certificate, instead "
                             "of the URL's host"},
    [TLS_MIN_VERSION] = {"min_version", SCHEMA_CHOICE, .choices = tls_versions,
                         .fallback = "default", .text = "the least version of TLS"},
    [TLS_SKIP_VERIFY] = {"skip_verify", SCHEMA_BOOLEAN, .fallback = "false",
                         .text = "any certificate will do; what answers may be anybody"},
};

const schema_key_t cert_alert_keys[CERT_ALERT_KEYS] = {
    [CERT_ALERT_WARNING] = {"warning", SCHEMA_DURATION, .least = SECOND, .most = 3650 * DAY,
                            .text = "time left below which a WARNING is raised"},
    [CERT_ALERT_CRITICAL] = {"critical", SCHEMA_DURATION, .least = SECOND, .most = 3650 * DAY,
                             .text = "time left below which it is CRITICAL"},
};
