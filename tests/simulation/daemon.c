#include "tests/simulation/daemon.h"

#include <assert.h>
#include <stdlib.h>

#include "tests/simulation/simulation.h"

/* --- queues --- */

message_t *queue_add(queue_t *queue, int type)
{
    message_t *message = calloc(1, sizeof *message);
    assert(message);
    message->type = type;
    if (queue->last)
        queue->last->next = message;
    else
        queue->first = message;
    queue->last = message;
    return message;
}

message_t *queue_take(queue_t *queue)
{
    message_t *message = queue->first;
    queue->first = message->next;
    if (!queue->first)
        queue->last = NULL;
    return message;
}

void message_destroy(message_t **message_p)
{
    message_t *message = *message_p;
    if (!message)
        return;
    probe_result_clear(&message->result);
    snapshot_clear(&message->snapshot);
    alert_event_clear(&message->event);
    free(message);
    *message_p = NULL;
}

void queue_clear(queue_t *queue)
{
    while (queue->first) {
        message_t *message = queue_take(queue);
        message_destroy(&message);
    }
}

/* --- readers of snapshots --- */

bool reader_apply(simulation_t *sim, reader_t *reader, snapshot_t *snapshot)
{
    switch (snapshot_view_apply(&reader->view, snapshot)) {
    case SNAPSHOT_APPLIED:
        judge_view(sim, &reader->view.whole);
        return true;
    case SNAPSHOT_GAP: {
        message_t *answer = queue_add(&reader->queue, MESSAGE_SNAPSHOT);
        int rc = snapshot_copy(&sim->daemon.published.whole, &answer->snapshot);
        assert(rc == 0);
        break;
    }
    case SNAPSHOT_OLD:
        break;
    }
    return false;
}

void reader_clear(reader_t *reader)
{
    queue_clear(&reader->queue);
    snapshot_view_clear(&reader->view);
}

/* --- life --- */

/* The supervisor's look at the file before it starts the actors. */
static int check_store(void)
{
    store_t *store = NULL;
    store_error_t error;
    int rc = store_open(".", &store, &error);
    if (!rc)
        rc = store_check(store, &error);
    store_close(&store);
    return rc;
}

static void end(simulation_t *sim)
{
    bus_end(sim);
    alerts_end(sim);
    health_end(sim);
    sim->daemon = (daemon_t){0};
}

int daemon_start(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    story("healthd starts");
    *self = (daemon_t){.begun_us = clock_mono_us()};
    world_configure(sim, &self->config, self->targets);
    self->config.targets = self->targets;
    judge_health_begin(sim);
    /* Started side by side; the bus tells the model what is stored before anything begins. */
    if (check_store() || health_start(sim) || alerts_start(sim) || bus_start(sim)) {
        story("healthd cannot start");
        daemon_crash(sim, CRASH_OF_PROCESS);
        return -1;
    }
    self->is_up = true;
    self->begun_us = clock_mono_us();
    health_begin(sim);
    return 0;
}

void daemon_crash(simulation_t *sim, crash_t crash)
{
    story("healthd ends by %s", crash_name((int)crash));
    judge_daemon_ends(sim, disk_is_dead());
    disk_freeze();
    end(sim);
    disk_crash(crash);
}

void daemon_stop(simulation_t *sim)
{
    story("healthd is stopped");
    judge_daemon_ends(sim, true); /* closing writes what it can */
    end(sim);
    if (disk_is_dead())
        disk_crash(CRASH_OF_PROCESS);
    else
        disk_die_in(0);
}

void daemon_restart_bus(simulation_t *sim)
{
    story("the event bus ends");
    judge_bus_ends(sim);
    bus_end(sim);
    sim->daemon.bus_reader = (reader_t){0};
    sim->daemon.is_connected = sim->daemon.is_sending = false;
    if (bus_start(sim)) {
        story("the event bus cannot start again");
        daemon_crash(sim, CRASH_OF_PROCESS);
    }
}

/* --- steps --- */

int64_t daemon_due_us(const simulation_t *sim)
{
    if (!sim->daemon.is_up)
        return NEVER_US;
    int64_t due_us = health_due_us(sim);
    int64_t bus_us = bus_due_us(sim);
    due_us = bus_us < due_us ? bus_us : due_us;
    due_us = sim->daemon.step_us < due_us ? sim->daemon.step_us : due_us;
    return sim->daemon.retry_us < due_us ? sim->daemon.retry_us : due_us;
}

void daemon_run_timer(simulation_t *sim)
{
    int64_t due_us = daemon_due_us(sim);
    if (due_us == health_due_us(sim))
        health_run_timer(sim);
    else if (due_us == bus_due_us(sim))
        bus_run_timer(sim);
    else if (due_us == sim->daemon.step_us)
        alerts_run_step(sim);
    else
        alerts_run_retry(sim);
}

bool daemon_take_message(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    const struct {
        const queue_t *queue;
        void (*take)(simulation_t *sim);
    } rows[] = {
        {&self->results, health_take_result},
        {&self->alerts_reader.queue, alerts_take_snapshot},
        {&self->bus_reader.queue, bus_take_snapshot},
        {&self->alerts, bus_take_alert},
    };
    size_t n_full = 0;
    size_t full[4];
    for (size_t i = 0; i < 4; i++)
        if (rows[i].queue->first)
            full[n_full++] = i;
    if (n_full == 0)
        return false;
    rows[full[random_below(&sim->random, n_full)]].take(sim);
    return true;
}

bool daemon_has_message(const simulation_t *sim)
{
    const daemon_t *self = &sim->daemon;
    return self->results.first || self->alerts_reader.queue.first || self->bus_reader.queue.first ||
           self->alerts.first;
}
