/* Texts of the kernel; the first byte says which. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/probes/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_url(const char *text, size_t n)
{
    char *url = strndup(text, n);
    host_form_t form;
    const char *subject;
    assert(url);
    if (host_url_parse(url, &form, &subject) == 0)
        assert(form < HOST_FORM_COUNT && subject >= url && subject <= url + strlen(url));
    free(url);
}

static void judge(const host_reading_t *reading)
{
    const host_settings_t settings = {.used_degraded = 0.9, .load_degraded = 1};
    host_verdict_t verdict;
    host_judge(&settings, reading, "", 0, &verdict);
    for (size_t i = 0; i < verdict.n_values; i++)
        assert(isfinite(verdict.values[i].number));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    size_t n = size - 1;
    host_reading_t reading = {.form = HOST_LOAD};
    if (data[0] == 'l' && host_read_loadavg(text, n, &reading) == 0)
        judge(&reading);
    reading = (host_reading_t){.form = HOST_MEMORY};
    if (data[0] == 'm' && host_read_meminfo(text, n, &reading) == 0)
        judge(&reading);
    if (data[0] == 's')
        (void)host_stat_is(text, n, "nginx");
    if (data[0] == 'u')
        read_url(text, n);
    return 0;
}
