#include "core/probes/postgres.h"

#include <ctype.h>
#include <string.h>

#include "core/condition_values.h"
#include "core/probe_options.h"
#include "core/schema_tables.h"

enum { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_SSLMODE, POSTGRES_QUERY, POSTGRES_LAG, N_KEYS };

static const char *const schemes[] = {"postgresql", "postgres", NULL};
static const char *const sslmodes[] = {"disable",   "prefer",      "require",
                                       "verify-ca", "verify-full", NULL};

static const schema_key_t keys[N_KEYS] = {
    [POSTGRES_USER] = {"user", SCHEMA_FIELD, .text = "who logs in, instead of the URL's user"},
    [POSTGRES_PASSWORD] = {"password", SCHEMA_SECRET,
                           .text = "password, instead of the URL's; best as ${file:PATH}"},
    [POSTGRES_SSLMODE] = {"sslmode", SCHEMA_CHOICE, .choices = sslmodes, .fallback = "prefer",
                          .text = "whether TLS is spoken, as libpq means these words; with the map "
                                  "tls it is verify-full unless said otherwise"},
    [POSTGRES_QUERY] = {"query", SCHEMA_TEXT,
                        .text = "SQL that is asked after the login, in a transaction that only "
                                "reads; its first column is the value of conditions"},
    [POSTGRES_LAG] = {"replication_lag", SCHEMA_BOOLEAN, .fallback = "false",
                      .text = "the value is how many seconds replication is behind: of a standby "
                              "its own, of a primary that of its slowest standby"},
};

/* --- the URL --- */

static const char *path_of(const postgres_url_t *url)
{
    return url->place.path[0] == '/' ? url->place.path + 1 : url->place.path;
}

int postgres_url_parse(const char *text, postgres_url_t *ret)
{
    postgres_url_t url = {.database = ""};
    if (endpoint_url_parse(text, "postgresql", 5432, &url.place) &&
        endpoint_url_parse(text, "postgres", 5432, &url.place))
        return -1;
    const char *path = path_of(&url);
    if (strpbrk(path, "/?#") ||
        url_percent_decode(path, strlen(path), url.database, sizeof url.database))
        return -1;
    *ret = url;
    return 0;
}

static bool is_url(const char *text)
{
    postgres_url_t url;
    return postgres_url_parse(text, &url) == 0;
}

/* --- the query --- */

/* A standby that has replayed all that it received is not behind, however long the primary has
 * written nothing. */
static const char lag_query[] =
    "select case when pg_is_in_recovery() then case when pg_last_wal_receive_lsn() = "
    "pg_last_wal_replay_lsn() then 0 else coalesce(extract(epoch from clock_timestamp() - "
    "pg_last_xact_replay_timestamp()), 0) end else coalesce((select extract(epoch from "
    "max(replay_lag)) from pg_stat_replication), 0) end, case when pg_is_in_recovery() then "
    "'standby' else 'primary' end";

void postgres_sql(const postgres_settings_t *settings, uint32_t timeout_ms, text_t *sql)
{
    const char *query = settings->measures_lag ? lag_query : settings->query;
    if (query)
        text_appendf(sql, "begin read only; set local statement_timeout = %u; %s",
                     (unsigned)timeout_ms, query);
}

/* --- what a fault means --- */

typedef struct {
    const char *text;
    reason_t reason;
} row_t;

/* Class or code of SQLSTATE that a fault's begins with. */
static const row_t states[] = {
    {"28", REASON_AUTHENTICATION},       /* invalid authorization */
    {"42501", REASON_AUTHENTICATION},    /* insufficient privilege */
    {"57P03", REASON_DATABASE_STARTING}, /* cannot connect now */
    {"57P01", REASON_DATABASE_STARTING}, /* admin shutdown */
    {"57P02", REASON_DATABASE_STARTING}, /* crash shutdown */
    {"57014", REASON_TIMEOUT_RESPONSE},  /* statement_timeout */
    {"", REASON_DATABASE_ERROR},
};

