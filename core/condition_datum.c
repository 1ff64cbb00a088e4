/* What operands are at run time, and how two of them compare. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/condition_tree.h"
#include "core/utf8.h"

/* --- values --- */

static condition_outcome_t put_number(condition_datum_t *datum, condition_type_t type,
                                      int64_t number)
{
    *datum = (condition_datum_t){.type = type, .number = {.is_integer = true, .integer = number}};
    return CONDITION_TRUE;
}

static condition_outcome_t put_real(condition_datum_t *datum, condition_type_t type, double number)
{
    *datum = (condition_datum_t){.type = type, .number = {.real = number}};
    return isfinite(number) ? CONDITION_TRUE : CONDITION_MISSING;
}

static condition_outcome_t put_boolean(condition_datum_t *datum, bool is_true)
{
    *datum = (condition_datum_t){.type = CONDITION_BOOLEAN, .is_true = is_true};
    return CONDITION_TRUE;
}

static condition_outcome_t put_text(condition_datum_t *datum, condition_type_t type,
                                    condition_text_t text)
{
    if (text.n == 0)
        text.bytes = ""; /* nobody adds to a NULL */
    *datum = (condition_datum_t){.type = type, .text = text};
    return CONDITION_TRUE;
}

static condition_outcome_t put_version(condition_datum_t *datum, condition_text_t text)
{
    int64_t version = text.n > 0 ? condition_version_of(text.bytes, text.n) : -1;
    (void)put_number(datum, CONDITION_VERSION, version);
    return version < 0 ? CONDITION_MISSING : CONDITION_TRUE;
}

