/*
 * Any text is a list of matchers or is refused with its place; what is taken reads the same again
 * after it was written, and matches any text or not. Input: the matchers, a NUL, the text that
 * every name has.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/matcher.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char *same(const char *name, void *context)
{
    assert(name[0]);
    return context;
}

static char *written(const matchers_t *matchers)
{
    text_t text = {0};
    for (size_t i = 0; i < matchers->n; i++) {
        text_append_string(&text, i > 0 ? "," : "");
        matcher_append(&text, &matchers->items[i]);
    }
    char *bytes = text_take(&text);
    assert(bytes);
    return bytes;
}

static void check(const matchers_t *matchers, char *fact)
{
    condition_matcher_t *regexes = condition_matcher_new();
    assert(regexes);
    bool is_match = matchers_match(matchers, regexes, same, fact);
    char *text = written(matchers);
    assert(utf8_is_text(text, strlen(text)));
    matchers_t again = {.n = 0};
    condition_error_t error = {0};
    if (matchers_add(&again, text, strlen(text), &error) == 0) {
        char *text_again = written(&again);
        assert(again.n == matchers->n && strcmp(text, text_again) == 0);
        condition_matcher_begin(regexes);
        assert(matchers_match(&again, regexes, same, fact) == is_match);
        free(text_again);
    } else {
        assert(strlen(text) > MATCHER_TEXT_MAX_BYTES); /* quotes and escapes made it longer */
    }
    matchers_clear(&again);
    free(text);
    condition_matcher_destroy(&regexes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = malloc(n + 1);
    assert(text);
    if (n > 0)
        memcpy(text, bytes, n);
    text[n] = '\0';
    size_t n_text = strlen(text);
    char *fact = n_text < n ? text + n_text + 1 : NULL; /* NULL: every name is missing */
    matchers_t matchers = {.n = 0};
    condition_error_t error = {0};
    char *alone = malloc(n_text ? n_text : 1); /* as long as it is: reading past it shows */
    assert(alone);
    memcpy(alone, text, n_text);
    if (matchers_add(&matchers, alone, n_text, &error) == 0) {
        assert(matchers.n > 0);
        check(&matchers, fact);
    } else {
        assert(!error.is_memory && error.text[0] && matchers.n == 0);
        assert(error.offset <= n_text && error.length <= n_text - error.offset);
    }
    matchers_clear(&matchers);
    free(alone);
    free(text);
    return 0;
}
