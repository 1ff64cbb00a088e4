/* notify_after: what lasts less tells nobody, what is known already does not wait. */
#include "tests/unit/alert_life.h"

#define WAIT_S 30

/* A script: a snapshot, how many seconds after the one before, what follows. */
typedef struct {
    const char *what;
    struct {
        const char *line;
        int after_s;
        const char *effects;
    } steps[12];
} script_t;

/* Every target waits for WAIT_S but redis, which does not at all; the system as SYSTEM_S says. */
static void begin_waiting(life_t *life, unsigned system_s)
{
    life_begin_anew(life, true);
    life->config->notify_after_ms = 1000 * system_s;
    for (size_t i = 0; i < life->config->n_targets; i++)
        life->config->targets[i].notify_after_ms = 1000 * WAIT_S;
    support_target(life->config, "redis")->notify_after_ms = 0;
    support_target(life->config, EMERGENCY_STOP)->notify_after_ms = 0;
}

static void pass(life_t *life, int seconds)
{
    life->now_us += (seconds - 1) * SECOND_US; /* life_step adds one */
    life->since_start_us += (seconds - 1) * SECOND_US;
}

static void play(life_t *life, const script_t *script, unsigned system_s)
{
    begin_waiting(life, system_s);
    for (size_t i = 0; i < COUNT_OF(script->steps) && script->steps[i].line; i++) {
        const char *line = script->steps[i].line;
        if (strcmp(line, "restart") == 0) {
            life_restart(life);
        } else if (strncmp(line, "clear ", 6) == 0) {
            life_clear(life, line + 6, script->steps[i].effects);
        } else {
            pass(life, script->steps[i].after_s);
            life_step(life, line, script->steps[i].effects);
        }
    }
}

static void a_target_is_told_of_when_it_was_bad_for_so_long(void **state)
{
    static const script_t scripts[] = {
        {"less tells nobody",
         {{"", 1, ""},
          {"postgres=DOWN", 1, ""},
          {"postgres=DOWN", 29, ""},
          {"", 0, ""},
          {"postgres=DOWN", 1, ""},
          {"postgres=DOWN", 29, ""},
          {"postgres=DOWN", 1, "+postgres/CRITICAL"},
          {"", 1, "-postgres/CRITICAL:recovered"}}},
        {"bad is bad at whatever level",
         {{"postgres=DEGRADED", 1, ""},
          {"postgres=DOWN", 20, ""},
          {"postgres=DEGRADED", 9, ""},
          {"postgres=DOWN", 1, "+postgres/CRITICAL"}}},
        {"what is known does not wait",
         {{"postgres=DEGRADED", 1, ""},
          {"postgres=DEGRADED", 30, "+postgres/WARNING"},
          {"postgres=DOWN", 1, "-postgres/WARNING:replaced +postgres/CRITICAL"},
          {"postgres=DEGRADED", 1, "-postgres/CRITICAL:replaced +postgres/WARNING"}}},
        {"a clear is known too",
         {{"postgres=DOWN", 1, ""},
          {"postgres=DOWN", 30, "+postgres/CRITICAL"},
          {"clear postgres", 0, "-postgres/CRITICAL:cleared q+postgres/CRITICAL"},
          {"postgres=DOWN", 100, ""},
          {"postgres=DEGRADED", 1, "q-postgres/CRITICAL +postgres/WARNING"},
          {"", 1, "-postgres/WARNING:recovered"},
          {"postgres=DOWN", 1, ""}}},
        {"UNKNOWN neither ends a wait nor tells anybody",
         {{"postgres=DOWN", 1, ""},
          {"postgres=UNKNOWN", 20, ""},
          {"postgres=UNKNOWN", 20, ""},
          {"postgres=DOWN", 1, "+postgres/CRITICAL"}}},
        {"an active alert stays over a restart, a wait begins anew",
         {{"postgres=DOWN", 1, ""},
          {"postgres=DOWN", 30, "+postgres/CRITICAL"},
          {"postgres=DOWN binance_api=DOWN", 1, ""},
          {"restart", 0, ""},
          {"postgres=DOWN binance_api=DOWN", 1, ""},
          {"postgres=DEGRADED binance_api=DOWN", 1,
           "-postgres/CRITICAL:replaced +postgres/WARNING"},
          {"postgres=DEGRADED binance_api=DOWN", 28, ""},
          {"postgres=DEGRADED binance_api=DOWN", 1, "+binance_api/CRITICAL"}}},
        {"no wait of one's own",
         {{"redis=DOWN stop=DOWN@5-0", 1, "+redis/CRITICAL +stop/CRITICAL"}}},
        {"who is gone waits no more",
         {{"postgres=DOWN", 1, ""},
          {"gone=postgres", 29, ""},
          {"postgres=DOWN", 1, ""},
          {"postgres=DOWN", 30, "+postgres/CRITICAL"}}},
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++)
        play(*state, &scripts[i], WAIT_S);
}

