#include "core/dns_record.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* --- bytes --- */

static int64_t read_number(dns_reader_t *reader, size_t n)
{
    if (reader->n - reader->at < n)
        return -1;
    int64_t number = 0;
    for (size_t i = 0; i < n; i++)
        number = number << 8 | reader->bytes[reader->at++];
    return number;
}

int64_t dns_read_u8(dns_reader_t *reader)
{
    return read_number(reader, 1);
}

int64_t dns_read_u16(dns_reader_t *reader)
{
    return read_number(reader, 2);
}

int64_t dns_read_u32(dns_reader_t *reader)
{
    return read_number(reader, 4);
}

/* --- names --- */

enum { POINTER_BITS = 0xC0 };
/* Pointers of one name, at most: more than its labels can need. */
#define POINTERS_MAX 127

/* Writes BYTE of a label, which takes at most four bytes; gives how many. */
static size_t put_label_byte(uint8_t byte, char *text)
{
    bool is_special = byte && strchr(".\\\"();@$", byte);
    if (is_special || (byte > 0x20 && byte < 0x7F)) {
        size_t n = 0;
        if (is_special)
            text[n++] = '\\';
        text[n++] = (char)byte;
        return n;
    }
    text[0] = '\\';
    text[1] = (char)('0' + byte / 100);
    text[2] = (char)('0' + byte / 10 % 10);
    text[3] = (char)('0' + byte % 10);
    return 4;
}

/* Where the pointer at AT leads; each leads before the one that led to it, so that there is no
 * loop. SIZE_MAX: it does not. */
static size_t follow(const dns_reader_t *reader, size_t at, size_t lowest)
{
    if (reader->n - at < 2)
        return SIZE_MAX;
    size_t to = (size_t)(reader->bytes[at] & ~POINTER_BITS) << 8 | reader->bytes[at + 1];
    return to < lowest ? to : SIZE_MAX;
}

int dns_read_name(dns_reader_t *reader, char ret[DNS_NAME_TEXT_BYTES])
{
    size_t at = reader->at;
    size_t lowest = at; /* a pointer leads before this */
    size_t end = 0;     /* of the name where it stands; 0: no pointer was met */
    size_t n_wire = 1;
    size_t n = 0;
    int n_pointers = 0;
    while (at < reader->n && reader->bytes[at] != 0) {
        uint8_t length = reader->bytes[at];
        if ((length & POINTER_BITS) == POINTER_BITS) {
            size_t to = follow(reader, at, lowest);
            if (to == SIZE_MAX || ++n_pointers > POINTERS_MAX)
                return -1;
            end = end ? end : at + 2;
            at = lowest = to;
            continue;
        }
        n_wire += length + 1u;
        if (length & POINTER_BITS || reader->n - at <= length || n_wire > DNS_NAME_MAX_BYTES)
            return -1;
        for (size_t i = 1; i <= length; i++)
            n += put_label_byte(reader->bytes[at + i], ret + n);
        ret[n++] = '.';
        at += length + 1u;
    }
    if (at >= reader->n)
        return -1;
    if (n == 0)
        ret[n++] = '.';
    ret[n] = '\0';
    reader->at = end ? end : at + 1;
    return 0;
}

int dns_name_encode(const char *name, uint8_t ret[DNS_NAME_MAX_BYTES], size_t *ret_n)
{
    size_t n = 0;
    const char *label = strcmp(name, ".") == 0 ? "" : name;
    if (!name[0])
        return -1;
    while (*label) {
        size_t length = strcspn(label, ".");
        if (length == 0 || length > DNS_LABEL_MAX_BYTES || n + length + 2 > DNS_NAME_MAX_BYTES)
            return -1;
        ret[n++] = (uint8_t)length;
        for (size_t i = 0; i < length; i++) {
            if (label[i] <= 0x20 || label[i] >= 0x7F || label[i] == '\\')
                return -1;
            ret[n++] = (uint8_t)label[i];
        }
        label += length;
        label += *label == '.';
    }
    ret[n++] = 0;
    *ret_n = n;
    return 0;
}

/* --- the data of a record --- */

/*
 * The fields of a type's data, one letter each: 1 2 4 a number of so many bytes, n a name, a and 6
 * an address, s a text, S texts up to the end, t a text without quotes, v a text that is the rest,
 * x the rest as hexadecimal digits.
 */
static const struct {
    const char *name;
    const char *fields;
    unsigned type;
    bool is_internet; /* in other classes the data is another */
} types[] = {
    {"A", "a", 1, true},           {"NS", "n", 2, false},
    {"CNAME", "n", 5, false},      {"SOA", "nn44444", DNS_TYPE_SOA, false},
    {"PTR", "n", 12, false},       {"HINFO", "ss", 13, false},
    {"MX", "2n", 15, false},       {"TXT", "S", 16, false},
    {"AAAA", "6", 28, true},       {"SRV", "222n", 33, true},
    {"NAPTR", "22sssn", 35, true}, {"DNAME", "n", 39, false},
    {"DS", "211x", 43, false},     {"SSHFP", "11x", 44, true},
    {"RRSIG", NULL, 46, false},    {"NSEC", NULL, 47, false},
    {"DNSKEY", NULL, 48, false},   {"TLSA", "111x", 52, false},
    {"SVCB", NULL, 64, true},      {"HTTPS", NULL, 65, true},
    {"SPF", "S", 99, false},       {"ANY", NULL, DNS_TYPE_ANY, false},
    {"CAA", "1tv", 257, false},
};

