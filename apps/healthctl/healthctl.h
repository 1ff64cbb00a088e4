/* What the verbs of healthctl share: options, exit codes, one function for each verb. */
#ifndef HEALTHD_APPS_HEALTHCTL_HEALTHCTL_H
#define HEALTHD_APPS_HEALTHCTL_HEALTHCTL_H

#include <stdbool.h>

/* Exit codes besides 0 and 1; `status` exits with the system's code: OK 0 .. UNKNOWN 3. */
#define EXIT_UNKNOWN 3
#define EXIT_USAGE   64

typedef struct {
    const char *url;       /* of healthd's REST, without a last slash in mind */
    const char *subscribe; /* endpoint of its ZeroMQ publication */
    const char *token;     /* credential of writes, or NULL */
    bool is_json;          /* print what came, as it came */
    bool is_coloured;
    bool is_self; /* status: only whether healthd is ready, nothing printed */
    long timeout_s;
    long limit;          /* history: alerts */
    long count;          /* watch: events after which it ends; 0: never */
    bool has_timeout;    /* the user set it; watch waits for ever otherwise */
    const char *object;  /* clear: the alert's id; config: the file or target; else the target,
                            or NULL: all of them; of explain: the system */
    const char *action;  /* config: check, show, diff or reload */
    const char *file;    /* config show: read this file instead of asking;
                            quick: the file to write, or NULL */
    const char *against; /* config diff: compare with this file instead of what runs */
    bool is_forced;      /* config reload: also where it drops many targets */
    bool is_dry_run;     /* probe: the result changes nothing */
    const char *reason;  /* pause: why, or NULL */
    const char *until;   /* pause: its end, or NULL */
    const char *body;    /* JSON that a write carries, or NULL */
} options_t;

/* Each does what its name says, prints it, and gives the exit code. */
int verb_status(const options_t *options);
int verb_targets(const options_t *options);
int verb_alerts(const options_t *options);
int verb_history(const options_t *options);
int verb_clear(const options_t *options);
int verb_probe(const options_t *options);
int verb_pause(const options_t *options);
int verb_resume(const options_t *options);
int verb_explain(const options_t *options);
int verb_quick(const options_t *options);
int verb_config(const options_t *options);
int verb_watch(const options_t *options);

#endif
