/* gateway/openapi.yaml and the table of routes say the same: every route is in it, and the other
 * way round. The document is read by the lines that begin a path ("  /...:") and a method. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/routes.h"
#include "tests/test.h"

static const char PAGE[] = HEALTHD_SOURCE_DIR "/gateway/openapi.yaml";

/* Rows there must be, so that a document that is read wrongly does not pass. */
#define OPERATIONS_MIN 10
#define OPERATIONS_MAX 200

typedef struct {
    char path[128];
    char method[8];
} operation_t;

static operation_t operations[OPERATIONS_MAX];
static size_t n_operations;

/* Takes what LINE adds; PATH is that of the lines before. */
static void take_line(const char *line, char path[128])
{
    char word[128];
    int end = 0;
    if (sscanf(line, "  /%126[^: ]:%n", word, &end) == 1 && end > 0 && line[2] == '/') {
        (void)snprintf(path, 128, "/%.126s", word);
        return;
    }
    if (strncmp(line, "    ", 4) != 0 || line[4] == ' ' ||
        sscanf(line + 4, "%7[a-z]:%n", word, &end) != 1 || end == 0 || !*path)
        return;
    assert_true(n_operations < OPERATIONS_MAX);
    operation_t *operation = &operations[n_operations++];
    (void)snprintf(operation->path, sizeof operation->path, "%s", path);
    for (size_t i = 0; i < sizeof operation->method; i++)
        operation->method[i] = (char)toupper((unsigned char)word[i]);
}

static int read_document(void **state)
{
    (void)state;
    FILE *file = fopen(PAGE, "r");
    assert_non_null(file);
    char path[128] = "";
    for (char line[1024]; fgets(line, sizeof line, file) && strncmp(line, "components:", 11) != 0;)
        take_line(line, path);
    (void)fclose(file);
    return 0;
}

static bool is_in_document(const route_t *route)
{
    for (size_t i = 0; i < n_operations; i++)
        if (strcmp(operations[i].path, route->pattern) == 0 &&
            strcmp(operations[i].method, route->method) == 0)
            return true;
    return false;
}

static void every_route_is_in_the_document(void **state)
{
    (void)state;
    for (int i = 0; route_at(i); i++)
        if (!is_in_document(route_at(i)))
            fail_msg("gateway/openapi.yaml lacks %s %s", route_at(i)->method, route_at(i)->pattern);
}

static bool is_route(const operation_t *operation)
{
    for (int i = 0; route_at(i); i++)
        if (strcmp(operation->path, route_at(i)->pattern) == 0 &&
            strcmp(operation->method, route_at(i)->method) == 0)
            return true;
    return false;
}

static void every_operation_is_a_route(void **state)
{
    (void)state;
    assert_true(n_operations >= OPERATIONS_MIN);
    for (size_t i = 0; i < n_operations; i++)
        if (!is_route(&operations[i]))
            fail_msg("no route %s %s, which gateway/openapi.yaml shows", operations[i].method,
                     operations[i].path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_in_the_document),
        cmocka_unit_test(every_operation_is_a_route),
    };
    return cmocka_run_group_tests(tests, read_document, NULL);
}
