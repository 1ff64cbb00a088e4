/* Requests that ask every address of a name (IP_EACH): one request for each, told as one. */
#include <stdlib.h>
#include <string.h>

#include "actors/io/curl_transfer.h"

/* Those that ask one address each. */
struct curl_each {
    size_t n_running;
    transfer_t *worst; /* that ended */
};

bool curl_each_is_wanted(const transfer_t *transfer)
{
    return transfer->settings->ip_protocol == IP_EACH && !transfer->route.proxy &&
           transfer->answer.n_redirects == 0 && !transfer->only[0];
}

/* One more that asks what TRANSFER asks, of another address. NULL where memory ran out. */
static transfer_t *make_other(const transfer_t *transfer)
{
    transfer_t *other = transfer_take_spare(transfer->owner);
    if (!other)
        return NULL;
    other->fn = transfer->fn;
    other->context = transfer->context;
    other->started_us = transfer->started_us;
    other->deadline_us = transfer->deadline_us;
    other->settings = transfer->settings;
    other->origin = transfer->origin;
    other->was_origin_left = false;
    other->is_turned_get = false;
    other->place = transfer->place;
    other->answer = transfer->answer;
    other->timed_phase = -1;
    other->url = strdup(transfer->url);
    other->bearer = transfer->bearer ? strdup(transfer->bearer) : NULL;
    if (other->url && !transfer->bearer == !other->bearer)
        return other;
    transfer_release(other);
    return NULL;
}

int curl_each_begin(transfer_t *transfer, const resolve_answer_t *answer)
{
    transfer_t *all[RESOLVE_ADDRESSES_MAX] = {transfer};
    size_t n = 1;
    curl_each_t *each = calloc(1, sizeof *each);
    if (!each)
        return -1;
    while (n < answer->n_addresses && (all[n] = make_other(transfer)))
        n++;
    if (n < answer->n_addresses) {
        while (n-- > 1)
            transfer_release(all[n]);
        free(each);
        return -1;
    }
    each->n_running = n;
    for (size_t i = 0; i < n; i++) {
        all[i]->each = each;
        memcpy(all[i]->only, answer->addresses[i], sizeof all[i]->only);
    }
    for (size_t i = 0; i < n; i++)
        transfer_begin_hop(all[i]);
    return 0;
}

/* 0 is the best: an answer of 2xx; above all codes stands none at all. */
static int badness_of(const curl_io_answer_t *answer)
{
    if (answer->end != CURL_IO_END_CURL || answer->code != CURLE_OK)
        return 10;
    return answer->response_code < 200 ? 9 : (int)(answer->response_code / 100) - 2;
}

static bool is_worse(const curl_io_answer_t *a, const curl_io_answer_t *b)
{
    int difference = badness_of(a) - badness_of(b);
    return difference ? difference > 0 : a->latency_us > b->latency_us;
}

transfer_t *curl_each_join(transfer_t *transfer)
{
    curl_each_t *each = transfer->each;
    if (!each->worst) {
        each->worst = transfer;
    } else if (is_worse(&transfer->answer, &each->worst->answer)) {
        transfer_release(each->worst);
        each->worst = transfer;
    } else {
        transfer_release(transfer);
    }
    if (--each->n_running)
        return NULL;
    transfer_t *worst = each->worst;
    free(each);
    worst->each = NULL;
    return worst;
}

static void destroy(transfer_t *all, curl_each_t *each)
{
    for (transfer_t *transfer = all; transfer; transfer = transfer->next)
        if (transfer->each == each)
            transfer->each = NULL;
    free(each);
}

void curl_each_destroy(transfer_t *all)
{
    for (transfer_t *transfer = all; transfer; transfer = transfer->next)
        if (transfer->each)
            destroy(all, transfer->each);
}
