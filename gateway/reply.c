#include "gateway/reply.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* what is compressed is not written */
#include <zlib.h>

#include "core/utf8.h"

/* Bytes of one text in a fault, with its NUL. */
#define FAULT_TEXT_BYTES 512

reply_t *reply_new(unsigned code, const char *content_type, char *body, size_t n)
{
    reply_t *self = body ? calloc(1, sizeof *self) : NULL;
    if (!self) {
        free(body);
        return NULL;
    }
    self->n_users = 1;
    self->code = code;
    self->content_type = content_type;
    self->body = body;
    self->n_body = n;
    return self;
}

reply_t *reply_of_text(unsigned code, const char *content_type, text_t *text)
{
    size_t n = text->size;
    return reply_new(code, content_type, text_take(text), n);
}

reply_t *reply_of_buffer(int rc, msgpack_sbuffer *buffer)
{
    size_t n = buffer->size;
    char *body = msgpack_sbuffer_release(buffer);
    if (rc == 0)
        return reply_new(200, CONTENT_TYPE_JSON, body, n);
    free(body);
    return NULL;
}

reply_t *reply_around(unsigned code, const char *before, const char *string, size_t n,
                      const char *after)
{
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    int rc = msgpack_sbuffer_write(&body, before, strlen(before));
    if (rc == 0)
        rc = render_json_string(string, n, &body);
    if (rc == 0)
        rc = msgpack_sbuffer_write(&body, after, strlen(after));
    reply_t *self = reply_of_buffer(rc, &body);
    if (self)
        self->code = code;
    return self;
}

reply_t *reply_error(unsigned code, const char *detail, size_t n)
{
    reply_t *self = reply_around(code, "{\"detail\":", detail, n, "}");
    if (self)
        self->is_error = true;
    return self;
}

reply_t *reply_refusal(unsigned code, const char *detail)
{
    reply_t *self = reply_error(code, detail, strlen(detail));
    if (self && (code == 429 || code == 503) && reply_add_header(self, "Retry-After", "1"))
        reply_release(&self);
    return self;
}

/* TEXT, which may have been cut inside of a character, as a JSON string. */
static void append_shown(text_t *out, const char *text)
{
    char shown[FAULT_TEXT_BYTES];
    (void)utf8_repair(text, strlen(text), shown, sizeof shown); /* cut where it is longer */
    text_append_json(out, shown);
}

reply_t *reply_fault(unsigned code, const char *detail, const char *pointer, const char *message)
{
    text_t body = {0};
    text_append_string(&body, "{\"detail\":");
    text_append_json(&body, detail);
    text_append_string(&body, ",\"errors\":[{\"pointer\":");
    append_shown(&body, pointer);
    text_append_string(&body, ",\"message\":");
    append_shown(&body, message);
    text_append_string(&body, "}]}");
    reply_t *self = reply_of_text(code, CONTENT_TYPE_JSON, &body);
    if (self)
        self->is_error = true;
    return self;
}

int reply_add_header(reply_t *self, const char *name, const char *value)
{
    assert(self->n_headers < REPLY_HEADERS_MAX);
    char *copy = strdup(value);
    if (!copy)
        return -1;
    self->headers[self->n_headers++] = (reply_header_t){.name = name, .value = copy};
    return 0;
}

reply_t *reply_share(reply_t *self)
{
    if (self)
        self->n_users++;
    return self;
}

void reply_release(reply_t **self_p)
{
    reply_t *self = *self_p;
    *self_p = NULL;
    if (!self || --self->n_users > 0)
        return;
    for (size_t i = 0; i < self->n_headers; i++)
        free(self->headers[i].value);
    free(self->gzip);
    free(self->body);
    free(self);
}

/* Gives the N bytes of TEXT as a gzip stream, to be freed; NULL where that failed. */
static char *compress_bytes(const char *text, size_t n, size_t *ret_n)
{
    enum { GZIP_WINDOW_BITS = 15 + 16, MEMORY_LEVEL = 8 };
    z_stream stream = {.next_in = (const Bytef *)text, .avail_in = (uInt)n};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    uLong bound = deflateBound(&stream, (uLong)n);
    char *packed = malloc(bound);
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)bound;
    bool is_done = packed && deflate(&stream, Z_FINISH) == Z_STREAM_END;
    *ret_n = stream.total_out;
    (void)deflateEnd(&stream); /* tells only whether it was done, which is known */
    if (is_done)
        return packed;
    free(packed);
    return NULL;
}

const char *reply_gzip(reply_t *self, size_t *ret_n)
{
    if (!self->is_gzip_tried && self->n_body > REPLY_GZIP_MIN_BYTES &&
        self->n_body <= REPLY_GZIP_MAX_BYTES)
        self->gzip = compress_bytes(self->body, self->n_body, &self->n_gzip);
    self->is_gzip_tried = true;
    *ret_n = self->n_gzip;
    return self->gzip;
}
