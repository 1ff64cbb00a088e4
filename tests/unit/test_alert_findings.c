/* Findings: a condition that lasts as long as one source says so, or has said so lately. */
#include "tests/unit/alert_life.h"

#define COMPONENT "healthd:storage"
#define LIFE_S    ((int64_t)(FINDING_LIFE_US / SECOND_US))

static finding_outcome_t say(life_t *life, const char *source, severity_t severity,
                             const char *message)
{
    const finding_t finding = {
        .source = support_text(source),
        .component = support_text(COMPONENT),
        .kind = ALERT_KIND_STORAGE_TROUBLE,
        .severity = (int)severity,
        .is_active = message != NULL,
        .title = support_text("Storage trouble"),
        .message = support_text(message ? message : ""),
    };
    return alert_book_take_finding(life->book, &finding, life->since_start_us);
}

static void pass(life_t *life, int64_t seconds)
{
    life->now_us += (seconds - 1) * SECOND_US; /* life_step adds one */
    life->since_start_us += (seconds - 1) * SECOND_US;
}

static void a_finding_is_an_alert_until_it_is_over(void **state)
{
    life_t *life = *state;
    life_step(life, "", "");
    assert_int_equal(say(life, "a", SEVERITY_CRITICAL, NULL), FINDING_OLD); /* never began */
    assert_int_equal(say(life, "a", SEVERITY_CRITICAL, "full"), FINDING_NEW);
    life_step(life, "", "+healthd:storage/CRITICAL");
    const alert_t *alert = life_active(life, COMPONENT);
    assert_int_equal(alert->kind, ALERT_KIND_STORAGE_TROUBLE);
    assert_string_equal(alert->title, "Storage trouble");
    assert_string_equal(alert->message, "full");
    assert_string_equal(alert->details, "{}");
    assert_int_equal(say(life, "a", SEVERITY_CRITICAL, "full"), FINDING_OLD);
    life_step(life, "", "");
    assert_int_equal(say(life, "a", SEVERITY_CRITICAL, "busy"), FINDING_NEW);
    life_step(life, "", "~healthd:storage/CRITICAL");
    assert_int_equal(say(life, "a", SEVERITY_WARNING, "busy"), FINDING_NEW);
    life_step(life, "", "-healthd:storage/CRITICAL:replaced +healthd:storage/WARNING");
    assert_int_equal(say(life, "a", SEVERITY_WARNING, NULL), FINDING_NEW);
    life_step(life, "", "-healthd:storage/WARNING:recovered");
    life_step(life, "", "");
}

/* Each text that a reader sees counts, the details too, which may be absent. */
static void a_finding_is_new_where_any_of_its_texts_is(void **state)
{
    life_t *life = *state;
    static const struct {
        const char *title, *details;
        alert_kind_t kind;
        finding_outcome_t outcome;
        const char *effects, *shown;
    } rows[] = {
        {"full", NULL, ALERT_KIND_STORAGE_TROUBLE, FINDING_NEW, "+healthd:storage/WARNING", "{}"},
        {"full", NULL, ALERT_KIND_STORAGE_TROUBLE, FINDING_OLD, "", "{}"},
        {"full", "{\"n\": 1}", ALERT_KIND_STORAGE_TROUBLE, FINDING_NEW, "~healthd:storage/WARNING",
         "{\"n\": 1}"},
        {"full", "{\"n\": 1}", ALERT_KIND_STORAGE_TROUBLE, FINDING_OLD, "", "{\"n\": 1}"},
        {"full", "{\"n\": 2}", ALERT_KIND_STORAGE_TROUBLE, FINDING_NEW, "~healthd:storage/WARNING",
         "{\"n\": 2}"},
        {"full", NULL, ALERT_KIND_STORAGE_TROUBLE, FINDING_NEW, "~healthd:storage/WARNING", "{}"},
        {"other", NULL, ALERT_KIND_STORAGE_TROUBLE, FINDING_NEW, "", "{}"},
    };
    life_step(life, "", "");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const finding_t finding = {
            .source = support_text("a"),
            .component = support_text(COMPONENT),
            .kind = (int)rows[i].kind,
            .severity = SEVERITY_WARNING,
            .is_active = true,
            .title = support_text(rows[i].title),
            .message = support_text("m"),
            .details = rows[i].details ? support_text(rows[i].details) : NULL,
        };
        assert_int_equal(alert_book_take_finding(life->book, &finding, life->since_start_us),
                         rows[i].outcome);
        life_step(life, "", rows[i].effects);
        assert_string_equal(life_active(life, COMPONENT)->details, rows[i].shown);
    }
}

/* Readers are told which alerts the disk has not taken yet. */
static void an_alert_is_unwritten_until_all_is_written(void **state)
{
    life_t *life = *state;
    life_step(life, "", "");
    (void)say(life, "a", SEVERITY_CRITICAL, "full");
    const alert_effects_t effects = life_step_quietly(life, "");
    assert_int_equal(effects.n_effects, 1);
    alert_t *alert = effects.effects[0].alert; /* the book's own */
    for (int i = 0; i < 2; i++) {
        const alert_event_t event = {.kind = ALERT_RAISED, .alert = alert, .is_durable = i == 1};
        alert_book_note_written(life->book, &event, 1);
        assert_int_equal(alert->is_unwritten, i == 0);
    }
    const alert_event_t refused = {.kind = ALERT_RAISED, .alert = alert};
    alert_book_note_written(life->book, &refused, 1);
    alert_book_note_all_written(life->book);
    assert_false(alert->is_unwritten);
}

