/* What strangers write into a request to pause a target. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/pause_book.h"
#include "gateway/pause_body.h"

#define NOW_US ((int64_t)1795488330289500)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pause_t pause = {.reason = NULL};
    reply_t *refusal = NULL;
    const slice_t body = {.text = (const char *)data, .n = size};
    if (pause_body_read(body, "application/json", NOW_US, &pause, &refusal)) {
        assert(refusal && (refusal->code == 400 || refusal->code == 422));
        reply_release(&refusal);
        return 0;
    }
    assert(!refusal && pause.reason && strlen(pause.reason) <= PAUSE_REASON_MAX_BYTES);
    assert(pause.until_us == 0 ||
           (pause.until_us > NOW_US && pause.until_us <= NOW_US + PAUSE_MAX_US));
    pause_clear(&pause);
    return 0;
}
