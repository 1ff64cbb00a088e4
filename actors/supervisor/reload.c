#include "actors/supervisor/reload.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "actors/supervisor/config_load.h"
#include "actors/supervisor/notify.h"
#include "actors/supervisor/state.h"
#include "core/config_diff.h"
#include "core/config_keep.h"
#include "core/text.h"
#include "proto/frame.h"
#include "proto/query.h"

/* Why nothing changes, or that the hand-over has begun (ANSWER_OK, no text). */
typedef struct {
    answer_outcome_t outcome;
    char *text; /* owned; NULL also where memory ran out */
} verdict_t;

static verdict_t verdict(answer_outcome_t outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static verdict_t verdict(answer_outcome_t outcome, const char *format, ...)
{
    verdict_t verdict = {.outcome = outcome};
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&verdict.text, format, arguments) < 0)
        verdict.text = NULL;
    va_end(arguments);
    return verdict;
}

static const char *from_environment(const char *name, void *context)
{
    (void)context;
    return getenv(name); /* NOLINT(concurrency-mt-unsafe): nobody changes the environment */
}

/* --- what is told --- */

/* Answers who asked, if somebody did. */
/* NOLINTNEXTLINE(readability-non-const-parameter): a message's text is a char * */
static void answer(supervisor_t *self, answer_outcome_t outcome, char *text)
{
    reload_t *reload = &self->reload;
    if (!reload->asker)
        return;
    const answer_t message = {
        .request_id = reload->request_id, .outcome = (int)outcome, .text = text};
    if (frame_send(reload->ask, &answer_schema, &message, reload->asker))
        log_write(self->log, LOG_LEVEL_ERROR, "out_of_memory",
                  "a reload stays without an answer; the asker's deadline ends it");
    zframe_destroy(&reload->asker);
}

static void append_list(text_t *json, const config_diff_t *diff)
{
    size_t n = 0;
    text_append_string(json, "[");
    for (size_t i = 0; i < diff->n_keys; i++) {
        if (!config_key_takes_restart(diff->keys[i]))
            continue;
        text_append_string(json, n++ ? "," : "");
        text_append_json(json, diff->keys[i]);
    }
    text_append_string(json, "]");
}

/* Prepares what is said when all actors have the new configuration. 0, or -1: out of memory. */
static int prepare_words(reload_t *reload, const config_load_t *load, const config_diff_t *diff)
{
    text_t json = {0};
    text_appendf(&json, "{\"outcome\":\"reloaded\",\"added\":%zu,\"removed\":%zu,\"changed\":%zu,",
                 diff->n_added, diff->n_removed, diff->n_changed);
    text_append_string(&json, "\"restart_needed\":");
    append_list(&json, diff);
    text_append_string(&json, ",\"warnings\":");
    text_append_json(&json, load->report ? load->report : "");
    text_append_string(&json, "}");
    text_t told = {0};
    text_appendf(&told, "reloaded %s: %zu %s added, %zu removed, %zu changed; %zu %s",
                 load->config->file, diff->n_added, diff->n_added == 1 ? "target" : "targets",
                 diff->n_removed, diff->n_changed, load->n_warnings,
                 load->n_warnings == 1 ? "warning" : "warnings");
    text_t keys = {0};
    size_t n_others = 0;
    for (size_t i = 0; i < diff->n_keys; i++) {
        if (config_key_takes_restart(diff->keys[i]))
            text_appendf(&keys, "%s%s", keys.size ? ", " : "", diff->keys[i]);
        else
            text_appendf(&told, "%s%s", n_others++ ? ", " : "; changed too: ", diff->keys[i]);
    }
    reload->answer = text_take(&json);
    reload->told = text_take(&told);
    reload->restart_keys = text_take(&keys);
    return reload->answer && reload->told && reload->restart_keys ? 0 : -1;
}

static void forget_words(reload_t *reload)
{
    zstr_free(&reload->answer);
    zstr_free(&reload->told);
    zstr_free(&reload->restart_keys);
}

/* A file that was refused is trouble until one is taken; what only has to wait is none. */
static void raise_trouble(supervisor_t *self, const char *reason)
{
    text_t message = {0};
    text_appendf(&message, "The configuration was not read anew, the old one stays in force: %.*s",
                 (int)strcspn(reason, "\n"), reason);
    const finding_words_t words = {
        .component = CONFIGURATION_TROUBLE_COMPONENT,
        .kind = ALERT_KIND_CONFIGURATION_TROUBLE,
        .severity = SEVERITY_WARNING,
        .title = CONFIGURATION_TROUBLE_TITLE,
        .message = message.is_failed ? CONFIGURATION_TROUBLE_TITLE : message.bytes,
    };
    findings_say(self->reload.findings, &words);
    text_clear(&message);
}

