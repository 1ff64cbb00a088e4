#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "gateway/auth.h"
#include "gateway/negotiate.h"
#include "gateway/representation.h"
#include "tests/test.h"

static void an_entity_tag_is_found_in_lists_weak_and_any(void **state)
{
    (void)state;
    static const struct {
        const char *if_none_match;
        bool matches;
    } rows[] = {
        {NULL, false},
        {"", false},
        {"\"a-1\"", true},
        {"W/\"a-1\"", true},
        {"*", true},
        {" * ", true},
        {"\"x\", \"a-1\"", true},
        {"\"x\",W/\"a-1\" , \"y\"", true},
        {",, \"a-1\"", true},
        {"\"a-1", false},
        {"a-1", false},
        {"\"a-10\"", false},
        {"\"a-1-gzip\"", false},
        {"\"x\" \"a-1\"", false},
        {"\"x,\", \"a-1\"", true},
        {"w/\"a-1\"", false},
        {"*, \"x\"", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(etag_matches(rows[i].if_none_match, "\"a-1\""), rows[i].matches);
}

static void gzip_goes_to_who_wants_it(void **state)
{
    (void)state;
    static const struct {
        const char *accept_encoding;
        bool is_wanted;
    } rows[] = {
        {NULL, false},
        {"", false},
        {"gzip", true},
        {"x-gzip", true},
        {"GZIP", true},
        {"deflate, gzip, br", true},
        {"gzip;q=0", false},
        {"gzip;q=0.000", false},
        {"gzip;q=0.001", true},
        {"gzip ; q=1.0", true},
        {"gzip;q=0.5, identity;q=0.5", true},
        {"gzip;q=0.5, identity", false},
        {"identity", false},
        {"*", true},
        {"*;q=0", false},
        {"*;q=0, gzip", true},
        {"*, gzip;q=0", false},
        {"br", false},
        {"gzipped", false},
        {"gzip;q=x", false},
        {"gzip;foo=1", false},
        {"gzip;", false},
        {";;;,,,;q=", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(gzip_is_wanted(rows[i].accept_encoding), rows[i].is_wanted);
}

static void only_short_plain_request_ids_are_echoed(void **state)
{
    (void)state;
    char longest[REQUEST_ID_MAX_BYTES + 2];
    memset(longest, 'a', sizeof longest);
    longest[REQUEST_ID_MAX_BYTES + 1] = '\0';
    assert_false(request_id_is_sane(longest));
    longest[REQUEST_ID_MAX_BYTES] = '\0';
    assert_true(request_id_is_sane(longest));
    assert_true(request_id_is_sane("aZ09._-"));
    assert_false(request_id_is_sane(NULL));
    assert_false(request_id_is_sane(""));
    assert_false(request_id_is_sane("a b"));
    assert_false(request_id_is_sane("<a>"));
    assert_false(request_id_is_sane("\xc3\xa4"));
}

static void a_page_may_write_only_to_where_it_came_from(void **state)
{
    (void)state;
    static const struct {
        const char *origin, *host;
        bool is_own;
    } rows[] = {
        {NULL, "a:8080", true},
        {NULL, NULL, true},
        {"http://a:8080", "a:8080", true},
        {"https://A:8080", "a:8080", true},
        {"http://b:8080", "a:8080", false},
        {"http://a", "a:8080", false},
        {"http://a:8080.evil", "a:8080", false},
        {"null", "a:8080", false},
        {"", "a:8080", false},
        {"http://a:8080", NULL, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(origin_is_own(rows[i].origin, rows[i].host), rows[i].is_own);
}

static void a_bearer_is_the_token_and_nothing_else(void **state)
{
    (void)state;
    assert_true(auth_is_bearer("Bearer secret", "secret"));
    assert_true(auth_is_bearer("bearer  secret", "secret"));
    assert_false(auth_is_bearer(NULL, "secret"));
    assert_false(auth_is_bearer("", "secret"));
    assert_false(auth_is_bearer("Bearer", "secret"));
    assert_false(auth_is_bearer("Bearer ", "secret"));
    assert_false(auth_is_bearer("Bearer secret ", "secret"));
    assert_false(auth_is_bearer("Bearer secre", "secret"));
    assert_false(auth_is_bearer("Bearer secrets", "secret"));
    assert_false(auth_is_bearer("Basic secret", "secret"));
    assert_false(auth_is_bearer("secret", "secret"));
}

/* A reply of N bytes of text with entity tag ETAG. */
static reply_t *reply_of_size(unsigned code, size_t n, const char *etag)
{
    char *body = malloc(n);
    assert_non_null(body);
    memset(body, 'x', n);
    reply_t *reply = reply_new(code, CONTENT_TYPE_JSON, body, n);
    assert_non_null(reply);
    memcpy(reply->etag, etag, strlen(etag) + 1);
    return reply;
}

static void a_reader_gets_the_form_that_it_prefers(void **state)
{
    (void)state;
    static const struct {
        unsigned code;
        size_t n;
        const char *etag, *method, *accept_encoding, *if_none_match;
        unsigned form_code;
        bool is_gzip;
        const char *form_etag;
    } rows[] = {
        {200, 5000, "v1", "GET", NULL, NULL, 200, false, "\"v1\""},
        {200, 5000, "v1", "GET", "gzip", NULL, 200, true, "\"v1-gzip\""},
        {200, 5000, "v1", "HEAD", "gzip", NULL, 200, true, "\"v1-gzip\""},
        {200, 5000, "v1", "GET", "gzip", "\"v1-gzip\"", 304, true, "\"v1-gzip\""},
        {200, 5000, "v1", "GET", "gzip", "\"v1\"", 200, true, "\"v1-gzip\""},
        {200, 5000, "v1", "GET", NULL, "\"v1\"", 304, false, "\"v1\""},
        {200, 5000, "v1", "GET", NULL, "*", 304, false, "\"v1\""},
        {200, 1024, "v1", "GET", "gzip", NULL, 200, false, "\"v1\""},
        {200, 1025, "v1", "GET", "gzip", NULL, 200, true, "\"v1-gzip\""},
        {200, 5000, "", "GET", "gzip", "*", 200, true, ""},
        {200, 5000, "v1", "POST", "gzip", "*", 200, false, ""},
        {503, 5000, "", "GET", "gzip", "*", 503, false, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        reply_t *reply = reply_of_size(rows[i].code, rows[i].n, rows[i].etag);
        const preference_t preference = {.method = rows[i].method,
                                         .accept_encoding = rows[i].accept_encoding,
                                         .if_none_match = rows[i].if_none_match};
        representation_t form = representation_of(reply, &preference);
        assert_int_equal(form.code, rows[i].form_code);
        assert_int_equal(form.is_gzip, rows[i].is_gzip);
        assert_string_equal(form.etag, rows[i].form_etag);
        if (form.code == 304)
            assert_int_equal(form.n_body, 0);
        else if (!form.is_gzip)
            assert_int_equal(form.n_body, rows[i].n);
        else
            assert_true(form.n_body < rows[i].n);
        reply_release(&reply);
    }
}

static void the_compressed_body_unpacks_to_the_plain_one(void **state)
{
    (void)state;
    reply_t *reply = reply_of_size(200, 100000, "v1");
    size_t n_gzip;
    const char *gzip = reply_gzip(reply, &n_gzip);
    assert_non_null(gzip);
    assert_ptr_equal(reply_gzip(reply, &n_gzip), gzip); /* made once */

    char *copy = malloc(n_gzip);
    char *plain = malloc(100001);
    assert_non_null(copy);
    assert_non_null(plain);
    memcpy(copy, gzip, n_gzip);
    z_stream stream = {.next_in = (Bytef *)copy,
                       .avail_in = (uInt)n_gzip,
                       .next_out = (Bytef *)plain,
                       .avail_out = 100001};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, 100000);
    assert_memory_equal(plain, reply->body, 100000);
    assert_int_equal(inflateEnd(&stream), Z_OK);
    free(copy);
    free(plain);
    reply_release(&reply);
    assert_null(reply);
}

static void texts_in_replies_are_escaped(void **state)
{
    (void)state;
    static const char odd[] = "a\"\\\n\0b";
    reply_t *reply = reply_error(404, odd, sizeof odd - 1);
    assert_non_null(reply);
    static const char expected[] = "{\"detail\":\"a\\\"\\\\\\n\\u0000b\"}";
    assert_int_equal(reply->n_body, sizeof expected - 1);
    assert_memory_equal(reply->body, expected, sizeof expected - 1);
    assert_int_equal(reply->code, 404);
    reply_release(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entity_tag_is_found_in_lists_weak_and_any),
        cmocka_unit_test(gzip_goes_to_who_wants_it),
        cmocka_unit_test(only_short_plain_request_ids_are_echoed),
        cmocka_unit_test(a_page_may_write_only_to_where_it_came_from),
        cmocka_unit_test(a_bearer_is_the_token_and_nothing_else),
        cmocka_unit_test(a_reader_gets_the_form_that_it_prefers),
        cmocka_unit_test(the_compressed_body_unpacks_to_the_plain_one),
        cmocka_unit_test(texts_in_replies_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
