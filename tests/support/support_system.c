#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/support.h"
#include "tests/test.h"

enum { START_DEADLINE_MS = 20000, STEP_MS = 5 };

/* Ports that the kernel gives to no outgoing connection. */
enum { PORT_FIRST = 10000, PORTS = 22000 };
#define PORTS_FOLDER "/tmp/healthd-test-ports"

void support_make_folder(char path[64])
{
    strcpy(path, "/tmp/healthd-test-XXXXXX");
    assert_non_null(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void support_remove_folder(const char *path)
{
    assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

/* Whether PORT is free and now this process's: a lock on a file of its number keeps it, so that
 * tests side by side never choose the same. The file stays open until the process ends. */
static bool takes_port(uint16_t port)
{
    char path[64];
    (void)snprintf(path, sizeof path, PORTS_FOLDER "/%u", (unsigned)port);
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(lock >= 0 && fd >= 0);
    struct sockaddr_in address = loopback(port);
    bool is_mine = flock(lock, LOCK_EX | LOCK_NB) == 0 &&
                   bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    if (!is_mine)
        close(lock);
    return is_mine;
}

uint16_t support_free_port(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_true(mkdir(PORTS_FOLDER, 0700) == 0 || errno == EEXIST);
    unsigned first = ((unsigned)now.tv_nsec ^ (unsigned)getpid() * 7919u) % PORTS;
    for (unsigned i = 0; i < PORTS; i++) {
        uint16_t port = (uint16_t)(PORT_FIRST + (first + i) % PORTS);
        if (takes_port(port))
            return port;
    }
    fail_msg("no port is free");
    return 0;
}

pid_t support_start(const char *const *argv)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    char *arguments[32] = {0};
    for (size_t i = 0; argv[i] && i + 1 < COUNT_OF(arguments); i++)
        arguments[i] = strdup(argv[i]);
    execvp(arguments[0], arguments);
    _exit(127);
}

int support_stop(pid_t pid, int signal)
{
    int status = 0;
    kill(pid, signal);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool is_accepting(void *context)
{
    const uint16_t *port = context;
    struct sockaddr_in address = loopback(*port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    bool is_open = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return is_open;
}

void support_wait_for_port(uint16_t port)
{
    assert_true(support_wait_until(is_accepting, &port, START_DEADLINE_MS));
}

static int64_t mono_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool support_wait_until(bool (*fn)(void *context), void *context, int deadline_ms)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
    int64_t end_ms = mono_ms() + deadline_ms;
    while (!fn(context)) {
        if (mono_ms() >= end_ms)
            return false;
        nanosleep(&step, NULL);
    }
    return true;
}
