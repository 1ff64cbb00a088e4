#include "core/blindness.h"

#include <string.h>

/* --- another configuration --- */

static const char *url_of(const config_t *config, size_t address)
{
    return config->targets[config->n_targets + address].url;
}

static bool is_same_check(const config_t *before, const connectivity_check_t *was,
                          const config_t *now, const connectivity_check_t *is)
{
    if (strcmp(was->name, is->name) != 0 || was->n_urls != is->n_urls)
        return false;
    for (size_t i = 0; i < is->n_urls; i++) {
        if (strcmp(url_of(before, was->first_url + i), url_of(now, is->first_url + i)) != 0)
            return false;
    }
    return true;
}

void blindness_reconfigure(blindness_t *self, const config_t *before, const config_t *now,
                           int64_t wall_us)
{
    blindness_t next = {0};
    for (size_t i = 0; i < now->n_connectivity; i++) {
        const connectivity_check_t *check = &now->connectivity[i];
        next.checks[i].since_wall_us = wall_us;
        for (size_t j = 0; before && j < before->n_connectivity; j++) {
            const connectivity_check_t *old = &before->connectivity[j];
            if (!is_same_check(before, old, now, check))
                continue;
            next.checks[i] = self->checks[j];
            memcpy(&next.addresses[check->first_url], &self->addresses[old->first_url],
                   check->n_urls * sizeof next.addresses[0]);
        }
    }
    *self = next;
}

/* --- what the checks say --- */

size_t blindness_check_of(const config_t *config, size_t address)
{
    size_t at = 0;
    while (at + 1 < config->n_connectivity && config->connectivity[at + 1].first_url <= address)
        at++;
    return at;
}

/* Whether every address of CHECK has failed. */
static bool has_failed(const blindness_t *self, const connectivity_check_t *check)
{
    for (size_t i = 0; i < check->n_urls; i++) {
        const address_sight_t *address = &self->addresses[check->first_url + i];
        if (!address->has_result || address->is_ok)
            return false;
    }
    return true;
}

/* Whether the failures of CHECK are of one moment: an old one says nothing of now. Those that are
 * too old are wanted anew. */
static bool is_of_one_moment(blindness_t *self, const connectivity_check_t *check)
{
    int64_t newest_us = 0;
    bool is_so = true;
    for (size_t i = 0; i < check->n_urls; i++) {
        const address_sight_t *address = &self->addresses[check->first_url + i];
        if (address->started_us > newest_us)
            newest_us = address->started_us;
    }
    for (size_t i = 0; i < check->n_urls; i++) {
        address_sight_t *address = &self->addresses[check->first_url + i];
        if (address->arrived_us >= newest_us - BLINDNESS_TOGETHER_US)
            continue;
        address->is_wanted = !address->is_asked;
        is_so = false;
    }
    return is_so;
}

static bool turn(check_sight_t *check, sight_t sight, const address_result_t *result)
{
    if (check->sight == sight)
        return false;
    if (check->sight == SIGHT_LOST)
        check->returned_us = result->arrived_us;
    check->sight = sight;
    check->since_wall_us = result->wall_us;
    return true;
}

bool blindness_take(blindness_t *self, const config_t *config, size_t address,
                    const address_result_t *result)
{
    size_t at = blindness_check_of(config, address);
    check_sight_t *check = &self->checks[at];
    self->addresses[address] = (address_sight_t){
        .has_result = true,
        .is_ok = result->is_ok,
        .started_us = result->started_us,
        .arrived_us = result->arrived_us,
    };
    if (result->is_ok) {
        if (result->started_us > check->seen_us)
            check->seen_us = result->started_us;
        return turn(check, SIGHT_OK, result);
    }
    if (check->sight == SIGHT_LOST || !has_failed(self, &config->connectivity[at]) ||
        !is_of_one_moment(self, &config->connectivity[at]))
        return false;
    return turn(check, check->sight == SIGHT_OK ? SIGHT_LOST : SIGHT_NEVER, result);
}

/* --- what a failure is worth --- */

static bool has_bit(connectivity_mask_t checks, size_t at)
{
    return (checks >> at & 1) != 0;
}

failure_t blindness_judge(const blindness_t *self, const config_t *config,
                          connectivity_mask_t checks, int64_t started_us, int64_t arrived_us,
                          size_t *ret_check)
{
    failure_t failure = FAILURE_IS_SEEN;
    for (size_t i = 0; i < config->n_connectivity; i++) {
        const check_sight_t *check = &self->checks[i];
        if (!has_bit(checks, i) || check->sight == SIGHT_NEVER)
            continue;
        if (check->sight == SIGHT_LOST || started_us < check->returned_us) {
            *ret_check = i;
            return FAILURE_IS_BLIND;
        }
        if (check->seen_us < arrived_us)
            failure = FAILURE_WAITS;
    }
    return failure;
}

void blindness_want(blindness_t *self, const config_t *config, connectivity_mask_t checks,
                    int64_t arrived_us)
{
    for (size_t i = 0; i < config->n_connectivity; i++) {
        const connectivity_check_t *check = &config->connectivity[i];
        if (!has_bit(checks, i) || self->checks[i].seen_us >= arrived_us)
            continue;
        for (size_t j = 0; j < check->n_urls; j++) {
            address_sight_t *address = &self->addresses[check->first_url + j];
            address->is_wanted = !address->is_asked;
        }
    }
}

void blindness_want_sight(blindness_t *self, const config_t *config, connectivity_mask_t checks,
                          int64_t now_us)
{
    for (size_t i = 0; i < config->n_connectivity; i++) {
        const connectivity_check_t *check = &config->connectivity[i];
        if (!has_bit(checks, i) || self->checks[i].sight != SIGHT_LOST)
            continue;
        for (size_t j = 0; j < check->n_urls; j++) {
            address_sight_t *address = &self->addresses[check->first_url + j];
            if (!address->is_asked && now_us - address->arrived_us >= BLINDNESS_TOGETHER_US)
                address->is_wanted = true;
        }
    }
}

int64_t blindness_wait_us(const config_t *config, connectivity_mask_t checks)
{
    int64_t longest_us = 0;
    for (size_t i = 0; i < config->n_connectivity; i++) {
        int64_t timeout_us = (int64_t)config->connectivity[i].timeout_ms * 1000;
        if (has_bit(checks, i) && timeout_us > longest_us)
            longest_us = timeout_us;
    }
    return longest_us + BLINDNESS_WAIT_MARGIN_US;
}

bool blindness_ask(blindness_t *self, const config_t *config, size_t *ret_address)
{
    for (size_t i = 0; i < config->n_internal; i++) {
        address_sight_t *address = &self->addresses[i];
        if (!address->is_wanted)
            continue;
        address->is_wanted = false;
        address->is_asked = true;
        *ret_address = i;
        return true;
    }
    return false;
}
