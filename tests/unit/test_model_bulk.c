/* The bound on what all targets show beyond their fixed part, and the whole after a loss. */
#include "core/snapshot_view.h"
#include "tests/unit/model_world.h"

/* Bytes of a large body; so many of them are within the bound, and there are more services. */
#define LARGE_BYTES ((size_t)1000000)
#define N_FITTING   (SNAPSHOT_BULK_MAX_BYTES / LARGE_BYTES)
#define N_SERVICES  40
/* Targets whose fixed part must have room beside the bulk. */
#define N_WITH_ROOM 50000

static int many_setup(void **state)
{
    if (world_setup(state))
        return -1;
    world_t *world = *state;
    model_destroy(&world->model);
    support_add_services(world->config, N_SERVICES);
    world->model = model_new(world->config, world->now);
    return world->model ? 0 : -1;
}

#define MANY_TEST(name) cmocka_unit_test_setup_teardown(name, many_setup, world_teardown)

static measurement_t *measured(size_t n_conditions, const char *text)
{
    measurement_t *measurement = calloc(1, sizeof *measurement);
    assert_non_null(measurement);
    measurement->conditions = calloc(n_conditions + 1, sizeof *measurement->conditions);
    assert_non_null(measurement->conditions);
    measurement->n_conditions = n_conditions;
    for (size_t i = 0; i < n_conditions; i++) {
        measurement->conditions[i].text = strdup(text);
        measurement->conditions[i].actual = strdup("503");
    }
    return measurement;
}

/* A result of service number I with a body of N_BYTES and MEASUREMENT (takes; or NULL). */
static void give_body(world_t *world, size_t i, size_t n_bytes, measurement_t *measurement)
{
    char name[32];
    (void)snprintf(name, sizeof name, "many-%03zu", i);
    char *body = malloc(n_bytes + 1);
    assert_non_null(body);
    memset(body, '1', n_bytes);
    body[n_bytes] = '\0';
    probe_result_t result = {.target = name,
                             .finished_at_us = world->now.wall_us,
                             .latency_us = 1000,
                             .details = body,
                             .measurement = measurement};
    assert_int_equal(model_apply(world->model, &result, world->now), MODEL_APPLIED);
    free(result.details);
    measurement_destroy(&result.measurement);
}

static const target_state_t *shown(const world_t *world, size_t i)
{
    char name[32];
    (void)snprintf(name, sizeof name, "many-%03zu", i);
    const target_state_t *found = snapshot_target_at(&world->snapshot, name);
    assert_non_null(found);
    return found;
}

static void assert_is_noted(const target_state_t *target, size_t bytes)
{
    char note[64];
    (void)snprintf(note, sizeof note, "{\"left_out_bytes\":%zu}", bytes);
    assert_string_equal(target->details, note);
}

static size_t encoded_bytes(const snapshot_t *snapshot)
{
    msgpack_sbuffer bytes;
    msgpack_sbuffer_init(&bytes);
    assert_int_equal(snapshot_encode(snapshot, &bytes), 0);
    size_t n = bytes.size;
    msgpack_sbuffer_destroy(&bytes);
    return n;
}

static void the_largest_details_are_left_out_with_a_note(void **state)
{
    world_t *world = *state;
    for (size_t i = 0; i < N_SERVICES; i++)
        give_body(world, i, i == 0 ? 2 * LARGE_BYTES : i == 1 ? 10 : LARGE_BYTES, NULL);
    (void)look(world);
    assert_true(encoded_bytes(&world->snapshot) < SNAPSHOT_BULK_MAX_BYTES + LARGE_BYTES);
    assert_is_noted(shown(world, 0), 2 * LARGE_BYTES); /* the largest of all */
    assert_string_equal(shown(world, 1)->details, "1111111111");
    for (size_t i = 2; i < N_SERVICES; i++) {
        if (i < N_FITTING + 2)
            assert_int_equal(strlen(shown(world, i)->details), LARGE_BYTES);
        else
            assert_is_noted(shown(world, i), LARGE_BYTES);
    }
}

static void they_come_back_with_a_result_for_which_there_is_room(void **state)
{
    world_t *world = *state;
    for (size_t i = 0; i < N_SERVICES; i++)
        give_body(world, i, LARGE_BYTES, NULL);
    (void)look(world);
    give_body(world, N_SERVICES - 1, LARGE_BYTES, NULL);
    (void)look(world);
    assert_int_equal(world->snapshot.n_targets, 1);
    assert_is_noted(shown(world, N_SERVICES - 1), LARGE_BYTES);
    give_body(world, 0, 10, NULL);
    give_body(world, N_SERVICES - 1, LARGE_BYTES, NULL);
    (void)look(world);
    assert_int_equal(strlen(shown(world, N_SERVICES - 1)->details), LARGE_BYTES);
}

