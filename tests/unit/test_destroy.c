/* What is destroyed is NULL afterwards, and what is NULL may be destroyed. */
#include "core/alert_rules.h"
#include "core/condition.h"
#include "core/condition_regex.h"
#include "core/config.h"
#include "core/config_node.h"
#include "core/evidence_store.h"
#include "core/json_path.h"
#include "core/model.h"
#include "core/schedule.h"
#include "core/text_pool.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

static void what_is_not_there_is_destroyed(void **state)
{
    (void)state;
    alert_book_t *book = NULL;
    alert_book_destroy(&book);
    condition_t *condition = NULL;
    condition_destroy(&condition);
    condition_workspace_t *workspace = NULL;
    condition_workspace_destroy(&workspace);
    condition_regex_t *regex = NULL;
    condition_regex_destroy(&regex);
    condition_matcher_t *matcher = NULL;
    condition_matcher_destroy(&matcher);
    config_t *config = NULL;
    config_destroy(&config);
    config_tree_t *tree = NULL;
    config_tree_destroy(&tree);
    evidence_store_t *evidence = NULL;
    evidence_store_destroy(&evidence);
    json_path_t *path = NULL;
    json_path_destroy(&path);
    model_t *model = NULL;
    model_destroy(&model);
    schedule_t *schedule = NULL;
    schedule_destroy(&schedule);
    text_pool_t *pool = NULL;
    text_pool_destroy(&pool);
    assert_true(!book && !condition && !workspace && !regex && !matcher && !config);
    assert_true(!tree && !evidence && !path && !model && !schedule && !pool);
}

static void what_was_destroyed_is_null(void **state)
{
    (void)state;
    config_t *config = support_config(NULL);
    alert_book_t *book = alert_book_new(config);
    model_t *model = model_new(config, (now_t){.wall_us = 1, .mono_us = 1});
    schedule_t *schedule = schedule_new(&(schedule_times_t){.interval_us = 1000000}, 1, 0);
    text_pool_t *pool = text_pool_new();
    condition_workspace_t *workspace = condition_workspace_new();
    assert_true(book && model && schedule && pool && workspace);
    alert_book_destroy(&book);
    model_destroy(&model);
    schedule_destroy(&schedule);
    text_pool_destroy(&pool);
    condition_workspace_destroy(&workspace);
    config_destroy(&config);
    assert_true(!book && !model && !schedule && !pool && !workspace && !config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_there_is_destroyed),
        cmocka_unit_test(what_was_destroyed_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
