#include "gateway/body.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Bytes of a pointer into the body, and of a message, that a refusal shows. */
#define POINTER_BYTES 96
#define MESSAGE_BYTES 160

static bool is_json_type(const char *content_type)
{
    static const char json[] = "application/json";
    if (!content_type || strncasecmp(content_type, json, sizeof json - 1) != 0)
        return false;
    const char *rest = content_type + sizeof json - 1;
    rest += strspn(rest, " \t");
    return *rest == '\0' || *rest == ';';
}

/* Whether brackets outside of strings nest deeper than BODY_MAX_DEPTH. Strings end where JSON says,
 * and what is no JSON is refused afterwards. */
static bool is_too_deep(slice_t body)
{
    size_t depth = 0;
    bool is_string = false;
    for (size_t i = 0; i < body.n; i++) {
        char c = body.text[i];
        if (is_string && c == '\\')
            i++;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && (c == '{' || c == '['))
            depth++;
        else if (!is_string && (c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > BODY_MAX_DEPTH)
            return true;
    }
    return false;
}

static reply_t *fault_of(const char *pointer, const char *message)
{
    return reply_fault(422, "A member of the body cannot be taken", pointer, message);
}

/* POINTER becomes "/NAME" with ~ and / escaped (RFC 6901), cut where it is longer. */
static void point_at(const char *name, char pointer[POINTER_BYTES])
{
    size_t n = 0;
    pointer[n++] = '/';
    for (; *name && n + 2 < POINTER_BYTES; name++) {
        if (*name == '~' || *name == '/')
            pointer[n++] = '~';
        pointer[n++] = *name;
        if (*name == '~')
            pointer[n - 1] = '0';
        else if (*name == '/')
            pointer[n - 1] = '1';
    }
    pointer[n] = '\0';
}

static bool is_text_within(const json_t *value, const body_member_t *member)
{
    return json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value) &&
           (json_int_t)json_string_length(value) >= member->min &&
           (json_int_t)json_string_length(value) <= member->max;
}

static bool are_texts_within(const json_t *value, const body_member_t *member)
{
    if (!json_is_array(value) || json_array_size(value) > BODY_LIST_MAX)
        return false;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!is_text_within(json_array_get(value, i), member))
            return false;
    return true;
}

/* Whether VALUE is as MEMBER says; else MESSAGE says what it must be. */
static bool is_as_told(const json_t *value, const body_member_t *member,
                       char message[MESSAGE_BYTES])
{
    message[0] = '\0';
    switch (member->type) {
    case BODY_TEXT:
        (void)snprintf(message, MESSAGE_BYTES, "must be a text of %lld to %lld bytes", member->min,
                       member->max);
        return is_text_within(value, member);
    case BODY_INTEGER:
        (void)snprintf(message, MESSAGE_BYTES, "must be a whole number from %lld to %lld",
                       member->min, member->max);
        return json_is_integer(value) && json_integer_value(value) >= member->min &&
               json_integer_value(value) <= member->max;
    case BODY_BOOLEAN:
        (void)snprintf(message, MESSAGE_BYTES, "must be true or false");
        return json_is_boolean(value);
    case BODY_TEXTS:
        (void)snprintf(message, MESSAGE_BYTES,
                       "must be a list of at most %d texts of %lld to %lld bytes", BODY_LIST_MAX,
                       member->min, member->max);
        return are_texts_within(value, member);
    case BODY_ANY:
    default:
        return true;
    }
}

static const body_member_t *member_of(const body_member_t *members, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

/* Looks at every member of OBJECT and leaves out those that are null. 0, or -1 with *RET_REFUSAL.
 */
static int check_members(json_t *object, const body_member_t *members, size_t n,
                         reply_t **ret_refusal)
{
    char pointer[POINTER_BYTES];
    char message[MESSAGE_BYTES];
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, name, value)
    {
        const body_member_t *member = member_of(members, n, name);
        point_at(name, pointer);
        if (!member) {
            *ret_refusal = fault_of(pointer, "is no member that this route knows");
            return -1;
        }
        if (json_is_null(value)) {
            (void)json_object_del(object, name); /* it is there */
        } else if (!is_as_told(value, member, message)) {
            *ret_refusal = fault_of(pointer, message);
            return -1;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (!members[i].is_required || json_object_get(object, members[i].name))
            continue;
        point_at(members[i].name, pointer);
        *ret_refusal = fault_of(pointer, "is missing");
        return -1;
    }
    return 0;
}

/* BODY as a JSON object, or NULL with *RET_REFUSAL. */
static json_t *object_of(slice_t body, reply_t **ret_refusal)
{
    if (body.n == 0)
        return json_object();
    json_error_t error = {.text = "nested too deeply"};
    json_t *object = NULL;
    if (!is_too_deep(body))
        object = json_loadb(body.text, body.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (json_is_object(object))
        return object;
    if (object)
        (void)snprintf(error.text, sizeof error.text, "it is no object");
    json_decref(object);
    *ret_refusal = reply_fault(400, "The body is no JSON object", "", error.text);
    return NULL;
}

json_t *body_read(slice_t body, const char *content_type, const body_member_t *members,
                  size_t n_members, reply_t **ret_refusal)
{
    *ret_refusal = NULL;
    if (body.n > 0 && !is_json_type(content_type)) {
        *ret_refusal = reply_refusal(415, "The body must be application/json");
        return NULL;
    }
    json_t *object = object_of(body, ret_refusal);
    if (object && check_members(object, members, n_members, ret_refusal)) {
        json_decref(object);
        return NULL;
    }
    return object;
}
