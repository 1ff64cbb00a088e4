/*
 * A program that runs beside healthd: started without a shell in a session of its own, with its
 * output on two pipes and its end on a pidfd, all of them for an epoll. Nothing waits here, nothing
 * listens to SIGCHLD, and no child of others is ever waited for.
 *
 * Starting costs no copy of healthd's memory: the child borrows it (CLONE_VM | CLONE_VFORK) until
 * it has become the program; what it does until then are system calls alone.
 *
 * The program begins with: the given arguments and environment; standard input from /dev/null; no
 * other descriptor open; default signals, none blocked; its own session and process group; no core
 * dump and at most 1024 open files; SIGKILL where the thread that started it ends.
 */
#ifndef HEALTHD_ACTORS_IO_PROCESS_H
#define HEALTHD_ACTORS_IO_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/local_user.h"

typedef struct {
    const char *path;         /* of the program: absolute */
    const char *const *argv;  /* a NULL at the end, as of those below */
    const char *const *env;   /* NAME=value */
    const char *folder;       /* that it starts in */
    const local_user_t *user; /* NULL: as this process */
    bool has_no_new_privileges;
} process_plan_t;

typedef struct {
    pid_t id; /* of it, its session and its group */
    int end;  /* pidfd: reads as ready once it has ended; as the others it is to be closed */
    int output;
    int errors;
} process_t;

/* Why a program was not started. */
typedef struct {
    const char *text; /* static */
    bool is_ours;     /* healthd lacks something, not the program */
} process_error_t;

/* Starts PLAN (borrows). Gives *RET. 0, or -1 with *RETERR. */
int process_start(const process_plan_t *plan, process_t *ret, process_error_t *reterr);

/* Sends SIGNAL to all of its group. Only before process_reap has said that it ended: until then the
 * number can belong to nobody else. */
void process_signal(const process_t *process, int signal);

/* How it ended, if it has: nothing remains of it then but its descriptors. */
typedef struct {
    bool is_killed; /* by the signal CODE; else CODE is its exit code */
    int code;
} process_end_t;

/* Whether it has ended. First kills what is left of its group; then gives *RET. Waits for nothing.
 */
bool process_reap(const process_t *process, process_end_t *ret);

#endif
