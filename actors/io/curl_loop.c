#include "actors/io/curl_loop.h"

#include <stdlib.h>
#include <sys/epoll.h>

struct curl_loop {
    actor_t *actor;
    CURLM *multi;
    actor_timer_t *timer; /* when libcurl wants to be called */
    curl_loop_fn *fn;
};

/* A descriptor of libcurl. */
typedef struct {
    curl_loop_t *owner;
    curl_socket_t fd;
    epoll_source_t *source;
} descriptor_t;

static void read_finished(void *context)
{
    curl_loop_t *self = context;
    int n_left = 0;
    for (const CURLMsg *msg = curl_multi_info_read(self->multi, &n_left); msg;
         msg = curl_multi_info_read(self->multi, &n_left))
        if (msg->msg == CURLMSG_DONE)
            self->fn(msg->easy_handle, msg->data.result); /* MSG may be gone afterwards */
}

static void on_timer(void *context)
{
    curl_loop_t *self = context;
    int n_running = 0;
    (void)curl_multi_socket_action(self->multi, CURL_SOCKET_TIMEOUT, 0, &n_running);
    read_finished(self);
}

static int on_timer_wanted(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    curl_loop_t *self = context;
    if (timeout_ms < 0)
        actor_timer_cancel(self->timer);
    else
        actor_timer_set(self->timer, (int64_t)timeout_ms * 1000);
    return 0;
}

static void on_events(void *context, uint32_t events)
{
    const descriptor_t *descriptor = context;
    int mask = 0;
    if (events & (EPOLLIN | EPOLLHUP))
        mask |= CURL_CSELECT_IN;
    if (events & EPOLLOUT)
        mask |= CURL_CSELECT_OUT;
    if (events & EPOLLERR)
        mask |= CURL_CSELECT_ERR;
    int n_running = 0;
    /* The descriptor may be gone afterwards. */
    (void)curl_multi_socket_action(descriptor->owner->multi, descriptor->fd, mask, &n_running);
}

/* What is refused here is ended by the request's time-out: to say -1 would end the multi. */
static void watch(curl_loop_t *self, curl_socket_t fd, uint32_t events)
{
    descriptor_t *descriptor = calloc(1, sizeof *descriptor);
    if (!descriptor)
        return;
    *descriptor = (descriptor_t){.owner = self, .fd = fd};
    descriptor->source = epoll_add(actor_epoll(self->actor), fd, events, on_events, descriptor);
    if (!descriptor->source || curl_multi_assign(self->multi, fd, descriptor)) {
        epoll_remove(&descriptor->source);
        free(descriptor);
    }
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *context,
                            void *socket_context)
{
    (void)easy;
    descriptor_t *descriptor = socket_context;
    uint32_t events = 0;
    if (what & CURL_POLL_IN)
        events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        events |= EPOLLOUT;
    if (what != CURL_POLL_REMOVE && descriptor) {
        (void)epoll_change(descriptor->source, events); /* refused: as in `watch` */
    } else if (what != CURL_POLL_REMOVE) {
        watch(context, fd, events);
    } else if (descriptor) {
        epoll_remove(&descriptor->source);
        free(descriptor);
    }
    return 0;
}

curl_loop_t *curl_loop_new(actor_t *actor, curl_loop_fn *fn)
{
    curl_loop_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->actor = actor;
    self->fn = fn;
    self->multi = curl_multi_init();
    if (!self->multi) {
        free(self);
        return NULL;
    }
    self->timer = actor_timer_new(actor, on_timer, self);
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETDATA, self);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERDATA, self);
    epoll_after_batch(actor_epoll(actor), read_finished, self);
    return self;
}

void curl_loop_bound(curl_loop_t *self, long n)
{
    curl_multi_setopt(self->multi, CURLMOPT_MAXCONNECTS, n);
}

void curl_loop_destroy(curl_loop_t **self_p)
{
    curl_loop_t *self = *self_p;
    if (!self)
        return;
    curl_multi_cleanup(self->multi);
    actor_timer_destroy(&self->timer);
    free(self);
    *self_p = NULL;
}

int curl_loop_add(curl_loop_t *self, CURL *easy)
{
    return curl_multi_add_handle(self->multi, easy) ? -1 : 0;
}

void curl_loop_remove(curl_loop_t *self, CURL *easy)
{
    curl_multi_remove_handle(self->multi, easy);
}
