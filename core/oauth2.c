#include "core/oauth2.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/json_path.h"
#include "core/text.h"

static bool is_unreserved(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || (byte && strchr("-._~", byte));
}

static void append_encoded(text_t *text, const char *plain)
{
    for (; *plain; plain++) {
        unsigned char byte = (unsigned char)*plain;
        if (is_unreserved(byte))
            text_append(text, plain, 1);
        else if (byte == ' ')
            text_append_string(text, "+");
        else
            text_appendf(text, "%%%02X", byte);
    }
}

char *oauth2_encode(const char *text)
{
    text_t encoded = {.size = 0};
    append_encoded(&encoded, text);
    return text_take(&encoded);
}

char *oauth2_body(const char *scope)
{
    text_t body = {.size = 0};
    text_append_string(&body, "grant_type=client_credentials");
    if (scope) {
        text_append_string(&body, "&scope=");
        append_encoded(&body, scope);
    }
    return text_take(&body);
}

/* Whether TEXT may stand in a header. */
static bool is_token(const char *text)
{
    size_t n = strnlen(text, OAUTH2_TOKEN_MAX_BYTES + 1);
    if (n == 0 || n > OAUTH2_TOKEN_MAX_BYTES)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
            return false;
    return true;
}

static int64_t keep_of(const json_t *expires_in)
{
    if (!json_is_number(expires_in))
        return OAUTH2_KEEP_UNKNOWN_US;
    double seconds = json_number_value(expires_in);
    if (!(seconds > 0))
        return 0;
    if (seconds >= (double)OAUTH2_KEEP_MAX_US / 1e6)
        return OAUTH2_KEEP_MAX_US;
    int64_t life_us = (int64_t)(seconds * 1e6);
    return life_us > 2 * OAUTH2_MARGIN_US ? life_us - OAUTH2_MARGIN_US : life_us / 2;
}

static int read_token(const json_t *root, char **ret_token, int64_t *ret_keep_us, char *reterr)
{
    const char *token = json_string_value(json_object_get(root, "access_token"));
    const char *type = json_string_value(json_object_get(root, "token_type"));
    if (!token || !is_token(token)) {
        (void)snprintf(reterr, OAUTH2_ERROR_BYTES, "Token refused: the answer holds no token");
        return -1;
    }
    if (type && strcasecmp(type, "bearer") != 0) {
        (void)snprintf(reterr, OAUTH2_ERROR_BYTES, "Token refused: \"%.40s\" is no Bearer token",
                       type);
        return -1;
    }
    char *copy = strdup(token);
    if (!copy) {
        (void)snprintf(reterr, OAUTH2_ERROR_BYTES, "Out of memory");
        return -1;
    }
    *ret_token = copy;
    *ret_keep_us = keep_of(json_object_get(root, "expires_in"));
    return 0;
}

int oauth2_read(long code, const char *body, size_t n, char **ret_token, int64_t *ret_keep_us,
                char reterr[OAUTH2_ERROR_BYTES])
{
    json_t *root = NULL;
    int rc = -1;
    if (json_path_load_body(body, n, &root))
        (void)snprintf(reterr, OAUTH2_ERROR_BYTES, "Out of memory");
    else if (code == 200)
        rc = read_token(root, ret_token, ret_keep_us, reterr);
    else {
        const char *error = json_string_value(json_object_get(root, "error"));
        (void)snprintf(reterr, OAUTH2_ERROR_BYTES, "Token refused: status %ld%s%.60s", code,
                       error ? ": " : "", error ? error : "");
    }
    json_decref(root);
    return rc;
}
