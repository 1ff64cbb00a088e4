#include "core/ping_log.h"

#include <stdlib.h>
#include <string.h>

#include <healthd/ping.h>

#include "core/utf8.h"

/* Whether BYTE goes on a character that began before it. */
static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

int ping_log_of_body(const char *body, size_t n, char **ret)
{
    *ret = NULL;
    if (n == 0)
        return 0;
    if (n > PING_LOG_MAX_BYTES) { /* repaired it is as long at the least */
        body += n - PING_LOG_MAX_BYTES;
        n = PING_LOG_MAX_BYTES;
    }
    char *text = malloc(n * UTF8_REPAIR_FACTOR + 1);
    if (!text)
        return -1;
    size_t n_text = utf8_repair(body, n, text, n * UTF8_REPAIR_FACTOR + 1);
    for (size_t i = 0; i < n_text; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    size_t left_out = n_text > PING_LOG_MAX_BYTES ? n_text - PING_LOG_MAX_BYTES : 0;
    while (left_out > 0 && left_out < n_text && is_continuation(text[left_out]))
        left_out++;
    memmove(text, text + left_out, n_text - left_out + 1);
    *ret = text;
    return 0;
}