static void the_system_waits_but_not_longer_than_what_explains_it(void **state)
{
    static const script_t scripts[] = {
        {"its own wait: nothing explains a latency",
         {{"system=DEGRADED", 1, ""},
          {"system=DEGRADED", 59, ""},
          {"system=DEGRADED", 1, "+system/WARNING"}}},
        {"less tells nobody",
         {{"system=DEGRADED", 1, ""}, {"", 59, ""}, {"system=DEGRADED", 1, ""}}},
        {"a target that does not wait",
         {{"system=CRITICAL redis=DOWN", 1, "+system/CRITICAL +redis/CRITICAL"}}},
        {"one that has waited",
         {{"system=CRITICAL postgres=DOWN", 1, ""},
          {"system=CRITICAL postgres=DOWN", 30, "+system/CRITICAL +postgres/CRITICAL"}}},
        {"a WARNING does not explain a CRITICAL",
         {{"system=DEGRADED redis=DEGRADED postgres=DOWN", 1, "+system/WARNING +redis/WARNING"},
          {"", 1, "-system/WARNING:recovered -redis/WARNING:recovered"},
          {"system=CRITICAL postgres=DOWN redis=DEGRADED", 1, "+redis/WARNING"},
          {"system=CRITICAL postgres=DOWN redis=DEGRADED", 30,
           "+system/CRITICAL +postgres/CRITICAL"}}},
        {"the emergency stop",
         {{"system=CRITICAL stop=DOWN@5-0", 1, "+system/CRITICAL +stop/CRITICAL"}}},
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++)
        play(*state, &scripts[i], 2 * WAIT_S);
}

/* No snapshot need come for that. */
static void the_step_is_asked_for_when_a_wait_ends(void **state)
{
    life_t *life = *state;
    begin_waiting(life, WAIT_S);
    life_step(life, "postgres=DOWN", "");
    assert_int_equal(alert_book_next_us(life->book), (1 + WAIT_S) * SECOND_US);
    pass(life, 5);
    life_step(life, "postgres=DOWN binance_api=DOWN", "");
    assert_int_equal(alert_book_next_us(life->book), (1 + WAIT_S) * SECOND_US);
    life_step(life, "binance_api=DOWN", "");
    assert_int_equal(alert_book_next_us(life->book), (6 + WAIT_S) * SECOND_US);
    life_step(life, "", "");
    assert_int_equal(alert_book_next_us(life->book), INT64_MAX);
}

/* SINCE_S before now, or after it where the wall clock went back, POSTGRES went DOWN. */
static void step_since(life_t *life, int64_t since_s, const char *expected)
{
    life->now_us += SECOND_US;
    life->since_start_us += SECOND_US;
    snapshot_t snapshot = support_snapshot("postgres=DOWN");
    for (size_t i = 0; i < snapshot.n_targets; i++)
        snapshot.targets[i].since_us = life->now_us - since_s * SECOND_US;
    alert_effects_t effects = {0};
    assert_int_equal(
        alert_book_step(life->book, &snapshot, life->now_us, life->since_start_us, &effects), 0);
    snapshot_clear(&snapshot);
    life_assert_effects("since", &effects, expected);
}

static void what_began_before_it_was_first_seen_waits_for_the_rest(void **state)
{
    static const struct {
        int64_t since_s;
        int left_s;
    } rows[] = {{0, 30}, {10, 20}, {29, 1}, {-3600, 30}};
    life_t *life = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin_waiting(life, WAIT_S);
        step_since(life, rows[i].since_s, "");
        assert_int_equal(alert_book_next_us(life->book),
                         life->since_start_us + rows[i].left_s * SECOND_US);
        /* From then on the wall clock may do what it will. */
        life->since_start_us += (rows[i].left_s - 1) * SECOND_US;
        life->now_us += 86400 * SECOND_US;
        step_since(life, 86400, "+postgres/CRITICAL");
    }
    begin_waiting(life, WAIT_S);
    step_since(life, 3600, "+postgres/CRITICAL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(a_target_is_told_of_when_it_was_bad_for_so_long),
        LIFE_TEST(the_system_waits_but_not_longer_than_what_explains_it),
        LIFE_TEST(the_step_is_asked_for_when_a_wait_ends),
        LIFE_TEST(what_began_before_it_was_first_seen_waits_for_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
