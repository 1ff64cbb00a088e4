/* Values of a result that are kept under a name. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/condition_tree.h"
#include "core/utf8.h"

/* Durations in seconds. */
static double real_of(const condition_datum_t *datum)
{
    const scalar_number_t *number = &datum->number;
    if (datum->type == CONDITION_DURATION)
        return (double)number->integer / 1e6;
    return number->is_integer ? (double)number->integer : number->real;
}

static int capture_text(condition_text_t text, condition_capture_t *ret)
{
    if (text.n > CONDITION_CAPTURE_MAX_BYTES || !utf8_is_text(text.bytes, text.n))
        return 0;
    condition_datum_t datum = {.type = CONDITION_NUMBER};
    scalar_error_t error;
    ret->is_number = scalar_number(text.bytes, text.n, &datum.number, &error) == 0;
    ret->number = ret->is_number ? real_of(&datum) : 0;
    ret->text = strndup(text.bytes, text.n);
    return ret->text ? 0 : -1;
}

static int capture_scalar(const condition_datum_t *datum, const condition_observed_t *observed,
                          condition_capture_t *ret)
{
    char text[CONDITION_ACTUAL_BYTES];
    condition_datum_t plain = *datum;
    ret->is_number = condition_is_number(datum);
    if (ret->is_number) {
        plain.type = CONDITION_NUMBER;
        ret->number = real_of(datum);
    }
    if (datum->type == CONDITION_DURATION)
        plain.number = (scalar_number_t){.real = ret->number};
    condition_show(&plain, observed, text, sizeof text);
    ret->text = strdup(text);
    return ret->text ? 0 : -1;
}

int condition_capture(const condition_t *value, condition_workspace_t *workspace,
                      condition_capture_t *ret)
{
    assert(value->root == NO_NODE && workspace->observed);
    *ret = (condition_capture_t){0};
    condition_datum_t datum;
    condition_outcome_t outcome = condition_read(workspace, &value->operands[0], &datum);
    if (workspace->is_out_of_memory)
        return -1;
    if (outcome != CONDITION_TRUE || datum.type == CONDITION_LIST || datum.type == CONDITION_OBJECT)
        return 0;
    if (datum.type == CONDITION_TEXT)
        return capture_text(datum.text, ret);
    return capture_scalar(&datum, workspace->observed, ret);
}