/* Nothing changed: the log, the actors, the alerts and who asked are told why. */
static void refuse(supervisor_t *self, const verdict_t *why)
{
    const char *text = why->text ? why->text : "out of memory";
    log_write(self->log, LOG_LEVEL_ERROR, "reload_refused",
              "the configuration was not read anew, the old one stays in force: %.*s",
              (int)strcspn(text, "\n"), text);
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        if (self->children[i].actor)
            (void)zstr_send(self->children[i].actor, "kept"); /* one that is gone begins anew */
    }
    if (why->outcome != ANSWER_REFUSED)
        raise_trouble(self, text);
    answer(self, why->outcome, why->text);
}

/* --- the hand-over --- */

static reload_step_t step_of(const child_t *child)
{
    if (child->type->is_collector)
        return RELOAD_COLLECTORS;
    return child->type->knows_targets ? RELOAD_MODEL : RELOAD_OTHERS;
}

/* Hands the configuration to the actors of the step, and starts those that it wants anew. */
static void hand_over(supervisor_t *self)
{
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        child_t *child = &self->children[i];
        if (step_of(child) != self->reload.step || child->is_leaving)
            continue;
        if (!child->actor) {
            if (child->is_wanted && !child->restart_us)
                child_start(child);
            continue;
        }
        child->is_awaited = true;
        generations_hold(&self->generations, child->number);
        /* One that takes nothing more is gone, which its pipe tells, or stuck. */
        (void)zsock_send(child->actor, "sp", "reload", &self->generations.newest->args);
    }
}

static bool is_anyone_awaited(const supervisor_t *self)
{
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        if (self->children[i].is_awaited)
            return true;
    }
    return false;
}

static void finish(supervisor_t *self)
{
    reload_t *reload = &self->reload;
    log_write(self->log, LOG_LEVEL_INFO, "reloaded", "%s", reload->told);
    if (reload->restart_keys[0])
        log_write(self->log, LOG_LEVEL_WARNING, "restart_needed",
                  "these keys take a restart and stay as they were: %s", reload->restart_keys);
    (void)notify_service_manager(self->notify_socket, "READY=1");
    findings_over(self->reload.findings, CONFIGURATION_TROUBLE_COMPONENT);
    answer(self, ANSWER_OK, reload->answer);
    forget_words(reload);
}

/* Goes on where nobody is awaited any more. */
static void advance(supervisor_t *self)
{
    reload_t *reload = &self->reload;
    while (reload->step != RELOAD_IDLE && !is_anyone_awaited(self)) {
        if (reload->step == RELOAD_COLLECTORS) {
            reload->step = RELOAD_IDLE;
            finish(self);
        } else {
            reload->step++;
            hand_over(self);
        }
    }
    if (reload->step == RELOAD_IDLE && reload->is_wanted_again)
        reload_on_signal(self);
}

void reload_on_taken(child_t *child)
{
    if (!child->is_awaited)
        return;
    child->is_awaited = false;
    advance(child->supervisor);
}

/* --- reading and comparing --- */

/* Who was silent while the file was read was not asked. */
static void forgive_silence(supervisor_t *self, int64_t since_us)
{
    int64_t passed_us = clock_mono_us() - since_us;
    children_forgive(self, passed_us);
    self->second_us += passed_us;
}

/* Makes CONFIG, which it takes, the one in force and begins to hand it over. */
static int begin(supervisor_t *self, config_t **config)
{
    const config_t *before = supervisor_config(self);
    log_level_t old_level = before->log_level;
    if (config_keep(before, *config) ||
        generations_add(&self->generations, config, &self->generations.newest->args))
        return -1;
    const config_t *now = supervisor_config(self);
    if (now->log_level != old_level)
        log_set_level(self->log, now->log_level);
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        child_t *child = &self->children[i];
        child->is_wanted = child_is_wanted(child->type, now);
        if (child->is_wanted)
            continue;
        child->restart_us = 0;
        if (child->actor && !child->is_leaving)
            child_retire(child);
    }
    self->reload.step = RELOAD_MODEL;
    hand_over(self);
    return 0;
}

static verdict_t compare_and_begin(supervisor_t *self, config_load_t *load, bool is_forced)
{
    config_list_t before = {.items = NULL};
    config_list_t now = {.items = NULL};
    config_diff_t diff = {.targets = NULL};
    verdict_t found = {.outcome = ANSWER_OK};
    bool has_memory = config_list_of(supervisor_config(self), SETTINGS_WHOLE, &before) == 0 &&
                      config_list_of(load->config, SETTINGS_WHOLE, &now) == 0 &&
                      config_diff(&before, &now, &diff) == 0 &&
                      prepare_words(&self->reload, load, &diff) == 0;
    if (has_memory && config_diff_drops_too_many(&diff) && !is_forced)
        found = verdict(ANSWER_CONFLICT,
                        "%zu of %zu targets would go, more than %.0f %%: where that is meant, "
                        "healthctl config reload --force does it",
                        diff.n_removed, diff.n_before, CONFIG_DROP_MAX_RATIO * 100);
    else if (!has_memory || begin(self, &load->config))
        found = verdict(ANSWER_REFUSED, "out of memory");
    if (found.outcome != ANSWER_OK)
        forget_words(&self->reload);
    config_diff_clear(&diff);
    config_list_clear(&before);
    config_list_clear(&now);
    return found;
}

