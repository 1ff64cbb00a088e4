/* What REST offers, as OpenAPI: gateway/openapi.yaml, compiled in. */
#include <stdlib.h>
#include <string.h>

#include <healthd/openapi_file.h>

#include "gateway/routes.h"

#define CONTENT_TYPE_YAML "application/yaml" /* RFC 9512 */

void handle_openapi(gateway_t *gateway, const route_call_t *call)
{
    char *body = strdup(openapi_file);
    gateway_reply(gateway, call->request_id,
                  reply_new(200, CONTENT_TYPE_YAML, body, sizeof openapi_file - 1));
}
