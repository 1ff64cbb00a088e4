#include "actors/io/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/timestamp.h"
#include "core/url.h"
#include "core/utf8.h"

/* Bytes of a record with its line end: what a pipe takes in one piece (PIPE_BUF of Linux). */
#define RECORD_MAX_BYTES 4096
/* Bytes of a text before it is escaped and cut; more than a record, as redaction shortens it. */
#define TEXT_MAX_BYTES 8192
/* Bytes that one character needs at most when escaped: \u001f. */
#define ESCAPED_MAX_BYTES 6

typedef struct {
    char bytes[RECORD_MAX_BYTES];
    size_t n;
    size_t limit; /* n never exceeds it: the rest is kept for the record's end */
} record_t;

static void append(record_t *record, const char *text, size_t n)
{
    assert(record->n + n <= record->limit);
    memcpy(record->bytes + record->n, text, n);
    record->n += n;
}

static void append_text(record_t *record, const char *text)
{
    append(record, text, strlen(text));
}

/* One character as it may stand in a line; ESCAPED takes it where it must change. Gives its bytes.
 */
static size_t escape(const char *character, size_t length, bool is_json,
                     char escaped[ESCAPED_MAX_BYTES + 1])
{
    unsigned char byte = (unsigned char)character[0];
    if (byte < 0x20 || byte == 0x7F)
        return (size_t)snprintf(escaped, ESCAPED_MAX_BYTES + 1, is_json ? "\\u%04x" : "\\x%02x",
                                byte);
    /* C1 controls (U+0080 .. U+009F) drive terminals as C0 ones do. */
    if (length == 2 && byte == 0xC2 && (unsigned char)character[1] < 0xA0)
        return (size_t)snprintf(escaped, ESCAPED_MAX_BYTES + 1, is_json ? "\\u%04x" : "\\x%02x",
                                (unsigned char)character[1]);
    if (is_json && (byte == '"' || byte == '\\'))
        return (size_t)snprintf(escaped, ESCAPED_MAX_BYTES + 1, "\\%c", byte);
    memcpy(escaped, character, length);
    return length;
}

static void append_escaped(record_t *record, const char *text, bool is_json)
{
    size_t n = strlen(text);
    for (size_t at = 0; at < n;) {
        bool is_valid = false;
        size_t length = utf8_next(text + at, n - at, &is_valid);
        char escaped[ESCAPED_MAX_BYTES + 1];
        size_t n_escaped = is_valid ? escape(text + at, length, is_json, escaped)
                                    : escape(UTF8_REPLACEMENT, 3, is_json, escaped);
        if (record->n + n_escaped > record->limit)
            return;
        append(record, escaped, n_escaped);
        at += length;
    }
}

/* A text that was cut inside a URL could show half a password: cut it back to its last blank. */
__attribute__((format(printf, 2, 0))) static void format_text(char text[TEXT_MAX_BYTES],
                                                              const char *format, va_list arguments)
{
    int wanted = vsnprintf(text, TEXT_MAX_BYTES, format, arguments);
    if (wanted < 0)
        text[0] = '\0';
    if (wanted < TEXT_MAX_BYTES)
        return;
    char *blank = strrchr(text, ' ');
    if (blank)
        *blank = '\0';
}

static void put_json(record_t *record, const char *time, const char *level, const char *event,
                     const char *text)
{
    static const char end[] = "\"}\n";
    record->limit = sizeof record->bytes - strlen(end);
    append_text(record, "{\"ts\":\"");
    append_text(record, time);
    append_text(record, "\",\"level\":\"");
    append_text(record, level);
    append_text(record, "\",\"service\":\"monitoring-health-service\",\"event\":\"");
    append_text(record, event);
    append_text(record, "\",\"msg\":\"");
    append_escaped(record, text, true);
    record->limit = sizeof record->bytes;
    append_text(record, end);
}

static void put_text(record_t *record, const char *time, const char *level, const char *event,
                     const char *text)
{
    record->limit = sizeof record->bytes - 1;
    append_text(record, time);
    append_text(record, " ");
    append_text(record, level);
    append_text(record, " ");
    append_text(record, event);
    append_text(record, ": ");
    append_escaped(record, text, false);
    record->limit = sizeof record->bytes;
    append_text(record, "\n");
}

void log_set_level(log_t *log, log_level_t level)
{
    __atomic_store_n(&log->level, (int)level, __ATOMIC_RELAXED);
}

/* One record; false where it is lost. */
static bool write_record(const log_t *log, log_level_t level, const char *event, const char *text)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    char time[TIMESTAMP_BYTES];
    timestamp_iso((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000, time);

    record_t record;
    record.n = 0;
    if (log->is_json)
        put_json(&record, time, log_level_name(level), event, text);
    else
        put_text(&record, time, log_level_name(level), event, text);
    return log->sink ? log_sink_write(log->sink, record.bytes, record.n)
                     : write(STDERR_FILENO, record.bytes, record.n) >= 0;
}

/* Says how many records were lost before this one; false where nobody reads this either. */
static bool tell_dropped(const log_t *log)
{
    uint64_t n = log_sink_take_dropped(log->sink);
    char text[64];
    (void)snprintf(text, sizeof text, "%llu log records were lost: nobody read them",
                   (unsigned long long)n);
    if (n == 0 || write_record(log, LOG_LEVEL_WARNING, "log_records_dropped", text))
        return true;
    log_sink_add_dropped(log->sink, n);
    return false;
}

void log_write(const log_t *log, log_level_t level, const char *event, const char *format, ...)
{
    if ((int)level < __atomic_load_n(&log->level, __ATOMIC_RELAXED))
        return;
    char text[TEXT_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    format_text(text, format, arguments);
    va_end(arguments);
    char redacted[TEXT_MAX_BYTES];
    url_redact(text, redacted, sizeof redacted);
    if (!log->sink)
        (void)write_record(log, level, event, redacted); /* it has nowhere else to complain */
    else if (!tell_dropped(log) || !write_record(log, level, event, redacted))
        log_sink_add_dropped(log->sink, 1);
}
