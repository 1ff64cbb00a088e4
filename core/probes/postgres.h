/* A check of PostgreSQL: a login, and a query where one is given. Pure. */
#ifndef HEALTHD_CORE_PROBES_POSTGRES_H
#define HEALTHD_CORE_PROBES_POSTGRES_H

#include <healthd/status.h>

#include "core/text.h"
#include "core/url.h"

/* Bytes of a database's name with its NUL. */
#define POSTGRES_DATABASE_BYTES 256

/* All texts are borrowed from the configuration; NULL: not given. */
typedef struct {
    const char *user; /* instead of the URL's */
    const char *password;
    const char *sslmode; /* libpq's word */
    const char *query;
    bool measures_lag; /* the query is ours: how far replication is behind */
} postgres_settings_t;

/* postgresql://[user[:password]@]host[:port][/database] */
typedef struct {
    endpoint_url_t place;
    char database[POSTGRES_DATABASE_BYTES]; /* "": that of the user's name */
} postgres_url_t;

/* Splits TEXT. 0, or -1 where it is no such URL. */
int postgres_url_parse(const char *text, postgres_url_t *ret);

/*
 * Appends what is asked after the login: the query of SETTINGS in a transaction that only reads and
 * that the server ends after TIMEOUT_MS, should we be gone by then; nothing where there is none.
 */
void postgres_sql(const postgres_settings_t *settings, uint32_t timeout_ms, text_t *sql);

/*
 * What a fault is, by SQLSTATE (PostgreSQL, appendix A; "": the server said none) and by MESSAGE,
 * which libpq made where there is none.
 */
reason_t postgres_reason(const char *sqlstate, const char *message);

/*
 * Splits MESSAGE of libpq at PQERRORS_VERBOSE, "FATAL:  28P01: text\nLOCATION: ...": gives the five
 * characters of the SQLSTATE or "", and where its text for people begins and how long it is.
 */
void postgres_message_split(const char *message, char sqlstate[6], const char **ret_text,
                            size_t *ret_n);

#endif
