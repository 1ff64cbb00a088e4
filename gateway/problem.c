#include "gateway/problem.h"

#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

bool path_is_below_api(slice_t path)
{
    slice_t nothing[PATH_PARAMETERS_MAX];
    size_t n = 0; /* of the first two segments, with their slashes */
    for (unsigned slashes = 0; n < path.n; n++)
        if (path.text[n] == '/' && ++slashes == 3)
            break;
    return path_matches("/api/v1", (slice_t){.text = path.text, .n = n}, nothing);
}

/* What a code is called (RFC 9110, section 15; RFC 6585). */
static const char *title_of(unsigned code)
{
    static const struct {
        unsigned code;
        const char *title;
    } rows[] = {
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code == code)
            return rows[i].title;
    return "Error";
}

/* Appends PATH, cut, as the value of `instance`. */
static void append_instance(text_t *body, slice_t path)
{
    size_t n = path.n < PROBLEM_INSTANCE_MAX_BYTES ? path.n : PROBLEM_INSTANCE_MAX_BYTES;
    char instance[PROBLEM_INSTANCE_MAX_BYTES * UTF8_REPAIR_FACTOR + 1];
    (void)utf8_repair(path.text, n, instance, sizeof instance); /* the text is what is wanted */
    text_append_json(body, instance);
}

static reply_t *problem_new(slice_t path, const reply_t *reply)
{
    text_t body = {0};
    text_appendf(&body, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,",
                 title_of(reply->code), reply->code);
    /* What the error says, without its braces: detail, and errors where there are some. */
    text_append(&body, reply->body + 1, reply->n_body - 2);
    text_append_string(&body, ",\"instance\":");
    append_instance(&body, path);
    text_append_string(&body, "}");
    reply_t *problem = reply_of_text(reply->code, CONTENT_TYPE_PROBLEM, &body);
    for (size_t i = 0; problem && i < reply->n_headers; i++)
        if (reply_add_header(problem, reply->headers[i].name, reply->headers[i].value))
            reply_release(&problem);
    return problem;
}

reply_t *problem_of(const char *target, reply_t *reply)
{
    if (!reply || !reply->is_error || reply->code < 400)
        return reply_share(reply);
    slice_t path;
    slice_t query;
    path_split(target, &path, &query);
    return path_is_below_api(path) ? problem_new(path, reply) : reply_share(reply);
}
