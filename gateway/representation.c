#include "gateway/representation.h"

#include <stdio.h>
#include <string.h>

#include "gateway/negotiate.h"

representation_t representation_of(reply_t *reply, const preference_t *preference)
{
    bool is_read =
        strcmp(preference->method, "GET") == 0 || strcmp(preference->method, "HEAD") == 0;
    representation_t form = {.code = reply->code, .body = reply->body, .n_body = reply->n_body};
    form.is_negotiable = is_read && reply->code == 200;
    if (!form.is_negotiable)
        return form;
    if (gzip_is_wanted(preference->accept_encoding)) {
        size_t n_gzip;
        const char *gzip = reply_gzip(reply, &n_gzip);
        if (gzip) {
            form.is_gzip = true;
            form.body = gzip;
            form.n_body = n_gzip;
        }
    }
    if (!reply->etag[0])
        return form;
    (void)snprintf(form.etag, sizeof form.etag, "\"%s%s\"", reply->etag,
                   form.is_gzip ? "-gzip" : "");
    if (etag_matches(preference->if_none_match, form.etag)) {
        form.code = 304;
        form.n_body = 0;
    }
    return form;
}
