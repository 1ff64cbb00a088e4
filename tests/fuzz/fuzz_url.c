/*
 * URLs and addresses from the environment, and the redaction of log lines. The first byte chooses
 * the size of the buffer of the redaction, the rest is the text. What a parser takes must hold its
 * promises, and where a redacted text is cut it is a beginning of the uncut one.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/probes/postgres.h"
#include "core/url.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

static void check_host(const char *host)
{
    size_t n = strnlen(host, HOST_BYTES);
    require(n >= 1 && n < HOST_BYTES);
    require(!strpbrk(host, " /?#@[]\\\"'\r\n\t"));
}

static void check_parsers(const char *text)
{
    http_url_t http;
    if (http_url_parse(text, &http) == 0) {
        check_host(http.host);
        require(http.port > 0);
        require(strncasecmp(text, http.is_https ? "https://" : "http://", http.is_https ? 8 : 7) ==
                0);
        require(strlen(text) <= URL_MAX_BYTES);
    }
    redis_url_t redis;
    if (redis_url_parse(text, &redis) == 0) {
        check_host(redis.host);
        require(redis.port > 0 && redis.database <= 65535);
        require(strnlen(redis.user, sizeof redis.user) < sizeof redis.user);
        require(strnlen(redis.password, sizeof redis.password) < sizeof redis.password);
        require(!redis.password[0] || strchr(text, '@'));
    }
    endpoint_url_t endpoint;
    if (endpoint_url_parse(text, "tcp", 0, &endpoint) == 0) {
        check_host(endpoint.host);
        require(endpoint.port > 0);
        require(endpoint.path >= text && endpoint.path <= text + strlen(text));
        require(!*endpoint.path || strchr("/?#", *endpoint.path));
    }
    postgres_url_t postgres;
    if (postgres_url_parse(text, &postgres) == 0) {
        check_host(postgres.place.host);
        require(strnlen(postgres.database, sizeof postgres.database) < sizeof postgres.database);
    }
    char sqlstate[6];
    const char *said = NULL;
    size_t n_said = 0;
    postgres_message_split(text, sqlstate, &said, &n_said);
    require(strnlen(sqlstate, sizeof sqlstate) % 5 == 0);
    require(said >= text && said + n_said <= text + strlen(text));
    require(postgres_reason(sqlstate, text) != REASON_NONE);
    char host[HOST_BYTES];
    uint16_t port = 0;
    if (listen_address_parse(text, host, &port) == 0) {
        check_host(host);
        require(port > 0);
    }
}

static void check_redaction(const char *text, size_t size)
{
    /* Each password becomes three bytes and takes none or more away. */
    size_t whole_size = strlen(text) * 4 + 1;
    char *whole = malloc(whole_size);
    char *cut = malloc(size);
    require(whole && cut);
    url_redact(text, whole, whole_size);
    url_redact(text, cut, size);
    size_t n = strnlen(cut, size);
    require(n < size && n <= strlen(whole));
    require(memcmp(whole, cut, n) == 0);
    if (!strstr(text, "://") || !strchr(text, '@'))
        require(strcmp(text, whole) == 0);
    free(whole);
    free(cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    char *text = malloc(size);
    require(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    check_parsers(text);
    check_redaction(text, (size_t)data[0] + 1);
    free(text);
    return 0;
}