/* What stands against a reload now; ANSWER_OK where nothing does. */
static verdict_t hindrance(const supervisor_t *self)
{
    if (!supervisor_config(self)->file)
        return verdict(ANSWER_CONFLICT, "there is no configuration file: variables say everything "
                                        "and are read at the start alone");
    if (self->phase != PHASE_RUNNING)
        return verdict(ANSWER_REFUSED, "healthd is still starting");
    if (self->reload.step != RELOAD_IDLE)
        return verdict(ANSWER_REFUSED, "a reload is under way");
    if (self->generations.n >= GENERATIONS_MAX)
        return verdict(ANSWER_REFUSED, "checks of %zu earlier configurations are still under way",
                       self->generations.n - 1);
    return (verdict_t){.outcome = ANSWER_OK};
}

static void read_anew(supervisor_t *self, bool is_forced)
{
    verdict_t found = hindrance(self);
    if (found.outcome == ANSWER_OK) {
        int64_t began_us = clock_mono_us();
        char state[64];
        (void)snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, began_us);
        (void)notify_service_manager(self->notify_socket, state);
        config_load_t load;
        if (config_load(supervisor_config(self)->file, from_environment, NULL, &load))
            found = verdict(ANSWER_INVALID, "%s", load.report ? load.report : "out of memory");
        else
            found = compare_and_begin(self, &load, is_forced);
        config_load_clear(&load);
        forgive_silence(self, began_us);
        if (found.outcome != ANSWER_OK)
            (void)notify_service_manager(self->notify_socket, "READY=1");
    }
    if (found.outcome != ANSWER_OK)
        refuse(self, &found);
    zstr_free(&found.text);
    advance(self);
}

/* --- who asks --- */

void reload_on_signal(supervisor_t *self)
{
    self->reload.is_wanted_again = false;
    if (!supervisor_config(self)->file) {
        log_write(self->log, LOG_LEVEL_INFO, "signal_ignored",
                  "SIGHUP does nothing: there is no configuration file, and variables are read at "
                  "the start alone");
        return;
    }
    if (self->phase != PHASE_RUNNING || self->reload.step != RELOAD_IDLE) {
        self->reload.is_wanted_again = true;
        return;
    }
    read_anew(self, false);
}

/* Answers ASKER (borrows) alone, while another one may wait for a reload. */
static void refuse_asker(supervisor_t *self, const query_t *query, zframe_t *asker,
                         const verdict_t *why)
{
    const answer_t message = {
        .request_id = query->request_id, .outcome = (int)why->outcome, .text = why->text};
    (void)frame_send(self->reload.ask, &answer_schema, &message, asker); /* its deadline ends it */
}

static void on_query(supervisor_t *self, const query_t *query, zframe_t *asker)
{
    verdict_t found = {.outcome = ANSWER_NOT_FOUND};
    if (query->verb == QUERY_CONFIG_RELOAD)
        found = hindrance(self);
    if (found.outcome == ANSWER_OK) {
        self->reload.asker = zframe_dup(asker);
        self->reload.request_id = query->request_id;
        read_anew(self, query->is_forced);
    } else {
        refuse_asker(self, query, asker, &found);
    }
    zstr_free(&found.text);
}

static int on_ask(zloop_t *loop, zsock_t *socket, void *context)
{
    (void)loop;
    supervisor_t *self = context;
    frame_t frame;
    for (int rc = frame_recv(socket, &frame); rc != 0; rc = frame_recv(socket, &frame)) {
        if (rc < 0)
            continue; /* no message of ours, and gone */
        void *query = NULL;
        wire_error_t error;
        if (strcmp(frame.name, query_schema.name) == 0 &&
            frame_decode(&frame, &query_schema, &query, &error) == 0)
            on_query(self, query, frame.identity);
        wire_destroy(&query_schema, &query);
        frame_clear(&frame);
    }
    return 0;
}

void reload_open(supervisor_t *self)
{
    self->reload.ask = actor_socket(ZMQ_ROUTER, ENDPOINT_ASK_SUPERVISOR, true);
    self->reload.findings = findings_new(self->loop, self->log, "supervisor");
    (void)zloop_reader(self->loop, self->reload.ask, on_ask, self);
}

void reload_close(supervisor_t *self)
{
    zframe_destroy(&self->reload.asker);
    forget_words(&self->reload);
    findings_destroy(&self->reload.findings);
    zsock_destroy(&self->reload.ask);
}
