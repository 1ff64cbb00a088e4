/* The bytes of messages in the notation of tests/unit/bytes.h, made by another msgpack library. */
#ifndef HEALTHD_TESTS_UNIT_MESSAGE_BYTES_H
#define HEALTHD_TESTS_UNIT_MESSAGE_BYTES_H

/* clang-format off */
#define CONDITION \
    "84 a4'text' ad'status == 200' a6'actual' a3'503' a7'outcome' 01 ab'is_degraded' c2 "

#define MEASUREMENT \
    "de 00 10 a2'ip' a3'::1' a9'http_code' cd 01 f7 ac'http_version' a1'2' ab'tls_version' " \
    "a3'1.3' aa'resolve_us' 01 aa'connect_us' 02 a6'tls_us' cd 01 2c ad'first_byte_us' 04 " \
    "ab'transfer_us' 05 b2'cert_expires_at_us' cf 00 06 60 fc b4 20 11 5c " \
    "b7'cert_leaf_expires_at_us' cf 00 06 60 fc b4 20 11 5d ab'n_redirects' 02 " \
    "b4'content_length_bytes' ce 00 01 11 70 aa'was_reused' c3 aa'conditions' 92 84 " \
    "a4'text' ad'status == 200' a6'actual' a3'503' a7'outcome' 01 ab'is_degraded' c2 84 " \
    "a4'text' ac'latency < 1s' a6'actual' a7'missing' a7'outcome' 02 ab'is_degraded' c3 " \
    "a6'values' 91 " VALUE

#define VALUE "82 a4'name' a4'/var' a6'number' cb 40 2b 80 00 00 00 00 00 "

#define MEASUREMENT_BARE \
    "8b a9'http_code' ff aa'resolve_us' ff aa'connect_us' ff a6'tls_us' ff " \
    "ad'first_byte_us' ff ab'transfer_us' ff b2'cert_expires_at_us' 00 " \
    "b7'cert_leaf_expires_at_us' 00 ab'n_redirects' 00 b4'content_length_bytes' ff " \
    "aa'was_reused' c2 "

#define RESULT \
    "8e a6'target' a5'redis' a6'status' 02 a6'reason' 08 ae'finished_at_us' cf 00 06 60  " \
    "fc b4 20 11 5c aa'latency_us' cd 12 8e a5'error' a2 c3 a9 a7'details' a7'{\"a\":1}'  " \
    "a8'entry_id' a3'1-0' a8'is_clear' c3 a8'order_id' 05 aa'is_dry_run' c3 "  \
    "ab'measurement' " MEASUREMENT "a8'evidence' a2'{}' af'started_mono_us' cd 03 84 "

#define RESULT_BARE \
    "89 a6'target' a1'a' a6'status' 00 a6'reason' 00 ae'finished_at_us' cf 00 06 60 fc b4  " \
    "20 11 5c aa'latency_us' ff a8'is_clear' c2 a8'order_id' 00 aa'is_dry_run' c2 " \
    "af'started_mono_us' 00 "

#define PAUSE \
    "84 a6'reason' a2 c3 a9 a2'by' a1'a' a8'since_us' cf 00 06 60 fc b4 20 11 5c a8'until_us'  " \
    "cf 00 06 60 fc b4 20 11 5d "

#define TARGET \
    "8f a4'name' a5'redis' a4'kind' 01 a6'status' 02 ab'is_critical' c3 ab'is_flapping' c2 b3'is_flapping_unknown' c2 a6'reason' 08  " \
    "aa'latency_us' cd 12 8e ad'checked_at_us' cf 00 06 60 fc b4 20 11 5c a8'since_us' cf  " \
    "00 06 60 fc b4 20 11 5b a5'error' a2'no' a7'details' a4'null' a8'entry_id' a3'1-0' " \
    "ab'measurement' " MEASUREMENT_BARE " a5'pause'" PAUSE

#define TARGET_BARE \
    "8a a4'name' a1'a' a4'kind' 00 a6'status' 03 ab'is_critical' c2 ab'is_flapping' c2 b3'is_flapping_unknown' c2 a6'reason' 00  " \
    "aa'latency_us' ff ad'checked_at_us' 00 a8'since_us' 00 "

#define ALERT \
    "8d a8'alert_id' ac'a_CRITICAL_T' a9'component' a1'a' a4'kind' 01 a5'level' 02 a6'reason' 08  " \
    "a5'title' a1't' a7'message' a1'm' a7'details' a2'{}' a8'entry_id' a3'1-0'  " \
    "ac'raised_at_us' cf 00 06 60 fc b4 20 11 5c ae'resolved_at_us' cf 00 06 60 fc b4 20  " \
    "11 5d aa'resolution' 01 ac'is_unwritten' c3 "

#define ALERT_BARE \
    "8b a8'alert_id' a0 a9'component' a0 a4'kind' 00 a5'level' 00 a6'reason' 00 a5'title' a0  " \
    "a7'message' a0 ac'raised_at_us' 00 ae'resolved_at_us' 00 aa'resolution' 00 "  \
    "ac'is_unwritten' c2 "

#define CONNECTIVITY "83 a4'name' a1'a' a5'sight' 03 a8'since_us' cf 00 06 60 fc b4 20 11 5c "

#define SNAPSHOT \
    "8d a7'version' cd 01 2c ac'base_version' cd 01 2b a8'is_whole' c3 ab'is_periodic' c3  " \
    "b1'is_status_changed' c3 aa'has_result' c3 ab'taken_at_us' cf 00 06 60 fc b4 20 11  " \
    "5c a6'status' 02 b6'avg_service_latency_ms' cb 40 2b 80 00 00 00 00 00  " \
    "b6'max_service_latency_ms' cb 40 47 55 c2 8f 5c 28 f6 b1'critical_failures' 91 81  " \
    "a4'text' aa'Service: a' a7'targets' 92 " TARGET TARGET_BARE \
    "ac'connectivity' 91" CONNECTIVITY

#define SNAPSHOT_BARE \
    "8a a7'version' 01 ac'base_version' 00 a8'is_whole' c2 ab'is_periodic' c2  " \
    "b1'is_status_changed' c2 aa'has_result' c2 ab'taken_at_us' cf 00 06 60 fc b4 20 11  " \
    "5c a6'status' 03 b6'avg_service_latency_ms' c0 b6'max_service_latency_ms' c0 "

/* clang-format on */

#endif
