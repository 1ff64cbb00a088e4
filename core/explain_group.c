/* Why a group has its status: its rule, how many members are how, and those that decide. */
#include <string.h>

#include "core/explain_parts.h"

/* "at_least 2: 2 of 3 members must be up, 1 is" */
static void say_rule(const group_t *group, const group_count_t *count, text_t *sentence)
{
    text_append_string(sentence, group_rule_name(group->rule));
    if (group->rule == GROUP_AT_LEAST)
        text_appendf(sentence, " %zu", group->n_least);
    text_appendf(sentence, ": %zu of %zu members must be up, %zu %s", count->n_needed,
                 group->n_members, count->n_up, count->n_up == 1 ? "is" : "are");
}

/* What the counts make of the rule. */
static const char *outcome_of(int status)
{
    static const char *const outcomes[STATUS_COUNT] = {
        [STATUS_OK] = "it holds, and no member fails",
        [STATUS_DEGRADED] = "it holds, but a member fails",
        [STATUS_DOWN] = "it cannot hold, whatever UNKNOWN members are",
        [STATUS_UNKNOWN] = "whether it holds, members decide that are UNKNOWN",
    };
    return outcomes[status];
}

static void put_member(const target_state_t *member, bool is_deciding, text_t *out)
{
    text_t sentence = {0};
    explain_say_state(&sentence, member);
    explain_begin(out, "member", is_deciding, &sentence);
    explain_string(out, "name", member->name);
    explain_string(out, "status", status_name(member->status));
    explain_string(out, "reason", reason_name(member->reason));
    explain_string(out, "error", member->error);
    explain_boolean(out, "decides", is_deciding);
    explain_time(out, "since", member->since_us);
    explain_children(out);
    explain_end(out);
}

/* Whether a member of STATUS has a part in a group's being OF_GROUP. */
static bool decides(int of_group, int status)
{
    switch ((status_t)of_group) {
    case STATUS_DOWN:
        return status == STATUS_DOWN;
    case STATUS_DEGRADED:
        return status == STATUS_DOWN || status == STATUS_DEGRADED;
    case STATUS_UNKNOWN:
        return status == STATUS_DOWN || status == STATUS_UNKNOWN;
    case STATUS_OK:
    case STATUS_COUNT:
        break;
    }
    return status == STATUS_OK;
}

/* Those that decide come first: they must not fall to the limit. */
static void put_members(const explain_case_t *it, const group_t *group, const group_count_t *count,
                        text_t *out)
{
    size_t n = 0;
    for (int pass = 1; pass >= 0; pass--) {
        for (size_t i = 0; i < group->n_members && n < EXPLAIN_TARGETS_MAX; i++) {
            const target_state_t *member = &it->model->shown[group->members[i]];
            if (decides(count->status, member->status) != (pass == 1))
                continue;
            put_member(member, pass == 1, out);
            n++;
        }
    }
}

void explain_group(const explain_case_t *it, text_t *out)
{
    const group_t *group = it->target->group;
    group_count_t count = group_count(group, it->model->shown);
    text_t sentence = {0};
    say_rule(group, &count, &sentence);
    text_appendf(&sentence, ": %s (up is OK or DEGRADED)", outcome_of(count.status));
    explain_begin(out, "group", count.n_up >= count.n_needed, &sentence);
    explain_string(out, "group_rule", group_rule_name(group->rule));
    explain_integer(out, "members", (int64_t)group->n_members);
    explain_integer(out, "needed", (int64_t)count.n_needed);
    explain_integer(out, "up", (int64_t)count.n_up);
    explain_integer(out, "ok", (int64_t)count.n[STATUS_OK]);
    explain_integer(out, "degraded", (int64_t)count.n[STATUS_DEGRADED]);
    explain_integer(out, "down", (int64_t)count.n[STATUS_DOWN]);
    explain_integer(out, "unknown", (int64_t)count.n[STATUS_UNKNOWN]);
    explain_boolean(out, "by_flapping", count.is_by_flapping);
    explain_children(out);
    put_members(it, group, &count, out);
    explain_end(out);
}

void explain_say_group(const explain_case_t *it, text_t *sentence)
{
    group_count_t count = group_count(it->target->group, it->model->shown);
    const char *members = it->shown->error ? strstr(it->shown->error, "; ") : NULL;
    text_append_string(sentence, " because ");
    say_rule(it->target->group, &count, sentence);
    explain_say(sentence, members ? members : "");
}
