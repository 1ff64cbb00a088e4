#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actors/io/curl_transfer.h"

const char *curl_redirect_location(const transfer_t *transfer)
{
    long code = 0;
    if (!transfer->settings->follows_redirects)
        return NULL;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
    if (code != 301 && code != 302 && code != 303 && code != 307 && code != 308)
        return NULL;
    struct curl_header *header = NULL;
    if (curl_easy_header(transfer->easy, "Location", 0, CURLH_HEADER, -1, &header) ||
        !header->value[0])
        return NULL;
    return header->value;
}

/* The absolute URL of LOCATION seen from URL, for free(); NULL where there is none. */
static char *join_url(const char *url, const char *location)
{
    CURLU *joined = curl_url();
    char *text = NULL;
    char *copy = NULL;
    if (joined && !curl_url_set(joined, CURLUPART_URL, url, 0) &&
        !curl_url_set(joined, CURLUPART_URL, location, CURLU_URLENCODE) &&
        !curl_url_set(joined, CURLUPART_FRAGMENT, NULL, 0) &&
        !curl_url_get(joined, CURLUPART_URL, &text, 0))
        copy = strdup(text);
    curl_free(text);
    curl_url_cleanup(joined);
    return copy;
}

static bool is_same_host(const http_url_t *a, const http_url_t *b)
{
    return strcasecmp(a->host, b->host) == 0;
}

static bool is_same_origin(const http_url_t *a, const http_url_t *b)
{
    return is_same_host(a, b) && a->port == b->port && a->is_https == b->is_https;
}

/* The usual step from http to https; the host is the same and the road a better one. */
static bool is_upgrade(const http_url_t *from, const http_url_t *to)
{
    return !from->is_https && from->port == 80 && to->is_https && to->port == 443;
}

/* As browsers do: a POST becomes a GET, and 303 makes one of all but HEAD. 307 and 308 keep all. */
static bool turns_get(const transfer_t *transfer, long code)
{
    const char *method = transfer->settings->method ? transfer->settings->method : "GET";
    if (code == 303)
        return strcmp(method, "HEAD") != 0;
    return (code == 301 || code == 302) && strcmp(method, "POST") == 0;
}

/* Cookies (RFC 6265) know hosts, but no ports: what one port set is not shown to another. */
static void leave_cookies(const transfer_t *transfer, const http_url_t *place)
{
    if (is_same_host(&transfer->place, place) && !is_same_origin(&transfer->place, place) &&
        !is_upgrade(&transfer->place, place))
        curl_easy_setopt(transfer->easy, CURLOPT_COOKIELIST, "ALL");
}

int curl_redirect_follow(transfer_t *transfer, const char *location, long code,
                         curl_io_end_t *reterr, const char **reterr_text)
{
    const http_settings_t *settings = transfer->settings;
    if (transfer->answer.n_redirects >= settings->redirects_max) {
        *reterr = CURL_IO_END_TOO_MANY_REDIRECTS;
        *reterr_text = "Exceeded maximum allowed redirects.";
        return -1;
    }
    char *url = join_url(transfer->url, location);
    http_url_t place;
    *reterr = CURL_IO_END_BAD_REDIRECT;
    if (!url || http_url_parse(url, &place)) {
        free(url);
        *reterr_text = "Redirect to an address that is not allowed";
        return -1;
    }
    if (settings->redirect_scope == REDIRECT_SAME_HOST &&
        !is_same_host(&transfer->origin, &place)) {
        free(url);
        *reterr_text = "Redirect to another host";
        return -1;
    }
    leave_cookies(transfer, &place);
    transfer->answer.n_redirects++;
    transfer->is_turned_get = transfer->is_turned_get || turns_get(transfer, code);
    transfer->was_origin_left =
        transfer->was_origin_left || !is_same_origin(&transfer->origin, &place);
    free(transfer->url);
    transfer->url = url;
    transfer->place = place;
    return 0;
}
