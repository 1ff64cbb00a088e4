/* What the service manager hears, over a real datagram socket. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "actors/supervisor/notify.h"
#include "tests/support/support.h"
#include "tests/test.h"

#define DEADLINE_MS 5000

typedef struct {
    char folder[64];
    char path[96]; /* as NOTIFY_SOCKET says it */
    int fd;
} manager_t;

/* Listens at PATH, of which '@' begins an abstract name. */
static void listen_at(manager_t *manager, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    assert_true(n < sizeof address.sun_path);
    memcpy(address.sun_path, path, n);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    (void)snprintf(manager->path, sizeof manager->path, "%s", path);
    manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(manager->fd >= 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    assert_int_equal(bind(manager->fd, (const struct sockaddr *)&address, size), 0);
}

/* The next datagram must be exactly STATE. */
static void assert_hears(const manager_t *manager, const char *state)
{
    char heard[128] = "";
    struct pollfd wait = {.fd = manager->fd, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, DEADLINE_MS), 1);
    ssize_t n = recv(manager->fd, heard, sizeof heard - 1, 0);
    assert_int_equal(n, strlen(state));
    assert_string_equal(heard, state);
}

static int setup(void **state)
{
    static manager_t manager;
    manager = (manager_t){.fd = -1};
    support_make_folder(manager.folder);
    *state = &manager;
    return 0;
}

static int teardown(void **state)
{
    manager_t *manager = *state;
    if (manager->fd >= 0)
        close(manager->fd);
    support_remove_folder(manager->folder);
    return 0;
}

static void tell_all(manager_t *manager)
{
    static const char *const states[] = {"READY=1", "WATCHDOG=1", "STOPPING=1"};
    for (size_t i = 0; i < COUNT_OF(states); i++)
        assert_int_equal(notify_service_manager(manager->path, states[i]), 0);
    for (size_t i = 0; i < COUNT_OF(states); i++)
        assert_hears(manager, states[i]);
}

static void each_state_is_one_datagram_to_a_path(void **state)
{
    manager_t *manager = *state;
    char path[96];
    (void)snprintf(path, sizeof path, "%s/notify", manager->folder);
    listen_at(manager, path);
    tell_all(manager);
}

static void each_state_is_one_datagram_to_an_abstract_name(void **state)
{
    manager_t *manager = *state;
    char path[96];
    (void)snprintf(path, sizeof path, "@healthd-test-%d", (int)getpid());
    listen_at(manager, path);
    tell_all(manager);
}

static void without_a_socket_nothing_is_sent(void **state)
{
    (void)state;
    assert_int_equal(notify_service_manager(NULL, "READY=1"), 0);
    assert_int_equal(notify_service_manager("", "READY=1"), 0);
}

static void a_socket_that_is_not_there_is_told(void **state)
{
    manager_t *manager = *state;
    char path[200];
    (void)snprintf(path, sizeof path, "%s/nobody", manager->folder);
    assert_int_equal(notify_service_manager(path, "READY=1"), -1);
    assert_int_equal(notify_service_manager("@healthd-test-nobody", "READY=1"), -1);
    memset(path, 'x', sizeof path); /* longer than a socket's name can be */
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    assert_int_equal(notify_service_manager(path, "READY=1"), -1);
    path[sizeof((struct sockaddr_un *)0)->sun_path] = '\0'; /* by one byte */
    assert_int_equal(notify_service_manager(path, "READY=1"), -1);
}

/* The watchdog must never wait: a manager that does not read fills its queue. */
static void a_manager_that_does_not_read_never_blocks(void **state)
{
    manager_t *manager = *state;
    char path[96];
    (void)snprintf(path, sizeof path, "%s/notify", manager->folder);
    listen_at(manager, path);
    int n_sent = 0;
    while (n_sent < 100000 && notify_service_manager(manager->path, "WATCHDOG=1") == 0)
        n_sent++;
    assert_in_range(n_sent, 1, 99999);
    assert_hears(manager, "WATCHDOG=1");
    assert_int_equal(notify_service_manager(manager->path, "STOPPING=1"), 0); /* room again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_state_is_one_datagram_to_a_path, setup, teardown),
        cmocka_unit_test_setup_teardown(each_state_is_one_datagram_to_an_abstract_name, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(without_a_socket_nothing_is_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_socket_that_is_not_there_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_manager_that_does_not_read_never_blocks, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
