#include "gateway/http_response.h"

#include "gateway/negotiate.h"

static void release_reply(void *context)
{
    reply_t *reply = context;
    reply_release(&reply);
}

/* The body of FORM as a response without headers. */
static struct MHD_Response *body_of(reply_t *reply, const representation_t *form)
{
    /* The library asks for a buffer that may be written, but only reads it. */
    union {
        const char *read; /* cppcheck-suppress unusedStructMember ; it is initialised */
        void *write;
    } body = {.read = form->body};
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
        form->n_body, body.write, release_reply, reply_share(reply));
    if (!response)
        release_reply(reply);
    return response;
}

static bool add_headers(struct MHD_Response *response, const reply_t *reply,
                        const representation_t *form, const char *request_id)
{
    struct {
        const char *name;
        const char *value; /* NULL: not with this answer */
    } headers[7 + REPLY_HEADERS_MAX] = {
        {"Cache-Control", "no-cache"},
        {"X-Content-Type-Options", "nosniff"},
        {"Content-Type", form->n_body > 0 ? reply->content_type : NULL},
        {"Content-Encoding", form->n_body > 0 && form->is_gzip ? "gzip" : NULL},
        {"Vary", form->is_negotiable ? "Accept-Encoding" : NULL},
        {"ETag", form->etag[0] ? form->etag : NULL},
        {"X-Request-Id", request_id_is_sane(request_id) ? request_id : NULL},
    };
    for (size_t i = 0; i < reply->n_headers; i++) {
        headers[7 + i].name = reply->headers[i].name;
        headers[7 + i].value = reply->headers[i].value;
    }
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        if (headers[i].value &&
            MHD_add_response_header(response, headers[i].name, headers[i].value) != MHD_YES)
            return false;
    return true;
}

struct MHD_Response *http_response_new(reply_t *reply, const representation_t *form,
                                       const char *request_id)
{
    struct MHD_Response *response = body_of(reply, form);
    if (!response || add_headers(response, reply, form, request_id))
        return response;
    MHD_destroy_response(response);
    return NULL;
}
