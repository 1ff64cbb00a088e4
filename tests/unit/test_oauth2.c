/* Tokens by client credentials: what is asked, and what an answer says. */
#include <stdlib.h>
#include <string.h>

#include "core/oauth2.h"
#include "tests/test.h"

static void texts_are_encoded_as_in_forms(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *encoded;
    } rows[] = {{"", ""},
                {"aZ09-._~", "aZ09-._~"},
                {"{|}", "%7B%7C%7D"},
                {"a b&c=d:%", "a+b%26c%3Dd%3A%25"},
                {"\xc3\xa4", "%C3%A4"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *encoded = oauth2_encode(rows[i].plain);
        assert_string_equal(encoded, rows[i].encoded);
        free(encoded);
    }
    char *body = oauth2_body("read write");
    assert_string_equal(body, "grant_type=client_credentials&scope=read+write");
    free(body);
    body = oauth2_body(NULL);
    assert_string_equal(body, "grant_type=client_credentials");
    free(body);
}

static void answers_give_a_token_or_say_why_not(void **state)
{
    (void)state;
    enum { SECOND = 1000000 };
    static const struct {
        long code;
        const char *body, *token;
        int64_t keep_us;
        const char *error;
    } rows[] = {
        {200, "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":3600}", "t",
         (int64_t)3570 * SECOND, NULL},
        {200, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":20}", "t",
         (int64_t)10 * SECOND, NULL},
        {200, "{\"access_token\":\"t\",\"expires_in\":1e30}", "t", OAUTH2_KEEP_MAX_US, NULL},
        {200, "{\"access_token\":\"t\",\"expires_in\":-5}", "t", 0, NULL},
        {200, "{\"access_token\":\"t\",\"expires_in\":\"60\"}", "t", OAUTH2_KEEP_UNKNOWN_US, NULL},
        {200, "{\"access_token\":\"t\"}", "t", OAUTH2_KEEP_UNKNOWN_US, NULL},
        {200, "{\"access_token\":\"\"}", NULL, 0, "Token refused: the answer holds no token"},
        {200, "{\"access_token\":\"a\x7f\"}", NULL, 0, "Token refused: the answer holds no token"},
        {200, "{\"access_token\":\"a\\r\\nX: b\"}", NULL, 0,
         "Token refused: the answer holds no token"},
        {200, "{\"access_token\":5}", NULL, 0, "Token refused: the answer holds no token"},
        {200, "[]", NULL, 0, "Token refused: the answer holds no token"},
        {200, "<html>", NULL, 0, "Token refused: the answer holds no token"},
        {200, "", NULL, 0, "Token refused: the answer holds no token"},
        {200, "{\"access_token\":\"t\",\"token_type\":\"mac\"}", NULL, 0,
         "Token refused: \"mac\" is no Bearer token"},
        {401, "{\"error\":\"invalid_client\"}", NULL, 0,
         "Token refused: status 401: invalid_client"},
        {503, "", NULL, 0, "Token refused: status 503"},
        {302, "{\"access_token\":\"t\"}", NULL, 0, "Token refused: status 302"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *token = NULL;
        int64_t keep_us = -1;
        char error[OAUTH2_ERROR_BYTES] = "";
        int rc =
            oauth2_read(rows[i].code, rows[i].body, strlen(rows[i].body), &token, &keep_us, error);
        assert_int_equal(rc, rows[i].token ? 0 : -1);
        assert_string_equal(rc ? error : token, rc ? rows[i].error : rows[i].token);
        if (rc == 0)
            assert_int_equal(keep_us, rows[i].keep_us);
        free(token);
    }
}

static void a_token_has_a_longest_length(void **state)
{
    (void)state;
    static const char start[] = "{\"access_token\":\"";
    const size_t n_start = sizeof start - 1;
    static char body[OAUTH2_TOKEN_MAX_BYTES + 40];
    for (size_t n = OAUTH2_TOKEN_MAX_BYTES; n <= OAUTH2_TOKEN_MAX_BYTES + 1; n++) {
        char *token = NULL;
        int64_t keep_us = -1;
        char error[OAUTH2_ERROR_BYTES] = "";
        memset(body, 'a', sizeof body);
        memcpy(body, start, n_start);
        memcpy(body + n_start + n, "\"}", 2);
        assert_int_equal(oauth2_read(200, body, n_start + n + 2, &token, &keep_us, error),
                         n > OAUTH2_TOKEN_MAX_BYTES ? -1 : 0);
        assert_true(!token || strlen(token) == n);
        free(token);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_encoded_as_in_forms),
                                       cmocka_unit_test(answers_give_a_token_or_say_why_not),
                                       cmocka_unit_test(a_token_has_a_longest_length)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
