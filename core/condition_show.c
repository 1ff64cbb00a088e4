/* Values as people read them in a result, an alert, on the page. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/condition_tree.h"
#include "core/utf8.h"

/* What stands for the rest of a text that was cut. */
#define CUT "\xE2\x80\xA6"

/* The two largest units that are not 0: 21d3h. Shorter than a minute: 1.5s; than a second: 12.3ms.
 */
static void show_duration(int64_t us, char *text, size_t size)
{
    static const struct {
        const char *name;
        uint64_t us;
    } units[] = {{"d", UINT64_C(86400000000)}, {"h", 3600000000}, {"m", 60000000}, {"s", 1000000}};
    const char *sign = us < 0 ? "-" : "";
    uint64_t rest = us < 0 ? UINT64_C(0) - (uint64_t)us : (uint64_t)us;
    if (rest < 60000000) {
        bool is_short = rest < 1000000;
        double number = (double)rest / (is_short ? 1000 : 1000000);
        (void)snprintf(text, size, "%s%.6g%s", sign, number, is_short ? "ms" : "s");
        return;
    }
    size_t i = 0;
    while (rest < units[i].us)
        i++;
    uint64_t first = rest / units[i].us;
    uint64_t second = rest % units[i].us / units[i + 1].us;
    int n = snprintf(text, size, "%s%" PRIu64 "%s", sign, first, units[i].name);
    if (second > 0)
        (void)snprintf(text + n, size - (size_t)n, "%" PRIu64 "%s", second, units[i + 1].name);
}

/* As few digits as read back to the same number. */
static void show_real(double number, char *text, size_t size)
{
    char digits[40];
    (void)snprintf(digits, sizeof digits, "%.15g", number);
    if (strtod(digits, NULL) != number)
        (void)snprintf(digits, sizeof digits, "%.17g", number);
    (void)snprintf(text, size, "%s", digits);
}

/* One character of a text, with escapes as JSON has them, in OUT; gives its bytes. */
static size_t show_character(const char *at, size_t n, char out[8], size_t *ret_used)
{
    bool is_valid = false;
    *ret_used = utf8_next(at, n, &is_valid);
    unsigned char byte = (unsigned char)*at;
    if (!is_valid)
        return (size_t)snprintf(out, 8, "%s", UTF8_REPLACEMENT);
    if (byte == '"' || byte == '\\')
        return (size_t)snprintf(out, 8, "\\%c", byte);
    if (byte < 0x20 || byte == 0x7F)
        return (size_t)snprintf(out, 8, "\\u%04x", byte);
    memcpy(out, at, *ret_used);
    return *ret_used;
}

static void show_text(condition_text_t from, char *text, size_t size)
{
    static const char end[] = CUT "\"";
    size_t n = 0;
    text[n++] = '"';
    for (size_t at = 0; at < from.n;) {
        char out[8];
        size_t used = 0;
        size_t n_out = show_character(from.bytes + at, from.n - at, out, &used);
        if (n + n_out + sizeof end > size) {
            memcpy(text + n, end, sizeof end);
            return;
        }
        memcpy(text + n, out, n_out);
        n += n_out;
        at += used;
    }
    memcpy(text + n, "\"", 2);
}

/* "2: 192.0.2.1 192.0.2.2", each of them whole or not at all. */
static void show_answers(const condition_observed_t *observed, int64_t count, char *text,
                         size_t size)
{
    size_t n = (size_t)snprintf(text, size, "%" PRId64, count);
    for (size_t i = 0; i < observed->n_answers && (int64_t)i < count; i++) {
        const condition_text_t *answer = &observed->answers[i];
        size_t n_separator = i == 0 ? 2 : 1;
        bool is_plain = utf8_is_text(answer->bytes, answer->n);
        if (!is_plain || n + n_separator + answer->n + sizeof CUT + 1 > size) {
            (void)snprintf(text + n, size - n, " %s", CUT);
            return;
        }
        memcpy(text + n, i == 0 ? ": " : " ", n_separator);
        memcpy(text + n + n_separator, answer->bytes, answer->n);
        n += n_separator + answer->n;
        text[n] = '\0';
    }
}

void condition_show(const condition_datum_t *datum, const condition_observed_t *observed,
                    char *text, size_t size)
{
    const scalar_number_t *number = &datum->number;
    switch ((int)datum->type) {
    case CONDITION_DURATION:
        show_duration(number->integer, text, size);
        break;
    case CONDITION_RATIO:
        (void)snprintf(text, size, "%.4g%%", number->real * 100);
        break;
    case CONDITION_VERSION:
        (void)snprintf(text, size, "%" PRId64 ".%" PRId64, number->integer >> 16,
                       number->integer & 0xFFFF);
        break;
    case CONDITION_ANSWER_LIST:
        show_answers(observed, number->integer, text, size);
        break;
    case CONDITION_TEXT:
        show_text(datum->text, text, size);
        break;
    case CONDITION_RCODE_WORD:
    case CONDITION_REASON_WORD: {
        size_t n = utf8_repair(datum->text.bytes, datum->text.n, text, size);
        for (size_t i = 0; i < n; i++)
            if ((unsigned char)text[i] < ' ')
                text[i] = ' ';
        break;
    }
    case CONDITION_BOOLEAN:
        (void)snprintf(text, size, "%s", datum->is_true ? "true" : "false");
        break;
    case CONDITION_LIST:
        (void)snprintf(text, size, "a list of %zu", json_array_size(datum->json));
        break;
    case CONDITION_OBJECT:
        (void)snprintf(text, size, "an object of %zu", json_object_size(datum->json));
        break;
    default:
        if (number->is_integer)
            (void)snprintf(text, size, "%" PRId64, number->integer);
        else
            show_real(number->real, text, size);
    }
}
