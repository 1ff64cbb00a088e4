/* What a server answers to INFO. */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/redis_info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *json = redis_info_json((const char *)data, size);
    assert(json);
    json_t *tree = json_loads(json, 0, NULL);
    assert(json_is_object(tree));
    json_decref(tree);
    free(json);
    return 0;
}
