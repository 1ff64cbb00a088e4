/*
 * Serves the bytes of a file by libmicrohttpd on one thread with epoll, and does nothing else: what
 * GET /health/system is measured against.
 *
 *     bench_bytes_server PORT FILE
 */
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct MHD_Response *response;

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *n_upload, void **of_request)
{
    (void)context, (void)url, (void)method, (void)version, (void)upload, (void)n_upload;
    static int seen;
    if (!*of_request) { /* libmicrohttpd calls once for the head and once for the end */
        *of_request = &seen;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

static char *read_file(const char *path, size_t *ret_n)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        return NULL;
    long n = ftell(file);
    rewind(file);
    char *bytes = n < 0 ? NULL : malloc((size_t)n + 1);
    if (bytes)
        *ret_n = fread(bytes, 1, (size_t)n, file);
    (void)fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    size_t n = 0;
    char *bytes = argc == 3 ? read_file(argv[2], &n) : NULL;
    if (!bytes) {
        (void)fprintf(stderr, "usage: %s PORT FILE\n", argv[0]);
        return 64;
    }
    response = MHD_create_response_from_buffer(n, bytes, MHD_RESPMEM_MUST_FREE);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD,
                                                 (uint16_t)strtoul(argv[1], NULL, 10), NULL, NULL,
                                                 answer, NULL, MHD_OPTION_END);
    if (!daemon) {
        perror("bench_bytes_server");
        return 1;
    }
    int number;
    (void)sigwait(&signals, &number);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    return 0;
}
