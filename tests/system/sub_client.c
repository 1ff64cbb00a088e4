/*
 * A SUB client of healthd in C, with nothing of healthd's own code in it:
 *   sub_client ENDPOINT PREFIX COUNT
 * prints COUNT messages as lines of JSON, [topic, map], then ends. What came as a float is printed
 * with a point or an exponent, what came as an integer without, so that a reader sees the types.
 */
#include <inttypes.h>
#include <msgpack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void print_text(const char *text, size_t n)
{
    putchar('"');
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == '"' || byte == '\\')
            printf("\\u%04x", byte);
        else
            putchar(byte);
    }
    putchar('"');
}

static void print_float(double value)
{
    char text[64];
    snprintf(text, sizeof text, "%.17g", value);
    printf("%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

static int print_object(const msgpack_object *object);

static int print_list(const msgpack_object_array *list)
{
    int rc = 0;
    putchar('[');
    for (uint32_t i = 0; i < list->size && !rc; i++) {
        if (i > 0)
            putchar(',');
        rc = print_object(&list->ptr[i]);
    }
    putchar(']');
    return rc;
}

static int print_map(const msgpack_object_map *map)
{
    int rc = 0;
    putchar('{');
    for (uint32_t i = 0; i < map->size && !rc; i++) {
        if (i > 0)
            putchar(',');
        if (map->ptr[i].key.type != MSGPACK_OBJECT_STR)
            return -1;
        rc = print_object(&map->ptr[i].key);
        putchar(':');
        if (!rc)
            rc = print_object(&map->ptr[i].val);
    }
    putchar('}');
    return rc;
}

/* -1: a type that the contract does not know. */
static int print_object(const msgpack_object *object)
{
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        fputs("null", stdout);
        return 0;
    case MSGPACK_OBJECT_BOOLEAN:
        fputs(object->via.boolean ? "true" : "false", stdout);
        return 0;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        printf("%" PRIu64, object->via.u64);
        return 0;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        printf("%" PRId64, object->via.i64);
        return 0;
    case MSGPACK_OBJECT_FLOAT64:
        print_float(object->via.f64);
        return 0;
    case MSGPACK_OBJECT_STR:
        print_text(object->via.str.ptr, object->via.str.size);
        return 0;
    case MSGPACK_OBJECT_ARRAY:
        return print_list(&object->via.array);
    case MSGPACK_OBJECT_MAP:
        return print_map(&object->via.map);
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_BIN:
    case MSGPACK_OBJECT_EXT:
        break;
    }
    return -1;
}

static int print_map_of(zmq_msg_t *body)
{
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t used = 0;
    int rc = msgpack_unpack_next(&unpacked, zmq_msg_data(body), zmq_msg_size(body), &used);
    rc = rc == MSGPACK_UNPACK_SUCCESS && used == zmq_msg_size(body) ? print_object(&unpacked.data)
                                                                    : -1;
    msgpack_unpacked_destroy(&unpacked);
    return rc;
}

/* Prints one message; frames beyond the second are reserved and skipped. */
static int print_message(void *subscriber)
{
    zmq_msg_t topic, body;
    zmq_msg_init(&topic);
    zmq_msg_init(&body);
    int rc = -1;
    if (zmq_msg_recv(&topic, subscriber, 0) >= 0 && zmq_msg_more(&topic) &&
        zmq_msg_recv(&body, subscriber, 0) >= 0) {
        putchar('[');
        print_text(zmq_msg_data(&topic), zmq_msg_size(&topic));
        putchar(',');
        rc = print_map_of(&body);
        puts("]");
        fflush(stdout);
        for (int has_more = zmq_msg_more(&body); has_more;) {
            zmq_msg_t skipped;
            zmq_msg_init(&skipped);
            has_more = zmq_msg_recv(&skipped, subscriber, 0) >= 0 && zmq_msg_more(&skipped);
            zmq_msg_close(&skipped);
        }
    }
    zmq_msg_close(&topic);
    zmq_msg_close(&body);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("sub_client ENDPOINT PREFIX COUNT\n", stderr);
        return 64;
    }
    void *context = zmq_ctx_new();
    void *subscriber = zmq_socket(context, ZMQ_SUB);
    int rc = zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, argv[2], strlen(argv[2])) ||
             zmq_connect(subscriber, argv[1]);
    for (long left = strtol(argv[3], NULL, 10); !rc && left > 0; left--)
        rc = print_message(subscriber);
    if (rc)
        fputs("sub_client: a message that the contract does not know, or no connection\n", stderr);
    zmq_close(subscriber);
    zmq_ctx_term(context);
    return rc ? 1 : 0;
}
