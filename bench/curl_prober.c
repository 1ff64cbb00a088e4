/*
 * The least that a prober on libcurl can do: the multi interface on one epoll, N URLs each
 * interval, spread evenly over it or all at once, answers thrown away. What healthd's probes are
 * measured against.
 *
 *     bench_curl_prober new|kept INTERVAL_MS FIRST_URL N [at-once]
 *
 * FIRST_URL has %zu where the number of the target goes. Runs until SIGTERM.
 */
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#define HANDLES_MAX    256
#define TIMEOUT_MS     5000L
#define KEPT_MAX       2048L
#define EVENTS_AT_ONCE 64

typedef struct {
    CURLM *multi;
    CURL *free[HANDLES_MAX];
    size_t n_free;
    char **urls;
    size_t n_urls;
    bool is_at_once;
    int epoll;
    int64_t timer_us; /* monotonic; -1: none */
} prober_t;

static volatile sig_atomic_t is_ending;

static void on_end(int number)
{
    (void)number;
    is_ending = 1;
}

static int64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void *must(void *made)
{
    if (!made) {
        perror("bench_curl_prober");
        exit(1);
    }
    return made;
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *of_socket)
{
    (void)easy;
    prober_t *self = context;
    struct epoll_event event = {.data.fd = socket};
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(self->epoll, EPOLL_CTL_DEL, socket, &event);
        return 0;
    }
    if (what & CURL_POLL_IN)
        event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        event.events |= EPOLLOUT;
    bool is_known = of_socket != NULL;
    (void)epoll_ctl(self->epoll, is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    (void)curl_multi_assign(self->multi, socket, self);
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    prober_t *self = context;
    self->timer_us = timeout_ms < 0 ? -1 : now_us() + (int64_t)timeout_ms * 1000;
    return 0;
}

static size_t throw_away(char *bytes, size_t size, size_t n, void *context)
{
    (void)bytes;
    (void)context;
    return size * n;
}

static CURL *make_handle(bool is_kept)
{
    CURL *easy = must(curl_easy_init());
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, throw_away);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_kept ? 0L : 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, is_kept ? 0L : 1L);
    return easy;
}

static void probe(prober_t *self, size_t at)
{
    if (self->n_free == 0)
        return; /* the harness counts probes at the target: a lost one is seen there */
    CURL *easy = self->free[--self->n_free];
    (void)curl_easy_setopt(easy, CURLOPT_URL, self->urls[at]);
    (void)curl_multi_add_handle(self->multi, easy);
}

static void take_back(prober_t *self)
{
    int n_left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(self->multi, &n_left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        (void)curl_multi_remove_handle(self->multi, easy);
        self->free[self->n_free++] = easy;
    }
}

static void act(prober_t *self, curl_socket_t socket, int events)
{
    int n_running = 0;
    (void)curl_multi_socket_action(self->multi, socket, events, &n_running);
    take_back(self);
}

static void wait_for(prober_t *self, int64_t until_us)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    if (self->timer_us >= 0 && self->timer_us < until_us)
        until_us = self->timer_us;
    int64_t wait_us = until_us - now_us();
    int wait_ms = wait_us > 0 ? (int)((wait_us + 999) / 1000) : 0;
    int n = epoll_wait(self->epoll, events, EVENTS_AT_ONCE, wait_ms);
    for (int i = 0; i < n; i++) {
        int mask = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        act(self, events[i].data.fd, mask);
    }
    if (self->timer_us >= 0 && now_us() >= self->timer_us) {
        self->timer_us = -1;
        act(self, CURL_SOCKET_TIMEOUT, 0);
    }
}

static void run(prober_t *self, int64_t interval_us)
{
    int64_t start_us = now_us();
    for (uint64_t i = 0; !is_ending; i++) {
        uint64_t part = self->is_at_once ? i - i % self->n_urls : i;
        int64_t due_us = start_us + (int64_t)(part * (uint64_t)interval_us / self->n_urls);
        while (!is_ending && now_us() < due_us)
            wait_for(self, due_us);
        probe(self, (size_t)(i % self->n_urls));
    }
}

static char *url_of(const char *pattern, size_t number)
{
    const char *place = strstr(pattern, "%zu");
    char *url = NULL;
    int n = place ? asprintf(&url, "%.*s%zu%s", (int)(place - pattern), pattern, number, place + 3)
                  : asprintf(&url, "%s", pattern);
    return must(n < 0 ? NULL : url);
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 6) {
        (void)fprintf(stderr, "usage: %s new|kept INTERVAL_MS FIRST_URL N [at-once]\n", argv[0]);
        return 64;
    }
    bool is_kept = strcmp(argv[1], "kept") == 0;
    prober_t self = {.n_urls = strtoul(argv[4], NULL, 10), .is_at_once = argc == 6, .timer_us = -1};
    int64_t interval_us = strtol(argv[2], NULL, 10) * 1000;
    if (self.n_urls == 0 || interval_us <= 0) {
        (void)fprintf(stderr, "bench_curl_prober: nothing to do\n");
        return 64;
    }
    struct sigaction action = {.sa_handler = on_end};
    (void)sigaction(SIGTERM, &action, NULL);
    self.urls = must(calloc(self.n_urls, sizeof *self.urls));
    for (size_t i = 0; i < self.n_urls; i++)
        self.urls[i] = url_of(argv[3], i);
    self.epoll = epoll_create1(EPOLL_CLOEXEC);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    self.multi = must(curl_multi_init());
    (void)curl_multi_setopt(self.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(self.multi, CURLMOPT_SOCKETDATA, &self);
    (void)curl_multi_setopt(self.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    (void)curl_multi_setopt(self.multi, CURLMOPT_TIMERDATA, &self);
    (void)curl_multi_setopt(self.multi, CURLMOPT_MAXCONNECTS, KEPT_MAX);
    while (self.n_free < HANDLES_MAX)
        self.free[self.n_free++] = make_handle(is_kept);
    run(&self, interval_us);
    return 0;
}
