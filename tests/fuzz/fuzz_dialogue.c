/*
 * Any steps are a dialogue or are refused with a reason, and whatever comes in whatever pieces ends
 * each turn in one of its ways. Input: the steps, one a line; a NUL; what comes, 7 bytes a turn.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/dialogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define PIECE_BYTES 7
#define CAME_MAX    512

static void play(const dialogue_t *dialogue, const char *bytes, size_t n)
{
    condition_matcher_t *matcher = condition_matcher_new();
    assert(matcher);
    dialogue_run_t run;
    dialogue_begin(&run, dialogue);
    run.work_left = 1000000; /* else a bad expression takes a second */
    dialogue_outcome_t outcome = DIALOGUE_WAITS;
    dialogue_came_t came = {.bytes = bytes};
    while (outcome == DIALOGUE_WAITS || outcome == DIALOGUE_STARTS_TLS) {
        char fault[DIALOGUE_FAULT_BYTES] = "";
        text_t sent = {0};
        outcome = dialogue_turn(&run, matcher, &came, &sent, fault);
        assert((outcome == DIALOGUE_FAILED) == (fault[0] != '\0'));
        assert(!came.has_ended || outcome != DIALOGUE_WAITS);
        assert(run.from <= came.n && run.step <= dialogue->n_steps);
        text_clear(&sent);
        came.has_ended = came.n == n;
        came.n = n - came.n > PIECE_BYTES ? came.n + PIECE_BYTES : n;
    }
    condition_matcher_destroy(&matcher);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const uint8_t *end = memchr(bytes, '\0', n);
    if (!end || n - (size_t)(end - bytes) > CAME_MAX)
        return 0;
    char *steps = strdup((const char *)bytes);
    assert(steps);
    dialogue_t dialogue = {.n_steps = 0};
    char *rest = steps;
    for (char *step = strsep(&rest, "\n"); step; step = strsep(&rest, "\n")) {
        char fault[DIALOGUE_FAULT_BYTES];
        if (dialogue_add(&dialogue, step, fault))
            assert(fault[0]);
    }
    play(&dialogue, (const char *)end + 1, n - (size_t)(end - bytes) - 1);
    dialogue_clear(&dialogue);
    free(steps);
    return 0;
}
