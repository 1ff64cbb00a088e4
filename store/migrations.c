#include "store/migrations.h"

const char *const store_migrations[] = {
    /* 1: alert log, quiet conditions, cursors, emergency stop, spool */
    "CREATE TABLE alert_event("
    " seq INTEGER PRIMARY KEY,"
    " kind INTEGER NOT NULL,"
    " at_us INTEGER NOT NULL,"
    " alert_id TEXT NOT NULL,"
    " body BLOB NOT NULL" /* msgpack of alert_event */
    ") STRICT;"
    "CREATE INDEX alert_event_of ON alert_event(alert_id);"
    "CREATE INDEX alert_event_updates ON alert_event(seq) WHERE kind = 1;"

    "CREATE TABLE alert("
    " alert_id TEXT PRIMARY KEY,"
    " raised_seq INTEGER NOT NULL UNIQUE," /* of its first event: the order of all lists */
    " last_seq INTEGER NOT NULL,"          /* of its newest event */
    " component TEXT NOT NULL,"
    " level INTEGER NOT NULL,"
    " raised_at_us INTEGER NOT NULL,"
    " resolved_at_us INTEGER NOT NULL,"
    " resolution INTEGER NOT NULL,"
    " body BLOB NOT NULL" /* msgpack of alert */
    ") STRICT;"
    "CREATE INDEX alert_active ON alert(raised_seq) WHERE resolution = 0;"

    "CREATE TABLE quiet("
    " component TEXT NOT NULL,"
    " level INTEGER NOT NULL,"
    " since_us INTEGER NOT NULL,"
    " alert_id TEXT NOT NULL,"
    " PRIMARY KEY(component, level)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE cursor("
    " name TEXT PRIMARY KEY,"
    " seq INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE trip_state("
    " id INTEGER PRIMARY KEY CHECK(id = 1),"
    " entry_id TEXT NOT NULL,"
    " decided_by INTEGER NOT NULL,"
    " is_tripped INTEGER NOT NULL,"
    " reason TEXT,"
    " data TEXT"
    ") STRICT;"

    /* AUTOINCREMENT: a number is never given twice, not even when the newest row went. */
    "CREATE TABLE outbound("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " event_type TEXT NOT NULL,"
    " event_time_us INTEGER NOT NULL,"
    " correlation_id TEXT NOT NULL,"
    " is_alert INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL,"
    " body TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX outbound_drop_order ON outbound(is_alert, seq);"
    "CREATE TABLE outbound_total("
    " id INTEGER PRIMARY KEY CHECK(id = 1),"
    " bytes INTEGER NOT NULL,"
    " n_rows INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO outbound_total VALUES(1, 0, 0);"
    "CREATE TRIGGER outbound_grows AFTER INSERT ON outbound BEGIN"
    " UPDATE outbound_total SET bytes = bytes + NEW.bytes, n_rows = n_rows + 1;"
    " END;"
    "CREATE TRIGGER outbound_shrinks AFTER DELETE ON outbound BEGIN"
    " UPDATE outbound_total SET bytes = bytes - OLD.bytes, n_rows = n_rows - 1;"
    " END;",

    /* 2: pauses of targets */
    "CREATE TABLE pause("
    " target TEXT PRIMARY KEY,"
    " reason TEXT NOT NULL,"
    " paused_by TEXT NOT NULL,"
    " since_us INTEGER NOT NULL,"
    " until_us INTEGER NOT NULL" /* 0: until somebody resumes */
    ") STRICT, WITHOUT ROWID;",

    /* 3: pings of heartbeats */
    "CREATE TABLE heartbeat("
    " target TEXT PRIMARY KEY,"
    " last_ping_us INTEGER NOT NULL,"
    " counted_us INTEGER NOT NULL," /* from when on the next ping is expected */
    " started_us INTEGER NOT NULL," /* 0: no run is under way */
    " runtime_us INTEGER NOT NULL," /* -1: not known */
    " outcome INTEGER NOT NULL,"
    " exit_code INTEGER NOT NULL," /* -1: not told */
    " log TEXT"
    ") STRICT, WITHOUT ROWID;",
};

const int store_migration_count = sizeof store_migrations / sizeof store_migrations[0];
