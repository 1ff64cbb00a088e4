/* Who among the readers of REST gets a place, and for how long. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "gateway/http_clients.h"
#include "tests/test.h"

static struct sockaddr_in address_of(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    assert_int_equal(inet_pton(AF_INET, text, &address.sin_addr), 1);
    return address;
}

static void one_address_gets_a_share_of_the_places(void **state)
{
    (void)state;
    static http_clients_t clients;
    clients = (http_clients_t){.n_max = HTTP_CONNECTIONS_MAX};
    const struct sockaddr_in greedy = address_of("192.0.2.1");
    const struct sockaddr_in other = address_of("192.0.2.2");
    const struct sockaddr_in local = address_of("127.0.0.1");
    for (int i = 0; i < HTTP_CONNECTIONS_PER_ADDRESS; i++) {
        assert_true(http_clients_admit(&clients, (const struct sockaddr *)&greedy));
        assert_non_null(http_clients_add(&clients, -1, (const struct sockaddr *)&greedy, i));
    }
    assert_false(http_clients_admit(&clients, (const struct sockaddr *)&greedy));
    assert_true(http_clients_admit(&clients, (const struct sockaddr *)&other));
    for (int i = 0; i < HTTP_CONNECTIONS_PER_ADDRESS + 1; i++) {
        assert_true(http_clients_admit(&clients, (const struct sockaddr *)&local));
        assert_non_null(http_clients_add(&clients, -1, (const struct sockaddr *)&local, 1000 + i));
    }
    http_clients_remove(&clients, &clients.places[0]);
    assert_true(http_clients_admit(&clients, (const struct sockaddr *)&greedy));
}

static void who_waits_longest_makes_room_and_who_is_owed_an_answer_stays(void **state)
{
    (void)state;
    static http_clients_t clients;
    clients = (http_clients_t){.n_max = HTTP_CONNECTIONS_MAX};
    const struct sockaddr_in local = address_of("127.0.0.1");
    for (int i = 0; i < HTTP_CONNECTIONS_CROWDED(HTTP_CONNECTIONS_MAX); i++)
        assert_non_null(http_clients_add(&clients, -1, (const struct sockaddr *)&local, 100 + i));
    http_client_turn(&clients.places[0], CLIENT_ASKING, 600);
    http_client_turn(&clients.places[1], CLIENT_IDLE, 700);
    http_client_begins(&clients.places[2], 800);
    assert_true(http_clients_admit(&clients, (const struct sockaddr *)&local));
    assert_int_equal(clients.places[0].phase, CLIENT_ASKING);
    assert_int_equal(clients.places[1].phase, CLIENT_IDLE);
    assert_int_equal(clients.places[2].phase, CLIENT_HALF);
    assert_int_equal(clients.places[3].phase, CLIENT_CUT);
    http_client_turn(&clients.places[3], CLIENT_ASKING, 900); /* too late for that */
    assert_int_equal(clients.places[3].phase, CLIENT_CUT);
    http_clients_sweep(&clients, 600 + HTTP_FIRST_LINE_US);
    assert_int_equal(clients.places[0].phase, CLIENT_ASKING);
    assert_int_equal(clients.places[1].phase, CLIENT_IDLE);
    assert_int_equal(clients.places[2].phase, CLIENT_HALF);
    assert_int_equal(clients.places[4].phase, CLIENT_CUT);
}

static void few_places_keep_some_free_too(void **state)
{
    (void)state;
    static const struct {
        size_t n_max, n_crowded;
    } rows[] = {{512, 448}, {160, 140}, {128, 112}, {64, 48}, {32, 16}, {16, 8}, {1, 1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(HTTP_CONNECTIONS_CROWDED(rows[i].n_max), rows[i].n_crowded);
}

/* A client in BEFORE since 0 whose request line comes at LINE_US, if ever, is there at STAYS_US and
 * cut at CUT_US, one microsecond later. */
static void a_client_has_its_place_until_its_time_is_over(void **state)
{
    (void)state;
    enum { NEVER = -1 };
    static const struct {
        client_phase_t before;
        int64_t line_us;
        int64_t stays_us;
    } rows[] = {
        {CLIENT_NEW, NEVER, HTTP_FIRST_LINE_US - 1},
        {CLIENT_IDLE, NEVER, HTTP_NEXT_LINE_US - 1},
        {CLIENT_READING, NEVER, HTTP_REPLY_US - 1},
        {CLIENT_NEW, 0, HTTP_REQUEST_US - 1},
        {CLIENT_NEW, HTTP_FIRST_LINE_US, HTTP_FIRST_LINE_US + HTTP_REQUEST_US - 1},
        /* a line that came after its time, before the next sweep, wins nothing by it */
        {CLIENT_NEW, HTTP_FIRST_LINE_US + 400000, HTTP_FIRST_LINE_US + HTTP_REQUEST_US - 1},
        {CLIENT_IDLE, HTTP_NEXT_LINE_US, HTTP_NEXT_LINE_US + HTTP_REQUEST_US - 1},
    };
    const struct sockaddr_in local = address_of("127.0.0.1");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        static http_clients_t clients;
        clients = (http_clients_t){.n_max = HTTP_CONNECTIONS_MAX};
        client_t *client = http_clients_add(&clients, -1, (const struct sockaddr *)&local, 0);
        assert_non_null(client);
        http_client_turn(client, rows[i].before, 0);
        if (rows[i].line_us != NEVER)
            http_client_begins(client, rows[i].line_us);
        client_phase_t phase = client->phase;
        http_clients_sweep(&clients, rows[i].stays_us);
        assert_int_equal(client->phase, phase);
        http_clients_sweep(&clients, rows[i].stays_us + 1);
        assert_int_equal(client->phase, CLIENT_CUT);
    }
    assert_true(HTTP_FIRST_LINE_US + HTTP_REQUEST_US < 10000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_address_gets_a_share_of_the_places),
        cmocka_unit_test(who_waits_longest_makes_room_and_who_is_owed_an_answer_stays),
        cmocka_unit_test(few_places_keep_some_free_too),
        cmocka_unit_test(a_client_has_its_place_until_its_time_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
