/* Entries that are more than one answer may hold, together or each by itself. */
#include "actors/io/redis_io.h"
#include "store/outbound.h"
#include "tests/actor/test_event_bus_rig.h"

#define TRIPPED "quantum:stream:ess.tripped"

static void add(rig_t *rig, const char *id, size_t n_filler_bytes)
{
    char *filler = malloc(n_filler_bytes + 1);
    assert_non_null(filler);
    memset(filler, 'x', n_filler_bytes);
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " %s payload {\"reason\":\"%s\"} filler %b", id,
                              id, filler, n_filler_bytes));
    free(filler);
}

/* Twice the usual deadline: what was lost with an answer is claimed 5 s later, and what broke the
 * connection again 5 s after that. */
static void wait_acknowledged(rig_t *rig)
{
    rig_wait_t wait = {.rig = rig, .key = TRIPPED};
    if (!support_wait_until(rig_is_all_acknowledged, &wait, 2 * DEADLINE_MS))
        fail_msg("%s is not acknowledged", TRIPPED);
}

static void too_large_together_come_one_by_one_and_too_large_alone_is_given_up(void **state)
{
    enum { MIB = 1 << 20 };
    rig_t *rig = *state;
    rig_start_redis(rig);
    add(rig, "700-0", (size_t)25 * MIB);
    add(rig, "701-0", REDIS_IO_REPLY_MAX_BYTES + MIB);
    add(rig, "702-0", (size_t)25 * MIB);
    add(rig, "703-0", (size_t)25 * MIB);
    rig_start_bus(rig);
    wait_acknowledged(rig);
    store_error_t error;
    trip_t trip = {0};
    assert_int_equal(trip_state_load(rig->store, &trip, &error), 0);
    assert_true(trip.is_tripped);
    assert_string_equal(trip.reason, "703-0");
    trip_clear(&trip);
    /* the one that was given up harmed nothing that came later */
    add(rig, "704-0", 1);
    wait_acknowledged(rig);
    assert_int_equal(trip_state_load(rig->store, &trip, &error), 0);
    assert_string_equal(trip.reason, "704-0");
    trip_clear(&trip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            too_large_together_come_one_by_one_and_too_large_alone_is_given_up, rig_setup,
            rig_teardown),
    };
    zsys_handler_set(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
