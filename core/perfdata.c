#include "core/perfdata.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/scalar.h"
#include "core/utf8.h"

/* What is left to read. */
typedef struct {
    const char *at;
    const char *end;
} rest_t;

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void skip_blanks(rest_t *rest)
{
    while (rest->at < rest->end && is_blank(*rest->at))
        rest->at++;
}

static void skip_word(rest_t *rest)
{
    while (rest->at < rest->end && !is_blank(*rest->at))
        rest->at++;
}

/* A label as it is read: what is too long counts on, and is left out at the end. */
typedef struct {
    char bytes[VALUE_NAME_MAX_BYTES + 1];
    size_t n;
} label_t;

static void label_add(label_t *label, char byte)
{
    if (label->n < VALUE_NAME_MAX_BYTES)
        label->bytes[label->n] = byte;
    label->n++;
}

/* 'label', in which '' stands for a quote. */
static void read_quoted(rest_t *rest, label_t *label)
{
    for (rest->at++; rest->at < rest->end; rest->at++) {
        if (*rest->at == '\'') {
            if (rest->at + 1 == rest->end || rest->at[1] != '\'')
                break;
            rest->at++;
        }
        label_add(label, *rest->at);
    }
    if (rest->at < rest->end)
        rest->at++;
}

static void read_label(rest_t *rest, label_t *label)
{
    if (rest->at < rest->end && *rest->at == '\'') {
        read_quoted(rest, label);
        return;
    }
    for (; rest->at < rest->end && *rest->at != '=' && !is_blank(*rest->at); rest->at++)
        label_add(label, *rest->at);
}

static size_t digits(const char *at, const char *end)
{
    size_t n = 0;
    while (at + n < end && at[n] >= '0' && at[n] <= '9')
        n++;
    return n;
}

/* Bytes of the number at AT: [+-]digits[.digits]; 0: there is none. */
static size_t number_bytes(const char *at, const char *end)
{
    const char *start = at;
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    size_t n_whole = digits(at, end);
    at += n_whole;
    size_t n_part = at < end && *at == '.' ? digits(at + 1, end) : 0;
    at += n_part ? n_part + 1 : 0;
    if (n_whole + n_part == 0)
        return 0;
    if (at < end && (*at == 'e' || *at == 'E')) { /* no unit begins with it */
        const char *exponent = at + 1;
        if (exponent < end && (*exponent == '-' || *exponent == '+'))
            exponent++;
        size_t n = digits(exponent, end);
        at = n ? exponent + n : at;
    }
    return (size_t)(at - start);
}

static bool is_clean(const label_t *label)
{
    for (size_t i = 0; i < label->n; i++)
        if ((unsigned char)label->bytes[i] < 0x20 || label->bytes[i] == 0x7F)
            return false;
    return utf8_is_text(label->bytes, label->n);
}

static void keep(perfdata_t *ret, const label_t *label, double number)
{
    if (ret->n == MEASURED_VALUES_MAX || !isfinite(number) || label->n == 0 ||
        label->n > VALUE_NAME_MAX_BYTES || !is_clean(label))
        return;
    for (size_t i = 0; i < ret->n; i++)
        if (strlen(ret->names[i]) == label->n && memcmp(ret->names[i], label->bytes, label->n) == 0)
            return;
    char *name = ret->names[ret->n];
    memcpy(name, label->bytes, label->n);
    name[label->n] = '\0';
    ret->values[ret->n++] = (check_value_t){.name = name, .number = number};
}

static void read_data(rest_t rest, perfdata_t *ret)
{
    for (skip_blanks(&rest); rest.at < rest.end && ret->n < MEASURED_VALUES_MAX;
         skip_blanks(&rest)) {
        label_t label = {.n = 0};
        read_label(&rest, &label);
        bool has_value = rest.at < rest.end && *rest.at == '=';
        rest.at += has_value ? 1 : 0;
        char text[SCALAR_NUMBER_MAX_BYTES];
        size_t n = has_value ? number_bytes(rest.at, rest.end) : 0;
        if (n > 0 && n < sizeof text) {
            memcpy(text, rest.at, n);
            text[n] = '\0';
            keep(ret, &label, strtod(text, NULL));
        }
        skip_word(&rest);
    }
}

static rest_t after_bar(const char *from, const char *end)
{
    const char *bar = from < end ? memchr(from, '|', (size_t)(end - from)) : NULL;
    return (rest_t){.at = bar ? bar + 1 : end, .end = end};
}

static const char *line_end(const char *output, size_t n)
{
    const char *end = n > 0 ? memchr(output, '\n', n) : NULL;
    return end ? end : output + n;
}

void perfdata_read(const char *output, size_t n, perfdata_t *ret)
{
    ret->n = 0;
    const char *first = line_end(output, n);
    read_data(after_bar(output, first), ret);
    read_data(after_bar(first, output + n), ret);
}

size_t perfdata_text_bytes(const char *output, size_t n)
{
    const char *end = line_end(output, n);
    const char *bar = end > output ? memchr(output, '|', (size_t)(end - output)) : NULL;
    size_t n_text = (size_t)((bar ? bar : end) - output);
    while (n_text > 0 && is_blank(output[n_text - 1]))
        n_text--;
    return n_text;
}
