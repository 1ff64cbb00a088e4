#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/support.h"
#include "tests/test.h"

enum { START_DEADLINE_MS = 20000, STEP_MS = 5 };

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

uint16_t support_free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
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
