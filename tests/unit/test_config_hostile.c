/* Configuration files that mean harm: refused soon and with little memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actors/supervisor/config_load.h"
#include "core/text.h"
#include "tests/support/support.h"
#include "tests/test.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

/* What a hostile file may take (the memory is that of the whole process). */
#define HOSTILE_MAX_SECONDS 1.0
#define HOSTILE_MAX_KIB     ((long)50 << 10)

static const char *lookup(const char *name, void *context)
{
    (void)name;
    (void)context;
    return NULL;
}

static void write_file(const char *path, const char *bytes, size_t n)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

typedef struct {
    const char *name;
    const char *start, *repeated, *end;
    size_t n_times;
} hostile_t;

static const hostile_t hostiles[] = {
    {"50 MB of one text", "a: ", "xxxxxxxxxx", "\n", 5000000},
    {"50 MB of lists", "", "[", "", 50000000},
    {"10,000 lists deep", "", "[", "", 10000},
    {"10,000 lists deep, closed soon", "a: ", "[", "]", 10000},
    {"10,000 maps deep", "", "{a: ", "", 10000},
    {"10,000 blocks deep", "", "- ", "x\n", 10000},
    {"half a MB of lists in lines", "", "[\n", "", 260000},
    {"half a MB of lists that look closed", "", "[\"]\",", "", 104000},
    {"half a MB of lists with a closing comment", "", "[ #]\n", "", 104000},
    {"half a MB of anchors", "", "&a ", "", 170000},
    {"half a MB of anchors in lines", "", "&a\n", "", 170000},
    {"half a MB of tags", "", "!a ", "", 170000},
    {"half a MB of question marks", "", "? ", "", 260000},
    {"half a MB of directives", "", "%a\n", "", 170000},
    {"half a MB of escapes", "a: \"", "\\n", "\"\n", 260000},
    {"half a MB of items", "a: [", "1,", "]\n", 260000},
    {"half a MB of keys", "a: {", "k: 1,", "}\n", 100000},
    {"half a MB of documents", "", "---\n", "", 130000},
    {"half a MB of aliases", "a: &a 1\nb: [", "*a,", "]\n", 170000},
    {"half a MB of doubled keys", "", "version: 1\n", "", 45000},
    {"half a MB of bad targets", "services:\n", "- {nam: x}\n", "", 45000},
    {"half a MB of bad values", "services: [", "{name: a, url: x},", "]\n", 25000},
};

static void write_hostile(const hostile_t *hostile)
{
    text_t text = {0};
    text_append_string(&text, hostile->start);
    for (size_t i = 0; i < hostile->n_times; i++)
        text_append_string(&text, hostile->repeated);
    text_append_string(&text, hostile->end);
    assert_false(text.is_failed);
    write_file("x.yaml", text.bytes, text.size);
    text_clear(&text);
}

/* A tool that multiplies time and memory runs this program: then the bounds say nothing. */
static bool is_instrumented(void)
{
    return IS_SANITIZED || getenv("HEALTHD_TEST_WITHOUT_BOUNDS") != NULL;
}

/* In a process of its own, so that its memory can be told from that of the others. */
static void take_hostile(const hostile_t *hostile)
{
    write_hostile(hostile);
    (void)fflush(NULL); /* the child ends as programs end, for what counts coverage */
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        config_load_t load;
        int rc = config_load("x.yaml", lookup, NULL, &load);
        bool is_refused = rc == -1 && load.report && load.n_faults > 0;
        config_load_clear(&load);
        exit(is_refused ? EXIT_SUCCESS
                        : EXIT_FAILURE); /* NOLINT(concurrency-mt-unsafe): one thread */
    }
    int status = 0;
    struct rusage usage;
    assert_int_equal(wait4(pid, &status, 0, &usage), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s: not refused (status %d)", hostile->name, status);
    double seconds = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
                     (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
    print_message("%s: %.2f s, %ld MiB\n", hostile->name, seconds, usage.ru_maxrss >> 10);
    if (!is_instrumented() && (seconds > HOSTILE_MAX_SECONDS || usage.ru_maxrss > HOSTILE_MAX_KIB))
        fail_msg("%s: %.2f s and %ld KiB", hostile->name, seconds, usage.ru_maxrss);
}

static void hostile_files_are_refused_in_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hostiles); i++)
        take_hostile(&hostiles[i]);
}

int main(void)
{
    char folder[64];
    const struct CMUnitTest tests[] = {cmocka_unit_test(hostile_files_are_refused_in_bounds)};
    support_make_folder(folder);
    if (chdir(folder))
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    support_remove_folder(folder);
    return rc;
}