/* Part of what libpq says; the first that is found counts. */
static const row_t messages[] = {
    {"certificate has expired", REASON_TLS_EXPIRED},
    {"certificate is not yet valid", REASON_TLS_EXPIRED},
    {"certificate verify failed", REASON_TLS_UNTRUSTED},
    {"does not match host name", REASON_TLS_NAME_MISMATCH},
    {"SSL", REASON_TLS_FAILURE},
    {"Connection refused", REASON_REFUSED},
    {"No route to host", REASON_UNREACHABLE},
    {"Network is unreachable", REASON_UNREACHABLE},
    {"no password supplied", REASON_AUTHENTICATION},
    {"server closed the connection", REASON_RESET},
    {"Connection reset", REASON_RESET},
    {"Broken pipe", REASON_RESET},
    {"out of memory", REASON_RESOURCES},
    {"", REASON_PROTOCOL},
};

reason_t postgres_reason(const char *sqlstate, const char *message)
{
    const row_t *row = messages;
    if (sqlstate[0]) {
        row = states;
        while (strncmp(sqlstate, row->text, strlen(row->text)) != 0)
            row++;
        return row->reason;
    }
    while (!strstr(message, row->text))
        row++;
    return row->reason;
}

/* Whether TEXT begins with a SQLSTATE and a colon. */
static bool is_sqlstate(const char *text)
{
    for (size_t i = 0; i < 5; i++) {
        if (!isupper((unsigned char)text[i]) && !isdigit((unsigned char)text[i]))
            return false;
    }
    return text[5] == ':';
}

void postgres_message_split(const char *message, char sqlstate[6], const char **ret_text,
                            size_t *ret_n)
{
    static const char *const severities[] = {"FATAL:  ", "ERROR:  ", "PANIC:  "};
    const char *text = message;
    sqlstate[0] = '\0';
    for (size_t i = 0; i < sizeof severities / sizeof severities[0] && !sqlstate[0]; i++) {
        const char *found = strstr(message, severities[i]);
        if (!found || !is_sqlstate(found + strlen(severities[i])))
            continue;
        memcpy(sqlstate, found + strlen(severities[i]), 5);
        sqlstate[5] = '\0';
        text = found + strlen(severities[i]) + 6;
        text += *text == ' ';
    }
    *ret_text = text;
    *ret_n = strcspn(text, "\n");
}

/* --- options --- */

static void read(const probe_options_t *options, void *settings)
{
    postgres_settings_t *postgres = settings;
    size_t mode = (size_t)probe_option_number(options, POSTGRES_SSLMODE);
    bool wants_tls =
        !probe_option_is_given(options, POSTGRES_SSLMODE) && probe_option_has_tls(options);
    *postgres = (postgres_settings_t){
        .user = probe_option_text(options, POSTGRES_USER),
        .password = probe_option_text(options, POSTGRES_PASSWORD),
        .sslmode = wants_tls ? "verify-full" : sslmodes[mode],
        .query = probe_option_text(options, POSTGRES_QUERY),
        .measures_lag = probe_option_number(options, POSTGRES_LAG) != 0,
    };
    if (postgres->query && postgres->measures_lag)
        probe_option_fault(options, POSTGRES_LAG, "the query is given already, by \"query\"");
}

const probe_type_row_t probe_postgres = {
    .name = "postgres",
    .schemes = schemes,
    .url_form = "postgresql://[user[:password]@]host[:port][/database]",
    .takes_tls = true,
    .error_prefix = "Postgres check failed: ",
    .is_url = is_url,
    .values = CONDITION_REACHED | CONDITION_SECURED | CONDITION_ANSWERED |
              CONDITION_BIT(CONDITION_OUTPUT) | CONDITION_BIT(CONDITION_VALUE),
    .keys = keys,
    .n_keys = N_KEYS,
    .settings_bytes = sizeof(postgres_settings_t),
    .read = read,
};
