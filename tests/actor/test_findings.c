/* What a source says over inproc://findings becomes an alert of a real alert manager. */
#include "actors/findings.h"
#include "tests/actor/alert_world.h"

static const finding_words_t words = {
    .component = "healthd:configuration",
    .kind = ALERT_KIND_CONFIGURATION_TROUBLE,
    .severity = SEVERITY_WARNING,
    .title = "t",
    .message = "m",
    .details = "{\"line\": 7}",
};

static void a_finding_is_told_logged_and_over(void **state)
{
    world_t *world = *state;
    zloop_t *loop = zloop_new();
    findings_t *findings = findings_new(loop, &world->log, "supervisor");
    world_show(world, "");
    findings_over(findings, words.component); /* never said: nothing follows */
    findings_say(findings, &words);
    alert_event_t *raised = world_event(world, ALERT_RAISED, words.component);
    assert_true(raised->is_durable);
    assert_int_equal(raised->alert->kind, words.kind);
    assert_int_equal(raised->alert->level, words.severity);
    assert_string_equal(raised->alert->title, "t");
    assert_string_equal(raised->alert->message, "m");
    assert_string_equal(raised->alert->details, words.details);
    assert_int_equal(world_last_seq(world), raised->seq);
    findings_say(findings, &words); /* as the repeats do */
    findings_over(findings, words.component);
    alert_event_t *over = world_event(world, ALERT_RESOLVED, words.component);
    assert_string_equal(over->alert->alert_id, raised->alert->alert_id);
    assert_int_equal(over->alert->resolution, RESOLUTION_RECOVERED);
    alert_event_destroy(&over);
    alert_event_destroy(&raised);
    findings_destroy(&findings);
    zloop_destroy(&loop);
}

/* What was said before the first snapshot waits for it. */
static void a_finding_before_the_first_snapshot_is_not_lost(void **state)
{
    world_t *world = *state;
    zloop_t *loop = zloop_new();
    findings_t *findings = findings_new(loop, &world->log, "supervisor");
    findings_say(findings, &words);
    support_actor_ping(world->actor);
    world_show(world, "");
    world_expect(world, ALERT_RAISED, words.component);
    findings_destroy(&findings);
    zloop_destroy(&loop);
}

static void a_source_holds_so_many_and_cuts_its_texts(void **state)
{
    world_t *world = *state;
    zloop_t *loop = zloop_new();
    findings_t *findings = findings_new(loop, &world->log, "supervisor");
    char component[32];
    char *message = calloc(1, FINDING_MESSAGE_MAX_BYTES + 2);
    assert_non_null(message);
    memset(message, 'm', FINDING_MESSAGE_MAX_BYTES + 1);
    finding_words_t many = words;
    many.component = component;
    many.message = message;
    world_show(world, "");
    for (int i = 0; i <= FINDINGS_OF_SOURCE_MAX; i++) {
        (void)snprintf(component, sizeof component, "prediction:%d", i);
        findings_say(findings, &many);
    }
    for (int i = 0; i < FINDINGS_OF_SOURCE_MAX; i++) {
        (void)snprintf(component, sizeof component, "prediction:%d", i);
        alert_event_t *event = world_event(world, ALERT_RAISED, component);
        assert_int_equal(strlen(event->alert->message), FINDING_MESSAGE_MAX_BYTES);
        alert_event_destroy(&event);
    }
    (void)snprintf(component, sizeof component, "prediction:0");
    findings_over(findings, component); /* what comes next is this: the one too many never came */
    world_expect(world, ALERT_RESOLVED, component);
    free(message);
    findings_destroy(&findings);
    zloop_destroy(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_finding_is_told_logged_and_over),
        WORLD_TEST(a_finding_before_the_first_snapshot_is_not_lost),
        WORLD_TEST(a_source_holds_so_many_and_cuts_its_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
