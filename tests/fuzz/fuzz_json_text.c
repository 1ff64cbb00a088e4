/* Bodies of services against jansson: both must agree on what JSON is, and details always be it. */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static unsigned depth_of(json_t *value)
{
    unsigned deepest = 0;
    const char *key;
    size_t i;
    json_t *member;
    json_object_foreach(value, key, member)
    {
        unsigned depth = depth_of(member);
        deepest = depth > deepest ? depth : deepest;
    }
    json_array_foreach(value, i, member)
    {
        unsigned depth = depth_of(member);
        deepest = depth > deepest ? depth : deepest;
    }
    return json_is_object(value) || json_is_array(value) ? deepest + 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *body = (const char *)bytes;
    char *text = json_text_of_body(body, n, false);
    assert(text);
    json_t *details = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert(details);

    /* jansson reads what is UTF-8 as we do; what is not, it refuses and we repair. A NUL byte it
     * takes for the end of the text. */
    bool has_nul = n > 0 && memchr(body, '\0', n);
    json_t *plain = has_nul ? NULL : json_loadb(body, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (plain && depth_of(plain) <= JSON_TEXT_MAX_DEPTH)
        assert(json_equal(plain, details));
    json_decref(plain);
    json_decref(details);

    /* A second turn changes nothing that is JSON. */
    char *again = json_text_of_body(text, strlen(text), false);
    assert(again && strcmp(again, text) == 0);
    free(again);
    free(text);

    char *cut = json_text_of_body(body, n, true);
    assert(cut && strncmp(cut, "{\"raw\":\"", 8) == 0);
    free(cut);
    return 0;
}
