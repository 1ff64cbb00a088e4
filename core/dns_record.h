/*
 * Records of DNS as texts: the names of types and classes, and the data of a record as dig prints
 * it (RFC 1035, section 3.3 and 5.1; RFC 3597 for a type without a form of its own). Pure; the
 * bytes come from outside.
 */
#ifndef HEALTHD_CORE_DNS_RECORD_H
#define HEALTHD_CORE_DNS_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

/* Bytes of a name on the wire, at most (RFC 1035, section 2.3.4), and of one label. */
#define DNS_NAME_MAX_BYTES  255
#define DNS_LABEL_MAX_BYTES 63
/* Bytes of a name as text with its NUL: every byte as \DDD, and the dots. */
#define DNS_NAME_TEXT_BYTES 1025

#define DNS_CLASS_IN 1
#define DNS_TYPE_SOA 6
#define DNS_TYPE_ANY 255

/* A message, and how far it has been read. */
typedef struct {
    const uint8_t *bytes;
    size_t n;
    size_t at; /* <= n */
} dns_reader_t;

/* The next whole number of 8, 16 or 32 bits; -1: the bytes end before. */
int64_t dns_read_u8(dns_reader_t *reader);
int64_t dns_read_u16(dns_reader_t *reader);
int64_t dns_read_u32(dns_reader_t *reader);

/*
 * The next name as text with a dot at its end ("." is the root); what is special is escaped. 0, or
 * -1 where it is none: cut off, too long, with a label of an unknown kind or a pointer that does
 * not lead back.
 */
int dns_read_name(dns_reader_t *reader, char ret[DNS_NAME_TEXT_BYTES]);

/* Appends the next N bytes, the data of a record of TYPE and CLASS_CODE. 0, or -1 where they are
 * not such data. */
int dns_read_data(dns_reader_t *reader, size_t n, unsigned type, unsigned class_code, text_t *text);

/* Wire form of NAME ("example.org", with or without the last dot). 0, or -1: printable bytes of
 * ASCII but blanks and backslashes in labels of 1 to 63, 255 in all, make a name. */
int dns_name_encode(const char *name, uint8_t ret[DNS_NAME_MAX_BYTES], size_t *ret_n);

/* "A", "TYPE65"; "IN", "CLASS9": into RET, which is given. */
const char *dns_type_text(unsigned type, char ret[16]);
const char *dns_class_text(unsigned class_code, char ret[16]);

#endif