static void of_two_sources_the_last_one_ends_it(void **state)
{
    life_t *life = *state;
    (void)say(life, "a", SEVERITY_WARNING, "one");
    (void)say(life, "b", SEVERITY_CRITICAL, "two"); /* the worst of them speaks */
    life_step(life, "", "+healthd:storage/CRITICAL");
    assert_string_equal(life_active(life, COMPONENT)->message, "two");
    (void)say(life, "b", SEVERITY_CRITICAL, NULL);
    life_step(life, "", "-healthd:storage/CRITICAL:replaced +healthd:storage/WARNING");
    (void)say(life, "a", SEVERITY_CRITICAL, NULL);
    life_step(life, "", "-healthd:storage/WARNING:recovered");
}

static void what_is_repeated_no_more_is_over(void **state)
{
    life_t *life = *state;
    (void)say(life, "a", SEVERITY_CRITICAL, "full");
    life_step(life, "", "+healthd:storage/CRITICAL");
    assert_int_equal(alert_book_next_us(life->book), FINDING_LIFE_US);
    pass(life, LIFE_S - 2);
    assert_int_equal(say(life, "a", SEVERITY_CRITICAL, "full"), FINDING_OLD);
    pass(life, LIFE_S - 1);
    life_step(life, "", ""); /* one life after the first word, not after the second */
    life_step(life, "", "-healthd:storage/CRITICAL:recovered");
    assert_int_equal(alert_book_next_us(life->book), INT64_MAX);
}

static void after_a_restart_the_source_has_time_to_say_so_again(void **state)
{
    life_t *life = *state;
    (void)say(life, "a", SEVERITY_CRITICAL, "full");
    life_step(life, "", "+healthd:storage/CRITICAL");
    life_restart(life);
    life_step(life, "", "");
    assert_int_equal(alert_book_next_us(life->book), FINDING_LIFE_US);
    assert_int_equal(say(life, "a", SEVERITY_CRITICAL, "full"), FINDING_NEW);
    life_step(life, "", "");
    life_restart(life);
    pass(life, LIFE_S - 1);
    life_step(life, "", "");
    life_step(life, "", "-healthd:storage/CRITICAL:recovered");
}

static void a_clear_keeps_a_finding_quiet_until_it_is_over(void **state)
{
    life_t *life = *state;
    (void)say(life, "a", SEVERITY_CRITICAL, "full");
    life_step(life, "", "+healthd:storage/CRITICAL");
    life_clear(life, COMPONENT, "-healthd:storage/CRITICAL:cleared q+healthd:storage/CRITICAL");
    life_step(life, "", "");
    life_restart(life);
    (void)say(life, "a", SEVERITY_CRITICAL, "full");
    life_step(life, "", "");
    (void)say(life, "a", SEVERITY_CRITICAL, NULL);
    life_step(life, "", "q-healthd:storage/CRITICAL");
    (void)say(life, "a", SEVERITY_CRITICAL, "full");
    life_step(life, "", "+healthd:storage/CRITICAL");
}

static void findings_are_bounded_and_of_a_kind(void **state)
{
    life_t *life = *state;
    char component[32];
    finding_t finding = {.source = support_text("a"),
                         .component = component,
                         .kind = ALERT_KIND_PREDICTION,
                         .is_active = true,
                         .title = support_text(""),
                         .message = support_text("")};
    for (int i = 0; i <= FINDINGS_MAX; i++) {
        (void)snprintf(component, sizeof component, "prediction:%d", i);
        assert_int_equal(alert_book_take_finding(life->book, &finding, 0),
                         i < FINDINGS_MAX ? FINDING_NEW : FINDING_REFUSED);
    }
    finding.is_active = false;
    (void)snprintf(component, sizeof component, "prediction:7");
    assert_int_equal(alert_book_take_finding(life->book, &finding, 0), FINDING_NEW);
    (void)life_step_quietly(life, ""); /* it is forgotten: there is room for another one */
    (void)snprintf(component, sizeof component, "prediction:x");
    finding.is_active = true;
    finding.kind = ALERT_KIND_STATUS;
    assert_int_equal(alert_book_take_finding(life->book, &finding, 0), FINDING_REFUSED);
    finding.kind = ALERT_KIND_PREDICTION;
    assert_int_equal(alert_book_take_finding(life->book, &finding, 0), FINDING_NEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(a_finding_is_an_alert_until_it_is_over),
        LIFE_TEST(a_finding_is_new_where_any_of_its_texts_is),
        LIFE_TEST(an_alert_is_unwritten_until_all_is_written),
        LIFE_TEST(of_two_sources_the_last_one_ends_it),
        LIFE_TEST(what_is_repeated_no_more_is_over),
        LIFE_TEST(after_a_restart_the_source_has_time_to_say_so_again),
        LIFE_TEST(a_clear_keeps_a_finding_quiet_until_it_is_over),
        LIFE_TEST(findings_are_bounded_and_of_a_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
