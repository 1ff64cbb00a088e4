#include <stdlib.h>
#include <string.h>

#include "core/probes/postgres.h"
#include "tests/test.h"

static void url_has_a_database_or_none(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *user, *password, *database;
        uint16_t port;
    } rows[] = {
        {"postgresql://h", "h", "", "", "", 5432},
        {"postgres://h/", "h", "", "", "", 5432},
        {"POSTGRESQL://u:p%3a@[::1]:1/a%2Fb", "::1", "u", "p:", "a/b", 1},
        {"postgres://u@h:6432/my-db", "h", "u", "", "my-db", 6432},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        postgres_url_t url;
        assert_int_equal(postgres_url_parse(rows[i].text, &url), 0);
        assert_string_equal(url.place.host, rows[i].host);
        assert_int_equal(url.place.port, rows[i].port);
        assert_string_equal(url.place.user, rows[i].user);
        assert_string_equal(url.place.password, rows[i].password);
        assert_string_equal(url.database, rows[i].database);
    }
}

static void what_is_no_postgres_url_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "postgresql:",
        "postgresql:///db",
        "postgresql://h:0/",
        "postgresql://h/a/b",
        "postgresql://h/a?sslmode=require",
        "postgresql://h/%00",
        "postgresql://h/%4",
        "mysql://h/db",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        postgres_url_t url;
        assert_int_equal(postgres_url_parse(texts[i], &url), -1);
    }
}

static void assert_sql(const postgres_settings_t *settings, const char *expected)
{
    text_t sql = {0};
    postgres_sql(settings, 2500, &sql);
    char *text = text_take(&sql);
    assert_non_null(text);
    if (expected)
        assert_string_equal(text, expected);
    else
        assert_non_null(strstr(text, "statement_timeout = 2500; select case when pg_is_in"));
    free(text);
}

static void query_only_reads_and_ends_in_time(void **state)
{
    (void)state;
    assert_sql(&(postgres_settings_t){.query = "select 1"},
               "begin read only; set local statement_timeout = 2500; select 1");
    assert_sql(&(postgres_settings_t){.measures_lag = true}, NULL);
    assert_sql(&(postgres_settings_t){.query = NULL}, "");
}

static void fault_is_told_by_its_state_or_by_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *message, *sqlstate, *text;
        reason_t reason;
    } rows[] = {
        {"connection to server at \"h\" (1.2.3.4), port 5 failed: FATAL:  28P01: password "
         "authentication failed for user \"u\"\nLOCATION:  auth_failed, auth.c:326\n",
         "28P01", "password authentication failed for user \"u\"", REASON_AUTHENTICATION},
        {"ERROR:  42501: permission denied for table t\n", "42501", "permission denied for table t",
         REASON_AUTHENTICATION},
        {"FATAL:  57P03: the database system is starting up\n", "57P03",
         "the database system is starting up", REASON_DATABASE_STARTING},
        {"ERROR:  57014: canceling statement due to statement timeout\n", "57014",
         "canceling statement due to statement timeout", REASON_TIMEOUT_RESPONSE},
        {"FATAL:  3D000: database \"x\" does not exist", "3D000", "database \"x\" does not exist",
         REASON_DATABASE_ERROR},
        {"FATAL:  nothing of the kind", "", "FATAL:  nothing of the kind", REASON_PROTOCOL},
        {"connection to server at \"1.2.3.4\", port 5 failed: Connection refused\n\tIs the server "
         "running",
         "", "connection to server at \"1.2.3.4\", port 5 failed: Connection refused",
         REASON_REFUSED},
        {"SSL error: certificate verify failed", "", "SSL error: certificate verify failed",
         REASON_TLS_UNTRUSTED},
        {"server does not support SSL, but SSL was required", "",
         "server does not support SSL, but SSL was required", REASON_TLS_FAILURE},
        {"server certificate for \"a\" does not match host name \"b\"", "",
         "server certificate for \"a\" does not match host name \"b\"", REASON_TLS_NAME_MISMATCH},
        {"server closed the connection unexpectedly\n\tThis probably means", "",
         "server closed the connection unexpectedly", REASON_RESET},
        {"", "", "", REASON_PROTOCOL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char sqlstate[6];
        const char *text = NULL;
        size_t n = 0;
        postgres_message_split(rows[i].message, sqlstate, &text, &n);
        assert_string_equal(sqlstate, rows[i].sqlstate);
        assert_int_equal(n, strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, n);
        assert_int_equal(postgres_reason(sqlstate, rows[i].message), rows[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_has_a_database_or_none),
        cmocka_unit_test(what_is_no_postgres_url_is_refused),
        cmocka_unit_test(query_only_reads_and_ends_in_time),
        cmocka_unit_test(fault_is_told_by_its_state_or_by_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
