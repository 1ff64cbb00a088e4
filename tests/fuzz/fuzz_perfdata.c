/* What a plugin prints. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/perfdata.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    perfdata_t read;
    perfdata_read((const char *)data, size, &read);
    assert(read.n <= MEASURED_VALUES_MAX);
    assert(perfdata_text_bytes((const char *)data, size) <= size);
    for (size_t i = 0; i < read.n; i++) {
        const char *name = read.values[i].name;
        assert(isfinite(read.values[i].number));
        assert(name[0] && strlen(name) <= VALUE_NAME_MAX_BYTES && utf8_is_text(name, strlen(name)));
        for (size_t j = 0; j < i; j++)
            assert(strcmp(name, read.values[j].name) != 0);
    }
    return 0;
}