condition_outcome_t condition_datum_of_json(condition_datum_t *datum, const json_t *json)
{
    if (!json)
        return CONDITION_MISSING;
    switch (json_typeof(json)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        *datum = (condition_datum_t){
            .type = json_is_array(json) ? CONDITION_LIST : CONDITION_OBJECT, .json = json};
        return CONDITION_TRUE;
    case JSON_STRING:
        return put_text(
            datum, CONDITION_TEXT,
            (condition_text_t){.bytes = json_string_value(json), .n = json_string_length(json)});
    case JSON_INTEGER:
        return put_number(datum, CONDITION_NUMBER, json_integer_value(json));
    case JSON_REAL:
        return put_real(datum, CONDITION_NUMBER, json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return put_boolean(datum, json_is_true(json));
    case JSON_NULL:
        break;
    }
    return CONDITION_MISSING;
}

/* The body as JSON, or NULL: read once for a result. */
static const json_t *body_of(condition_workspace_t *workspace)
{
    const condition_observed_t *observed = workspace->observed;
    if (!workspace->is_body_read && !observed->is_body_cut &&
        json_path_load_body(observed->body.bytes, observed->body.n, &workspace->body) != 0)
        workspace->is_out_of_memory = true;
    workspace->is_body_read = true;
    return workspace->body;
}

static condition_outcome_t read_field(const condition_field_t *fields, size_t n,
                                      condition_text_t name, bool is_any_case,
                                      condition_datum_t *datum)
{
    for (size_t i = 0; i < n; i++) {
        if (name.n == 0 || fields[i].name.n != name.n)
            continue;
        int difference = is_any_case ? strncasecmp(fields[i].name.bytes, name.bytes, name.n)
                                     : memcmp(fields[i].name.bytes, name.bytes, name.n);
        if (difference == 0)
            return put_text(datum, CONDITION_TEXT, fields[i].text);
    }
    return CONDITION_MISSING;
}

/* A value that a query or a plugin gave: a number where the whole text is one. */
static condition_outcome_t read_given(condition_text_t text, condition_datum_t *datum)
{
    scalar_error_t error;
    (void)put_text(datum, CONDITION_TEXT, text);
    if (scalar_number(datum->text.bytes, datum->text.n, &datum->number, &error) == 0)
        datum->type = CONDITION_NUMBER;
    return CONDITION_TRUE;
}

/* Those that need no bit in `present`. */
static bool is_listed(condition_value_t value)
{
    return value == CONDITION_HEADER || value == CONDITION_CAPTURED || value == CONDITION_REASON;
}

static condition_outcome_t read_value(condition_workspace_t *workspace,
                                      const condition_operand_t *operand, condition_datum_t *datum)
{
    const condition_observed_t *observed = workspace->observed;
    condition_type_t type = condition_value_type(operand->value);
    if (!is_listed(operand->value) && !(observed->present & CONDITION_BIT(operand->value)))
        return CONDITION_MISSING;
    switch (operand->value) {
    case CONDITION_STATUS:
        return put_number(datum, type, observed->status);
    case CONDITION_LATENCY:
        return put_number(datum, type, observed->latency_us);
    case CONDITION_CONNECTED:
        return put_boolean(datum, observed->is_connected);
    case CONDITION_IP:
        return put_text(datum, type, observed->ip);
    case CONDITION_REASON: {
        const char *name = reason_name((int)observed->fault);
        return put_text(datum, type, (condition_text_t){.bytes = name, .n = strlen(name)});
    }
    case CONDITION_BODY:
        if (operand->path)
            return condition_datum_of_json(datum,
                                           json_path_find(operand->path, body_of(workspace)));
        return put_text(datum, type, observed->body);
    case CONDITION_HEADER:
        return read_field(observed->headers, observed->n_headers, operand->name, true, datum);
    case CONDITION_CERT_EXPIRY:
        return put_number(datum, type, observed->cert_expiry_us);
    case CONDITION_DOMAIN_EXPIRY:
        return put_number(datum, type, observed->domain_expiry_us);
    case CONDITION_TLS_VERSION:
        return put_version(datum, observed->tls_version);
    case CONDITION_HTTP_VERSION:
        return put_version(datum, observed->http_version);
    case CONDITION_PHASE_RESOLVE:
    case CONDITION_PHASE_CONNECT:
    case CONDITION_PHASE_TLS:
    case CONDITION_PHASE_FIRST_BYTE:
    case CONDITION_PHASE_TRANSFER:
        return put_number(datum, type,
                          observed->phase_us[operand->value - CONDITION_PHASE_RESOLVE]);
    case CONDITION_RCODE:
        return put_text(datum, type, observed->rcode);
    case CONDITION_ANSWERS:
        return put_number(datum, type, (int64_t)observed->n_answers);
    case CONDITION_DNS_TTL:
        return put_number(datum, type, observed->dns_ttl_us);
    case CONDITION_TTL:
        return put_number(datum, type, observed->ttl);
    case CONDITION_LOSS:
        return put_real(datum, type, observed->loss_ratio);
    case CONDITION_EXIT_CODE:
        return put_number(datum, type, observed->exit_code);
    case CONDITION_OUTPUT:
        return put_text(datum, type, observed->output);
    case CONDITION_VALUE:
        return read_given(observed->value, datum);
    case CONDITION_CAPTURED:
        return read_field(observed->captured, observed->n_captured, operand->name, false, datum);
    case CONDITION_VALUE_COUNT:
        break;
    }
    return CONDITION_MISSING;
}

/* --- functions --- */

static int64_t characters(condition_text_t text)
{
    int64_t n = 0;
    for (size_t at = 0; at < text.n; n++) {
        bool is_valid = false;
        at += utf8_next(text.bytes + at, text.n - at, &is_valid);
    }
    return n;
}

/* In place: of the body and the output in bytes, of other texts in characters. */
static condition_outcome_t take_length(const condition_operand_t *operand, condition_datum_t *datum)
{
    switch ((int)datum->type) {
    case CONDITION_TEXT:
        return put_number(datum, operand->type,
                          operand->type == CONDITION_BYTES ? (int64_t)datum->text.n
                                                           : characters(datum->text));
    case CONDITION_ANSWER_LIST:
        datum->type = operand->type;
        return CONDITION_TRUE;
    case CONDITION_LIST:
        return put_number(datum, operand->type, (int64_t)json_array_size(datum->json));
    case CONDITION_OBJECT:
        return put_number(datum, operand->type, (int64_t)json_object_size(datum->json));
    default:
        return CONDITION_MISMATCH;
    }
}

static double real_of(const scalar_number_t *number)
{
    return number->is_integer ? (double)number->integer : number->real;
}

static condition_outcome_t take_age(const condition_observed_t *observed, condition_datum_t *datum)
{
    int64_t instant_us = 0;
    int outcome = -1;
    scalar_number_t number;
    scalar_error_t error;
    if (datum->type == CONDITION_NUMBER)
        outcome = condition_instant_of_number(real_of(&datum->number), &instant_us);
    else if (datum->type != CONDITION_TEXT)
        outcome = -1;
    else if (scalar_number(datum->text.bytes, datum->text.n, &number, &error) == 0)
        outcome = condition_instant_of_number(real_of(&number), &instant_us);
    else
        outcome = condition_instant_of_text(datum->text.bytes, datum->text.n, &instant_us);
    if (outcome != 0)
        return CONDITION_MISMATCH;
    return put_number(datum, CONDITION_DURATION, observed->now_us - instant_us);
}

condition_outcome_t condition_read(condition_workspace_t *workspace,
                                   const condition_operand_t *operand, condition_datum_t *datum)
{
    if (operand->kind == OPERAND_LITERAL) {
        *datum = operand->literal;
        return CONDITION_TRUE;
    }
    condition_outcome_t outcome = read_value(workspace, operand, datum);
    if (operand->function == FUNCTION_HAS)
        return put_boolean(datum, outcome == CONDITION_TRUE);
    if (outcome != CONDITION_TRUE || operand->function == FUNCTION_NONE)
        return outcome;
    return operand->function == FUNCTION_LEN ? take_length(operand, datum)
                                             : take_age(workspace->observed, datum);
}

/* --- comparing --- */

bool condition_is_number(const condition_datum_t *datum)
{
    return datum->type <= CONDITION_RATIO || datum->type == CONDITION_VERSION ||
           datum->type == CONDITION_ANSWER_LIST;
}

static bool is_text(const condition_datum_t *datum)
{
    return datum->type == CONDITION_TEXT || datum->type == CONDITION_RCODE_WORD ||
           datum->type == CONDITION_REASON_WORD;
}

/* Headers, captured values and often JSON carry numbers as texts. */
static bool as_number(const condition_datum_t *datum, scalar_number_t *ret)
{
    scalar_error_t error;
    if (condition_is_number(datum)) {
        *ret = datum->number;
        return true;
    }
    return is_text(datum) && scalar_number(datum->text.bytes, datum->text.n, ret, &error) == 0;
}

static bool is_equal(const condition_datum_t *left, const condition_datum_t *right)
{
    scalar_number_t a;
    scalar_number_t b;
    if (is_text(left) && is_text(right))
        return left->text.n == right->text.n &&
               (left->text.n == 0 ||
                memcmp(left->text.bytes, right->text.bytes, left->text.n) == 0);
    if (left->type == CONDITION_BOOLEAN && right->type == CONDITION_BOOLEAN)
        return left->is_true == right->is_true;
    return as_number(left, &a) && as_number(right, &b) && scalar_number_compare(&a, &b) == 0;
}

static condition_outcome_t truth(bool is_true)
{
    return is_true ? CONDITION_TRUE : CONDITION_FALSE;
}

condition_outcome_t condition_compare(const condition_datum_t *left, condition_operator_t relation,
                                      const condition_datum_t *right)
{
    if (relation == OPERATOR_EQUAL || relation == OPERATOR_NOT_EQUAL)
        return truth(is_equal(left, right) == (relation == OPERATOR_EQUAL));
    scalar_number_t a;
    scalar_number_t b;
    if (!as_number(left, &a) || !as_number(right, &b))
        return CONDITION_MISMATCH;
    int order = scalar_number_compare(&a, &b);
    if (relation == OPERATOR_LESS)
        return truth(order < 0);
    if (relation == OPERATOR_LESS_EQUAL)
        return truth(order <= 0);
    return truth(relation == OPERATOR_GREATER ? order > 0 : order >= 0);
}
