#include "actors/io/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Stack of the child until it is the program. */
#define STACK_BYTES ((size_t)64 << 10)
/* Open files of a program, at most; more make those slow that close all they might have. */
#define OPEN_FILES_MAX 1024
/* Exit code of a child that could not become its program; nobody sees it. */
#define EXIT_NO_PROGRAM 127

/* --- the child: system calls alone, as it borrows all memory --- */

/* Its stack is not what a sanitizer believes. */
#define CHILD                                                                                      \
    __attribute__((no_sanitize("address"), no_sanitize("thread"), no_sanitize("undefined")))
/* Of the kernel's signal sets. */
#define SIGNAL_SET_BYTES 8

typedef struct {
    const process_plan_t *plan;
    int input, output, errors; /* its ends */
    pid_t parent;
    const char *step; /* that failed, with FAULT: an errno */
    int fault;
} birth_t;

/* To the kernel itself: what stands before glibc's function in a build with sanitizers would note
 * it for healthd too. */
CHILD static void set_signals(void)
{
    static const uint64_t action[8];              /* all 0: SIG_DFL */
    for (int number = 1; number < NSIG; number++) /* two of them cannot be set */
        (void)syscall(SYS_rt_sigaction, number, action, NULL, SIGNAL_SET_BYTES);
}

CHILD static void unblock_signals(void)
{
    static const uint64_t none;
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, SIGNAL_SET_BYTES);
}

CHILD static void set_limits(void)
{
    struct rlimit core = {.rlim_cur = 0, .rlim_max = 0};
    (void)setrlimit(RLIMIT_CORE, &core); /* lower is always allowed */
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > OPEN_FILES_MAX) {
        files.rlim_cur = OPEN_FILES_MAX;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

CHILD static bool set_descriptors(const birth_t *birth)
{
    return syscall(SYS_dup2, birth->input, STDIN_FILENO) >= 0 &&
           syscall(SYS_dup2, birth->output, STDOUT_FILENO) >= 0 &&
           syscall(SYS_dup2, birth->errors, STDERR_FILENO) >= 0 && close_range(3, ~0U, 0) == 0;
}

/* Straight to the kernel: glibc's own functions would change all threads of healthd. */
CHILD static bool set_user(const local_user_t *user)
{
    return syscall(SYS_setgroups, user->n_groups, user->groups) == 0 &&
           syscall(SYS_setresgid, user->group_id, user->group_id, user->group_id) == 0 &&
           syscall(SYS_setresuid, user->user_id, user->user_id, user->user_id) == 0;
}

/* After the user is set, which undoes it. */
CHILD static bool set_parent(const birth_t *birth)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == birth->parent;
}

CHILD static int fail(birth_t *birth, const char *step)
{
    birth->fault = errno ? errno : ESRCH;
    birth->step = step;
    (void)syscall(SYS_exit_group, EXIT_NO_PROGRAM);
    return EXIT_NO_PROGRAM;
}

CHILD static int be_program(void *birth_p)
{
    birth_t *birth = birth_p;
    const process_plan_t *plan = birth->plan;
    errno = 0;
    set_signals();
    set_limits();
    if (setsid() < 0 || !set_descriptors(birth))
        return fail(birth, "its descriptors");
    if (plan->user && !set_user(plan->user))
        return fail(birth, "its user");
    if (chdir(plan->folder))
        return fail(birth, "its working directory");
    if (plan->has_no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return fail(birth, "no new privileges");
    if (!set_parent(birth))
        return fail(birth, "its parent");
    (void)umask(022);
    unblock_signals();
    (void)syscall(SYS_execve, plan->path, plan->argv, plan->env);
    return fail(birth, "the program");
}

/* --- the parent --- */

/* clone(2) by glibc's other name: ThreadSanitizer stands before that one and takes the child, which
 * shares all memory, for one of fork(2). */
int clone_sharing(int (*fn)(void *), void *stack, int flags, void *argument,
                  ...) __asm__("__clone");

static void close_all(int *descriptors, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (descriptors[i] >= 0)
            (void)close(descriptors[i]); /* pipes, and what was only read */
}

static pid_t clone_child(birth_t *birth)
{
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        return -1;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* no handler of ours runs in the child */
    pid_t id =
        clone_sharing(be_program, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD, birth);
    int fault = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)munmap(stack, STACK_BYTES);
    errno = fault;
    return id;
}

/* Waits for a child that did not become its program, and so has ended or is about to. */
static void bury(pid_t id)
{
    while (waitpid(id, NULL, 0) < 0 && errno == EINTR) {
    }
}

static const char *text_of(int fault)
{
    const char *text = strerrordesc_np(fault);
    return text ? text : "unknown error";
}

/* Whether FAULT is for want of what healthd shares with everybody. */
static bool is_want(int fault)
{
    return fault == ENOMEM || fault == EAGAIN || fault == EMFILE || fault == ENFILE;
}

int process_start(const process_plan_t *plan, process_t *ret, process_error_t *reterr)
{
    enum { INPUT, OUTPUT, OUTPUT_END, ERRORS, ERRORS_END, N };
    int descriptors[N] = {-1, -1, -1, -1, -1};
    birth_t birth = {.plan = plan, .parent = getpid()};
    pid_t id = -1;
    int end = -1;
    reterr->is_ours = true;
    descriptors[INPUT] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (descriptors[INPUT] < 0 || pipe2(&descriptors[OUTPUT], O_CLOEXEC | O_NONBLOCK) ||
        pipe2(&descriptors[ERRORS], O_CLOEXEC | O_NONBLOCK) ||
        fcntl(descriptors[OUTPUT_END], F_SETFL, 0) || fcntl(descriptors[ERRORS_END], F_SETFL, 0))
        goto failed;
    errno = EBADF; /* without standard descriptors of its own, ours would be mistaken for them */
    for (size_t i = 0; i < N; i++)
        if (descriptors[i] <= STDERR_FILENO)
            goto failed;
    birth.input = descriptors[INPUT];
    birth.output = descriptors[OUTPUT_END];
    birth.errors = descriptors[ERRORS_END];
    id = clone_child(&birth);
    if (id < 0)
        goto failed;
    if (birth.fault) {
        bury(id);
        reterr->is_ours = is_want(birth.fault);
        errno = birth.fault;
        goto failed;
    }
    end = pidfd_open(id, 0);
    if (end < 0) {
        (void)kill(-id, SIGKILL);
        bury(id);
        goto failed;
    }
    close_all((int[]){descriptors[INPUT], descriptors[OUTPUT_END], descriptors[ERRORS_END]}, 3);
    *ret = (process_t){
        .id = id, .end = end, .output = descriptors[OUTPUT], .errors = descriptors[ERRORS]};
    return 0;
failed:
    reterr->text = text_of(errno);
    close_all(descriptors, N);
    return -1;
}

void process_signal(const process_t *process, int signal)
{
    (void)kill(-process->id, signal); /* nobody may be left */
}

bool process_reap(const process_t *process, process_end_t *ret)
{
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PIDFD, (id_t)process->end, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid == 0)
        return false;
    process_signal(process, SIGKILL); /* its number is its own until the next line */
    if (waitid(P_PIDFD, (id_t)process->end, &info, WEXITED | WNOHANG))
        return false;
    *ret = (process_end_t){.is_killed = info.si_code != CLD_EXITED, .code = info.si_status};
    return true;
}
