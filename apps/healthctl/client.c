#include "apps/healthctl/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cleanup.h"

#include "apps/healthctl/table.h"

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
    answer_t *answer = context;
    if (answer->body.size + size * n > CLIENT_ANSWER_MAX_BYTES)
        return 0; /* curl ends the transfer */
    text_append(&answer->body, bytes, size * n);
    return answer->body.is_failed ? 0 : size * n;
}

static void headers_destroy(struct curl_slist **headers)
{
    curl_slist_free_all(*headers);
    *headers = NULL;
}

/* The headers of a write: no form is sent, and the credential is shown to writes alone. */
static struct curl_slist *write_headers(const options_t *options)
{
    struct curl_slist *headers =
        curl_slist_append(NULL, options->body ? "Content-Type: application/json" : "Content-Type:");
    if (!headers || !options->token)
        return headers;
    text_t line = {0};
    text_appendf(&line, "Authorization: Bearer %s", options->token);
    struct curl_slist *longer = line.is_failed ? NULL : curl_slist_append(headers, line.bytes);
    text_clear(&line);
    if (!longer)
        curl_slist_free_all(headers);
    return longer;
}

static void transfer(CURL *curl, const options_t *options, const char *url,
                     const struct curl_slist *headers, answer_t *answer)
{
    char reason[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_DEFAULT_PROTOCOL, "http");
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*"); /* a proxy knows another 127.0.0.1 */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, options->timeout_s);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (headers) {
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, options->body ? options->body : "");
    }
    CURLcode rc = curl_easy_perform(curl);
    if (rc == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->code);
    else if (rc == CURLE_WRITE_ERROR)
        snprintf(answer->reason, sizeof answer->reason, "the answer is too long");
    else
        snprintf(answer->reason, sizeof answer->reason, "%s",
                 *reason ? reason : curl_easy_strerror(rc));
}

void client_ask(const options_t *options, const char *path, bool is_post, answer_t *answer)
{
    *answer = (answer_t){.reason = "memory ran out"};
    size_t n = strlen(options->url);
    while (n > 0 && options->url[n - 1] == '/')
        n--;
    text_t url = {0};
    text_appendf(&url, "%.*s%s", (int)n, options->url, path);
    CURL *curl = curl_easy_init();
    CLEANUP(headers_destroy)
    struct curl_slist *headers = is_post ? write_headers(options) : NULL;
    if (curl && !url.is_failed && (headers || !is_post))
        transfer(curl, options, url.bytes, headers, answer);
    curl_easy_cleanup(curl);
    text_clear(&url);
}

/* The URL without user and password, which belong on no screen. */
static void append_url(text_t *out, const char *url)
{
    char *plain = NULL;
    CURLU *parts = curl_url();
    bool is_read = parts && !curl_url_set(parts, CURLUPART_URL, url, CURLU_GUESS_SCHEME) &&
                   !curl_url_set(parts, CURLUPART_USER, NULL, 0) &&
                   !curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0) &&
                   !curl_url_get(parts, CURLUPART_URL, &plain, 0);
    table_escape(out, is_read ? plain : "the given URL", 200);
    curl_free(plain);
    curl_url_cleanup(parts);
}

void client_complain(const options_t *options, const answer_t *answer)
{
    text_t line = {0};
    if (answer->code == 0) {
        append_url(&line, options->url);
        text_append_string(&line, " cannot be reached: ");
        table_escape(&line, answer->reason, 200);
    } else {
        json_t *body = json_loadb(answer->body.bytes ? answer->body.bytes : "", answer->body.size,
                                  JSON_ALLOW_NUL, NULL);
        const char *detail = json_string_value(json_object_get(body, "detail"));
        table_escape(&line, detail ? detail : "healthd refused", 400);
        text_appendf(&line, " (HTTP %ld)", answer->code);
        if (answer->code == 401)
            text_append_string(&line, "; give the token with --token or HEALTHD_TOKEN");
        json_decref(body);
    }
    fprintf(stderr, "healthctl: %s\n", line.is_failed ? "memory ran out" : line.bytes);
    text_clear(&line);
}

int client_expect(const options_t *options, const char *path, bool is_post, answer_t *answer)
{
    client_ask(options, path, is_post, answer);
    if (answer->code == 200)
        return 0;
    client_complain(options, answer);
    client_clear(answer);
    return -1;
}

json_t *client_read(const options_t *options, const char *path, int *ret_exit)
{
    answer_t answer;
    *ret_exit = 1;
    if (client_expect(options, path, false, &answer))
        return NULL;
    const char *bytes = answer.body.bytes ? answer.body.bytes : "";
    json_t *body = json_loadb(bytes, answer.body.size, JSON_ALLOW_NUL, NULL);
    if (!json_is_object(body)) {
        fputs("healthctl: the answer is not healthd's: no JSON object\n", stderr);
        json_decref(body);
        body = NULL;
    } else {
        *ret_exit = options->is_json ? table_print_raw(bytes, answer.body.size) : 0;
    }
    client_clear(&answer);
    return body;
}

void client_clear(answer_t *answer)
{
    text_clear(&answer->body);
}