static void what_another_configuration_drops_makes_room(void **state)
{
    world_t *world = *state;
    for (size_t i = 0; i < N_FITTING; i++)
        give_body(world, i, LARGE_BYTES, NULL);
    (void)look(world);
    config_t *next = support_config(NULL);
    support_add_services(next, 1); /* many-000 alone is left */
    assert_int_equal(model_reconfigure(world->model, next, world->now), 0);
    config_destroy(&world->config);
    world->config = next;
    config_t *again = support_config(NULL);
    support_add_services(again, N_SERVICES);
    assert_int_equal(model_reconfigure(world->model, again, world->now), 0);
    config_destroy(&world->config);
    world->config = again;
    for (size_t i = 1; i < N_FITTING; i++)
        give_body(world, i, LARGE_BYTES, NULL);
    (void)look(world);
    for (size_t i = 0; i < N_FITTING; i++)
        assert_int_equal(strlen(shown(world, i)->details), LARGE_BYTES);
}

static void conditions_count_and_go_with_the_details(void **state)
{
    world_t *world = *state;
    char text[CONDITION_TEXT_MAX_BYTES + 1];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < N_SERVICES; i++)
        give_body(world, i, LARGE_BYTES / 2, measured(MEASURED_CONDITIONS_MAX, text));
    (void)look(world);
    assert_int_equal(shown(world, 0)->measurement->n_conditions, MEASURED_CONDITIONS_MAX);
    const measurement_t *last = shown(world, N_SERVICES - 1)->measurement;
    assert_non_null(last);
    assert_int_equal(last->n_conditions, 0);
    assert_null(last->conditions);
    assert_true(encoded_bytes(&world->snapshot) < SNAPSHOT_BULK_MAX_BYTES + LARGE_BYTES);
}

/* Names, labels of 100 bytes, an error and a measurement: what is never left out. */
static void the_fixed_parts_have_room_beside_the_bulk(void **state)
{
    (void)state;
    measurement_t measurement = {.ip = support_text("192.0.2.100"),
                                 .http_version = support_text("1.1"),
                                 .tls_version = support_text("1.3"),
                                 .resolve_us = INT32_MAX,
                                 .connect_us = INT32_MAX,
                                 .tls_us = INT32_MAX,
                                 .first_byte_us = INT32_MAX,
                                 .transfer_us = INT32_MAX,
                                 .cert_expires_at_us = START_WALL_US,
                                 .cert_leaf_expires_at_us = START_WALL_US};
    target_state_t target = {.name = support_text("a-service-of-thirty-bytes-name"),
                             .latency_us = INT32_MAX,
                             .checked_at_us = START_WALL_US,
                             .since_us = START_WALL_US,
                             .error = support_text("HTTP 503 Service Unavailable"),
                             .labels = support_text("{\"team\":\"core\",\"tier\":\"one\"}"),
                             .measurement = &measurement};
    const snapshot_t none = {.is_whole = true};
    const snapshot_t one = {.is_whole = true, .targets = &target, .n_targets = 1};
    size_t bytes = encoded_bytes(&one) - encoded_bytes(&none);
    assert_true(SNAPSHOT_BULK_MAX_BYTES + N_WITH_ROOM * bytes < WIRE_MAX_BYTES);
}

static void after_a_loss_the_next_snapshot_is_whole(void **state)
{
    world_t *world = *state;
    snapshot_view_t view = {.is_known = false};
    snapshot_t copy = {.version = 0};
    (void)look(world);
    assert_int_equal(snapshot_copy(&world->snapshot, &copy), 0);
    assert_int_equal(snapshot_view_apply(&view, &copy), SNAPSHOT_APPLIED);
    (void)give(world, "redis", STATUS_DOWN, NONE);
    (void)look(world); /* this one is lost */
    assert_false(world->snapshot.is_whole);
    (void)give(world, "postgres", STATUS_DOWN, NONE);
    model_show_whole(world->model);
    (void)look(world);
    assert_true(world->snapshot.is_whole);
    assert_int_equal(world->snapshot.n_targets, world->config->n_targets);
    assert_int_equal(snapshot_copy(&world->snapshot, &copy), 0);
    assert_int_equal(snapshot_view_apply(&view, &copy), SNAPSHOT_APPLIED);
    assert_int_equal(view.whole.version, 3);
    assert_int_equal(snapshot_target_at(&view.whole, "redis")->status, STATUS_DOWN);
    assert_int_equal(snapshot_target_at(&view.whole, "postgres")->status, STATUS_DOWN);
    (void)look(world);
    assert_false(world->snapshot.is_whole);
    snapshot_clear(&copy);
    snapshot_view_clear(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MANY_TEST(the_largest_details_are_left_out_with_a_note),
        MANY_TEST(they_come_back_with_a_result_for_which_there_is_room),
        MANY_TEST(what_another_configuration_drops_makes_room),
        MANY_TEST(conditions_count_and_go_with_the_details),
        cmocka_unit_test(the_fixed_parts_have_room_beside_the_bulk),
        WORLD_TEST(after_a_loss_the_next_snapshot_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