const char *dns_type_text(unsigned type, char ret[16])
{
    (void)snprintf(ret, 16, "TYPE%u", type);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type)
            (void)snprintf(ret, 16, "%s", types[i].name);
    return ret;
}

const char *dns_class_text(unsigned class_code, char ret[16])
{
    static const char *const names[] = {NULL, "IN", NULL, "CH", "HS"};
    if (class_code < sizeof names / sizeof names[0] && names[class_code])
        (void)snprintf(ret, 16, "%s", names[class_code]);
    else
        (void)snprintf(ret, 16, "CLASS%u", class_code);
    return ret;
}

static int put_number(dns_reader_t *reader, size_t n, text_t *text)
{
    int64_t number = read_number(reader, n);
    if (number >= 0)
        text_appendf(text, "%lld", (long long)number);
    return number >= 0 ? 0 : -1;
}

static int put_name(dns_reader_t *reader, text_t *text)
{
    char name[DNS_NAME_TEXT_BYTES];
    if (dns_read_name(reader, name))
        return -1;
    text_append_string(text, name);
    return 0;
}

static int put_address(dns_reader_t *reader, int family, size_t n, text_t *text)
{
    char address[INET6_ADDRSTRLEN];
    if (reader->n - reader->at < n ||
        !inet_ntop(family, reader->bytes + reader->at, address, sizeof address))
        return -1;
    reader->at += n;
    text_append_string(text, address);
    return 0;
}

static void put_text_byte(uint8_t byte, text_t *text)
{
    char escaped[4] = {'\\', (char)('0' + byte / 100), (char)('0' + byte / 10 % 10),
                       (char)('0' + byte % 10)};
    if (byte < 0x20 || byte >= 0x7F) {
        text_append(text, escaped, 4);
        return;
    }
    escaped[1] = (char)byte;
    bool is_special = byte == '"' || byte == '\\';
    text_append(text, escaped + !is_special, 1u + is_special);
}

static int put_bytes(dns_reader_t *reader, size_t n, const char *quote, text_t *text)
{
    if (reader->n - reader->at < n)
        return -1;
    text_append_string(text, quote);
    for (size_t i = 0; i < n; i++)
        put_text_byte(reader->bytes[reader->at++], text);
    text_append_string(text, quote);
    return 0;
}

static int put_string(dns_reader_t *reader, const char *quote, text_t *text)
{
    int64_t n = dns_read_u8(reader);
    return n < 0 ? -1 : put_bytes(reader, (size_t)n, quote, text);
}

static int put_strings(dns_reader_t *reader, text_t *text)
{
    const char *separator = "";
    do {
        text_append_string(text, separator);
        if (put_string(reader, "\"", text))
            return -1;
        separator = " ";
    } while (reader->at < reader->n);
    return 0;
}

static int put_hexadecimal(dns_reader_t *reader, text_t *text)
{
    static const char digits[] = "0123456789ABCDEF";
    while (reader->at < reader->n) {
        uint8_t byte = reader->bytes[reader->at++];
        text_append(text, (const char[]){digits[byte >> 4], digits[byte & 15]}, 2);
    }
    return 0;
}

static int put_field(dns_reader_t *reader, char field, text_t *text)
{
    switch (field) {
    case 'n':
        return put_name(reader, text);
    case 'a':
        return put_address(reader, AF_INET, 4, text);
    case '6':
        return put_address(reader, AF_INET6, 16, text);
    case 's':
        return put_string(reader, "\"", text);
    case 't':
        return put_string(reader, "", text);
    case 'S':
        return put_strings(reader, text);
    case 'v':
        return put_bytes(reader, reader->n - reader->at, "\"", text);
    case 'x':
        return put_hexadecimal(reader, text);
    default:
        return put_number(reader, (size_t)(field - '0'), text);
    }
}

static const char *fields_of(unsigned type, unsigned class_code)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type && (!types[i].is_internet || class_code == DNS_CLASS_IN))
            return types[i].fields;
    return NULL;
}

int dns_read_data(dns_reader_t *reader, size_t n, unsigned type, unsigned class_code, text_t *text)
{
    if (reader->n - reader->at < n)
        return -1;
    dns_reader_t data = {.bytes = reader->bytes, .n = reader->at + n, .at = reader->at};
    const char *fields = fields_of(type, class_code);
    if (!fields) {
        text_appendf(text, "\\# %zu%s", n, n ? " " : "");
        fields = "x";
    }
    for (size_t i = 0; fields[i]; i++) {
        if (i)
            text_append_string(text, " ");
        if (put_field(&data, fields[i], text))
            return -1;
    }
    reader->at = data.n;
    return data.at == data.n ? 0 : -1;
}
