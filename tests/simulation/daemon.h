/*
 * healthd without its sockets: the cores, the store and the durable halves of the actors, put
 * together as aggregator.c, alert_manager.c and event_bus.c do. Every message between actors waits
 * in a queue, so that steps of different actors come in any order, and a crash between any two.
 */
#ifndef HEALTHD_TESTS_SIMULATION_DAEMON_H
#define HEALTHD_TESTS_SIMULATION_DAEMON_H

#include "actors/alert_manager/alert_writer.h"
#include "actors/alert_manager/storage_finding.h"
#include "actors/event_bus/ledger.h"
#include "core/alert_rules.h"
#include "core/model.h"
#include "core/schedule.h"
#include "core/snapshot_view.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/world.h"

typedef struct simulation simulation_t;

/* One message on an inproc socket; what it holds is owned. */
enum { MESSAGE_RESULT, MESSAGE_SNAPSHOT, MESSAGE_ALERT };
typedef struct message message_t;
struct message {
    message_t *next;
    int type; /* MESSAGE_... */
    probe_result_t result;
    snapshot_t snapshot;
    alert_event_t event;
};

typedef struct {
    message_t *first, *last;
} queue_t;

/* A check under way. */
typedef struct {
    bool is_under_way;
    int64_t ends_us;
    int64_t begun_us;   /* the last one of the schedule */
    int64_t started_us; /* this one */
    bool is_early;      /* beside the schedule */
    fate_t fate;
} check_t;

/* An actor's end of inproc://health. */
typedef struct {
    snapshot_view_t view;
    queue_t queue;
} reader_t;

typedef struct {
    bool is_up;
    config_t config;
    target_t targets[WORLD_TARGETS + 1 + WORLD_ADDRESSES];
    int64_t begun_us;

    /* collectors */
    schedule_t *schedule;
    check_t checks[WORLD_PROBED];
    size_t probed[WORLD_PROBED]; /* position in the schedule -> in the configuration */
    size_t n_probed;

    /* aggregator */
    model_t *model;
    snapshot_view_t published;
    queue_t results;
    bool is_spacing; /* a snapshot is due but must wait */
    int64_t spacing_us, periodic_us, expire_us, last_snapshot_us;

    /* alert manager */
    store_t *store;
    alert_book_t *book;
    alert_writer_t *writer;
    reader_t alerts_reader;
    /* When the alert rules last looked; writing what they said may take a second. */
    int64_t stepped_mono_us, stepped_wall_us;
    int64_t retry_us, step_us;

    /* event bus */
    log_t log;
    ledger_t *ledger;
    reader_t bus_reader;
    queue_t alerts;
    int64_t write_us;
    bool is_connected, is_sending;
    bool is_answered; /* of the event that is being sent: an answer comes, or the end */
    int64_t answer_us;
    int64_t connect_us;
} daemon_t;

/* 0, or -1 where it cannot start; it is then down as before. */
int daemon_start(simulation_t *sim);

/* It is killed: memory is gone, of the disk stays what CRASH leaves. */
void daemon_crash(simulation_t *sim, crash_t crash);

/* It is stopped by SIGTERM. */
void daemon_stop(simulation_t *sim);

/* The event bus alone ends and is started again, as the supervisor does with it. */
void daemon_restart_bus(simulation_t *sim);

/* An operator clears an alert. */
void daemon_operate(simulation_t *sim);

/* When the next of its timers is due, and that timer. */
int64_t daemon_due_us(const simulation_t *sim);
void daemon_run_timer(simulation_t *sim);

/* Takes one message out of a queue that has some. False: all are empty. */
bool daemon_take_message(simulation_t *sim);
bool daemon_has_message(const simulation_t *sim);

/* --- for the daemon's own files --- */

/* A message in QUEUE; its contents are to be filled in. */
message_t *queue_add(queue_t *queue, int type);
message_t *queue_take(queue_t *queue);
void queue_clear(queue_t *queue);
void message_destroy(message_t **message);

/* Applies a snapshot and says whether there is a new state; after a gap asks for the whole. */
bool reader_apply(simulation_t *sim, reader_t *reader, snapshot_t *snapshot);
void reader_clear(reader_t *reader);

int health_start(simulation_t *sim);
void health_begin(simulation_t *sim);
void health_end(simulation_t *sim);
int64_t health_due_us(const simulation_t *sim);
void health_run_timer(simulation_t *sim);
void health_take_result(simulation_t *sim);

int alerts_start(simulation_t *sim);
void alerts_end(simulation_t *sim);
void alerts_run_retry(simulation_t *sim);
void alerts_run_step(simulation_t *sim);
void alerts_take_snapshot(simulation_t *sim);

int bus_start(simulation_t *sim);
void bus_end(simulation_t *sim);
int64_t bus_due_us(const simulation_t *sim);
void bus_run_timer(simulation_t *sim);
void bus_take_snapshot(simulation_t *sim);
void bus_take_alert(simulation_t *sim);

#endif
