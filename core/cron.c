#include "core/cron.h"

#include <string.h>
#include <strings.h>

#include "core/civil.h"

/* --- fields --- */

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

/* The fields in their order. */
enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

typedef struct {
    unsigned least, most;
    const char *const *names; /* of the numbers from LEAST on, or NULL */
    const char *reason;       /* where a number is wrong */
} field_t;

static const field_t fields[FIELDS] = {
    [MINUTE] = {0, 59, NULL, "a minute is 0 to 59"},
    [HOUR] = {0, 23, NULL, "an hour is 0 to 23"},
    [DAY] = {1, 31, NULL, "a day of the month is 1 to 31"},
    [MONTH] = {1, 12, month_names, "a month is 1 to 12 or jan to dec"},
    [WEEKDAY] = {0, 7, weekday_names, "a weekday is 0 to 7 or sun to sat"},
};

static const struct {
    const char *name;
    const char *fields;
} nicknames[] = {
    {"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},   {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
};

/* A part of the text. */
typedef struct {
    const char *text; /* the whole */
    size_t at;
    size_t end;
} part_t;

static int refuse(cron_error_t *reterr, const part_t *part, const char *reason)
{
    *reterr = (cron_error_t){.offset = part->at, .length = part->end - part->at, .reason = reason};
    return -1;
}

/* Steps *FROM to the first C of PART, or to its end; gives the part before it. */
static part_t split(part_t *from, char c)
{
    part_t part = *from;
    const char *found = memchr(from->text + from->at, c, from->end - from->at);
    part.end = found ? (size_t)(found - from->text) : from->end;
    from->at = found ? part.end + 1 : from->end;
    return part;
}

/* The number from 0 to 999 that PART is; -1: it is none. */
static int number_of(const part_t *part)
{
    int number = 0;
    if (part->at == part->end || part->end - part->at > 3)
        return -1;
    for (size_t i = part->at; i < part->end; i++) {
        if (part->text[i] < '0' || part->text[i] > '9')
            return -1;
        number = number * 10 + (part->text[i] - '0');
    }
    return number;
}

/* The value of FIELD that PART is, by number or name. 0, or -1. */
static int read_value(const field_t *field, const part_t *part, unsigned *ret)
{
    int number = number_of(part);
    for (unsigned i = 0; number < 0 && field->names && field->names[i]; i++)
        if (part->end - part->at == 3 &&
            strncasecmp(part->text + part->at, field->names[i], 3) == 0)
            number = (int)(field->least + i);
    if (number < (int)field->least || number > (int)field->most)
        return -1;
    *ret = (unsigned)number;
    return 0;
}

/* Reads `*`, `N` or `N-M`. 0, or -1 with *RETERR. */
static int read_range(const field_t *field, part_t range, unsigned *ret_first, unsigned *ret_last,
                      bool *ret_is_single, cron_error_t *reterr)
{
    const part_t whole = range;
    *ret_is_single = false;
    *ret_first = field->least;
    *ret_last = field->most;
    if (range.end - range.at == 1 && range.text[range.at] == '*')
        return 0;
    const part_t first = split(&range, '-');
    if (read_value(field, &first, ret_first))
        return refuse(reterr, &whole, field->reason);
    *ret_is_single = first.end == whole.end;
    *ret_last = *ret_first;
    if (!*ret_is_single && read_value(field, &range, ret_last))
        return refuse(reterr, &whole, field->reason);
    return *ret_last < *ret_first ? refuse(reterr, &whole, "the range goes backwards") : 0;
}

/* Adds an item of a list, a range with its step, to *SET. */
static int read_item(const field_t *field, part_t item, uint64_t *set, cron_error_t *reterr)
{
    const part_t whole = item;
    const part_t range = split(&item, '/');
    unsigned first;
    unsigned last;
    bool is_single;
    int step = 1;
    if (read_range(field, range, &first, &last, &is_single, reterr))
        return -1;
    if (range.end != whole.end) {
        step = number_of(&item);
        if (is_single)
            return refuse(reterr, &whole, "a step stands behind * or a range");
        if (step < 1)
            return refuse(reterr, &whole, "a step is a number from 1 on");
    }
    for (unsigned value = first; value <= last; value += (unsigned)step)
        *set |= UINT64_C(1) << value;
    return 0;
}

static int read_field(const field_t *field, part_t list, uint64_t *ret, cron_error_t *reterr)
{
    *ret = 0;
    bool has_more = true;
    while (has_more) {
        const part_t item = split(&list, ',');
        has_more = item.end != list.end;
        if (read_item(field, item, ret, reterr))
            return -1;
    }
    return 0;
}

/* --- the whole --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next field of REST; empty where there is none. */
static part_t next_word(part_t *rest)
{
    while (rest->at < rest->end && is_blank(rest->text[rest->at]))
        rest->at++;
    part_t word = *rest;
    while (rest->at < rest->end && !is_blank(rest->text[rest->at]))
        rest->at++;
    word.end = rest->at;
    return word;
}

static int read_fields(const char *text, size_t n, cron_t *ret, cron_error_t *reterr)
{
    part_t rest = {.text = text, .end = n};
    uint64_t sets[FIELDS];
    bool is_any[FIELDS];
    for (size_t i = 0; i < FIELDS; i++) {
        const part_t word = next_word(&rest);
        if (word.at == word.end)
            return refuse(reterr, &word, "there are fewer than five fields");
        if (read_field(&fields[i], word, &sets[i], reterr))
            return -1;
        is_any[i] = text[word.at] == '*';
    }
    const part_t more = next_word(&rest);
    if (more.at != more.end)
        return refuse(reterr, &more, "there are more than five fields");
    *ret = (cron_t){.minutes = sets[MINUTE],
                    .hours = (uint32_t)sets[HOUR],
                    .days = (uint32_t)sets[DAY],
                    .months = (uint16_t)sets[MONTH],
                    .weekdays = (uint8_t)((sets[WEEKDAY] | sets[WEEKDAY] >> 7) & 0x7F),
                    .is_any_day = is_any[DAY],
                    .is_any_weekday = is_any[WEEKDAY],
                    .is_steady = is_any[MINUTE] || is_any[HOUR]};
    return 0;
}

int cron_parse(const char *text, size_t n, cron_t *ret, cron_error_t *reterr)
{
    const part_t whole = {.text = text, .end = n};
    if (n > CRON_MAX_BYTES)
        return refuse(reterr, &whole, "it is too long");
    if (n == 0 || *text != '@')
        return read_fields(text, n, ret, reterr);
    for (size_t i = 0; i < sizeof nicknames / sizeof nicknames[0]; i++)
        if (strlen(nicknames[i].name) == n && memcmp(nicknames[i].name, text, n) == 0)
            return read_fields(nicknames[i].fields, strlen(nicknames[i].fields), ret, reterr);
    return refuse(reterr, &whole,
                  "it is none of @hourly @daily @midnight @weekly @monthly @yearly @annually");
}

/* --- when it comes --- */

/* Days that are looked at: a 29th of February that is a Sunday may take 40 years. */
#define DAYS_LOOKED_AT ((int64_t)41 * 366)
/* Local time goes back by less than this at once. */
#define TURNED_BACK_MAX_S ((int64_t)25 * 3600)

static bool fits_day(const cron_t *cron, int64_t days)
{
    const civil_date_t date = civil_date_of(days);
    bool fits_date = cron->days >> date.day & 1;
    bool fits_weekday = cron->weekdays >> civil_weekday_of(days) & 1;
    bool must_fit_both = cron->is_any_day || cron->is_any_weekday;
    return cron->months >> date.month & 1 &&
           (must_fit_both ? fits_date && fits_weekday : fits_date || fits_weekday);
}

/* An instant at which a local time is shown; false: this is none that counts. */
typedef bool instant_fn(const zone_t *zone, int64_t local_s, int64_t *ret_s);

static bool first_or_jumped(const zone_t *zone, int64_t local_s, int64_t *ret_s)
{
    bool is_shown;
    *ret_s = zone_first_of(zone, local_s, &is_shown);
    return true;
}

static bool first_shown(const zone_t *zone, int64_t local_s, int64_t *ret_s)
{
    bool is_shown;
    *ret_s = zone_first_of(zone, local_s, &is_shown);
    return is_shown;
}

/* A search for the first instant behind AFTER_S. */
typedef struct {
    const cron_t *cron;
    const zone_t *zone;
    int64_t after_s;
    int64_t least_local_s; /* what is earlier by the local clock is not behind it */
    instant_fn *instant_of;
} search_t;

/* Whether the schedule comes in the minute that begins at LOCAL_S, behind AFTER_S. */
static bool comes_at(const search_t *search, int64_t local_s, int64_t *ret_s)
{
    return local_s >= search->least_local_s && search->instant_of(search->zone, local_s, ret_s) &&
           *ret_s > search->after_s;
}

static bool next_in_day(const search_t *search, int64_t days, int64_t *ret_s)
{
    for (int hour = 0; hour < 24; hour++) {
        if (!(search->cron->hours >> hour & 1))
            continue;
        int64_t local_s = days * CIVIL_DAY_S + (int64_t)hour * 3600;
        for (int minute = 0; minute < 60; minute++, local_s += 60)
            if (search->cron->minutes >> minute & 1 && comes_at(search, local_s, ret_s))
                return true;
    }
    return false;
}

/* The instants of a local time grow with it, whichever of them INSTANT_OF gives: the first one
 * behind AFTER_S that is found is the least. */
static bool next_by(const cron_t *cron, const zone_t *zone, int64_t after_s, instant_fn *instant_of,
                    int64_t *ret_s)
{
    int64_t local_s = after_s + zone_span_at(zone, after_s).offset_s;
    const search_t search = {.cron = cron,
                             .zone = zone,
                             .after_s = after_s,
                             .least_local_s = local_s - TURNED_BACK_MAX_S,
                             .instant_of = instant_of};
    int64_t first = civil_floor_divide(search.least_local_s, CIVIL_DAY_S);
    for (int64_t days = first; days < first + DAYS_LOOKED_AT; days++)
        if (fits_day(cron, days) && next_in_day(&search, days, ret_s))
            return true;
    return false;
}

bool cron_next(const cron_t *cron, const zone_t *zone, int64_t after_s, int64_t *ret_s)
{
    if (!cron->is_steady)
        return next_by(cron, zone, after_s, first_or_jumped, ret_s);
    int64_t second_s;
    bool is_found = next_by(cron, zone, after_s, first_shown, ret_s);
    if (next_by(cron, zone, after_s, zone_last_of, &second_s) && (!is_found || second_s < *ret_s)) {
        *ret_s = second_s;
        is_found = true;
    }
    return is_found;
}
