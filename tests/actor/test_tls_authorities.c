/* Files of authorities: each is read once, and again when it is another. */
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/io/tls_authorities.h"
#include "tests/test.h"

static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbzCCARWgAwIBAgIUPqIz2cP52nkFZ3JXLmXSWNtbYqUwCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBYTAgFw0yNjExMjQxMzU5MjJaGA8yMTI2MTAzMTEzNTkyMlow\n"
    "DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEI40xUAbqU6\n"
    "vw0aJ8jZsg6lT/U0P+IzCh7EpFfYKJzJeuCcf3dw27M1T+OLh/x5QCPNXKghDVH6\n"
    "UXRMryLiSfmjUzBRMB0GA1UdDgQWBBTZmhFM3hn0wvaGN92xdAgTGsVHKjAfBgNV\n"
    "HSMEGDAWgBTZmhFM3hn0wvaGN92xdAgTGsVHKjAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0gAMEUCIHHs/qD5kqfDhE68j1tEUJ8iXzhLugsFAAgggNZLFOEU\n"
    "AiEA+1xuvsWK2HZFlsERi0df/j/B3ynv3zjZN644+4IBlME=\n"
    "-----END CERTIFICATE-----\n";

typedef struct {
    char folder[32];
    tls_authorities_t *authorities;
} world_t;

/* Writes TEXT as the file NAME, a new one that takes the place of what was there. */
static void write_file(const world_t *world, const char *name, const char *text)
{
    char path[64], fresh[64];
    (void)snprintf(path, sizeof path, "%s/%s", world->folder, name);
    (void)snprintf(fresh, sizeof fresh, "%s/fresh", world->folder);
    FILE *file = fopen(fresh, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, path), 0);
}

/* How many certificates the file NAME is known to hold; -1: it is not known. */
static int n_known(const world_t *world, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s/%s", world->folder, name);
    X509_STORE *store = tls_authorities_of(world->authorities, path);
    if (!store)
        return -1;
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
    int n = sk_X509_OBJECT_num(objects);
    X509_STORE_free(store);
    return n;
}

static void one_file_is_read_once(void **state)
{
    world_t *world = *state;
    write_file(world, "a", certificate);
    char path[64];
    (void)snprintf(path, sizeof path, "%s/a", world->folder);
    X509_STORE *first = tls_authorities_of(world->authorities, path);
    assert_non_null(first);
    X509_STORE *second = tls_authorities_of(world->authorities, path);
    assert_ptr_equal(first, second);
    X509_STORE_free(first);
    X509_STORE_free(second);
}

static void another_file_in_its_place_is_read(void **state)
{
    world_t *world = *state;
    write_file(world, "a", certificate);
    assert_int_equal(n_known(world, "a"), 1);
    write_file(world, "a", "no certificate\n");
    assert_int_equal(n_known(world, "a"), -1);
    write_file(world, "a", certificate);
    assert_int_equal(n_known(world, "a"), 1);
}

static void a_file_that_is_not_there_is_not_known(void **state)
{
    const world_t *world = *state;
    assert_int_equal(n_known(world, "none"), -1);
    assert_int_equal(n_known(world, "."), -1); /* a folder */
}

/* Who still verifies by a store keeps it while its place goes to another file. */
static void more_files_than_are_kept_are_all_read(void **state)
{
    world_t *world = *state;
    char name[16], path[64];
    write_file(world, "0", certificate);
    (void)snprintf(path, sizeof path, "%s/0", world->folder);
    X509_STORE *first = tls_authorities_of(world->authorities, path);
    assert_non_null(first);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i <= TLS_AUTHORITIES_MAX; i++) {
            (void)snprintf(name, sizeof name, "%d", i);
            write_file(world, name, certificate);
            assert_int_equal(n_known(world, name), 1);
        }
    }
    assert_int_equal(sk_X509_OBJECT_num(X509_STORE_get0_objects(first)), 1);
    X509_STORE_free(first);
}

static int begin(void **state)
{
    world_t *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->folder, sizeof world->folder, "/tmp/authorities-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    world->authorities = tls_authorities_new();
    assert_non_null(world->authorities);
    *state = world;
    return 0;
}

static int end(void **state)
{
    world_t *world = *state;
    static const char *const names[] = {"a", "fresh"};
    char path[64];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", world->folder, names[i]);
        (void)unlink(path); /* not every test made each */
    }
    for (int i = 0; i <= TLS_AUTHORITIES_MAX; i++) {
        (void)snprintf(path, sizeof path, "%s/%d", world->folder, i);
        (void)unlink(path); /* as above */
    }
    assert_int_equal(rmdir(world->folder), 0);
    tls_authorities_destroy(&world->authorities);
    free(world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_file_is_read_once, begin, end),
        cmocka_unit_test_setup_teardown(another_file_in_its_place_is_read, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_not_known, begin, end),
        cmocka_unit_test_setup_teardown(more_files_than_are_kept_are_all_read, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
