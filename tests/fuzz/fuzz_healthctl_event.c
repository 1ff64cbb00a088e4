/* What a publisher may send to `healthctl watch`: the payload as an event, told in one line. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "apps/healthctl/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const topics[] = {"health.snapshot_updated", "health.alert_raised",
                                         "health.alert_resolved", "health.\033[2J"};
    json_t *payload = event_decode(bytes, n);
    json_t *statuses = json_pack("{s:s}", "a", "OK");
    for (size_t i = 0; payload && i < sizeof topics / sizeof topics[0]; i++) {
        text_t out = {0};
        event_append(&out, topics[i], payload, &statuses, false);
        assert(!out.is_failed && out.size > 0);
        /* One line, and nothing in it that a terminal obeys. */
        assert(strchr(out.bytes, '\n') == out.bytes + out.size - 1);
        for (size_t at = 0; at + 1 < out.size; at++)
            assert((uint8_t)out.bytes[at] >= 0x20 && out.bytes[at] != 0x7f);
        text_clear(&out);
    }
    json_decref(statuses);
    json_decref(payload);
    return 0;
}
