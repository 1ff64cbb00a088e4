#include "core/entry_id.h"

#include <stdbool.h>
#include <stddef.h>

/* Reads digits up to END into *RET; gives what follows END, or NULL. */
static const char *number_of(const char *text, char end, uint64_t *ret)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return NULL;
        value = value * 10 + digit;
    }
    if (at == text || *at != end)
        return NULL;
    *ret = value;
    return end ? at + 1 : at;
}

int entry_id_parse(const char *text, entry_id_t *ret)
{
    entry_id_t id;
    const char *rest = number_of(text, '-', &id.time_ms);
    if (!rest || !number_of(rest, '\0', &id.sequence))
        return -1;
    *ret = id;
    return 0;
}

int entry_id_compare(entry_id_t a, entry_id_t b)
{
    if (a.time_ms != b.time_ms)
        return a.time_ms < b.time_ms ? -1 : 1;
    return (a.sequence > b.sequence) - (a.sequence < b.sequence);
}

int entry_id_compare_texts(const char *a, const char *b)
{
    entry_id_t a_id = {0};
    entry_id_t b_id = {0};
    bool a_is_id = a && entry_id_parse(a, &a_id) == 0;
    bool b_is_id = b && entry_id_parse(b, &b_id) == 0;
    if (!a_is_id || !b_is_id)
        return a_is_id - b_is_id;
    return entry_id_compare(a_id, b_id);
}
