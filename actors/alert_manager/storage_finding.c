#include "actors/alert_manager/storage_finding.h"

#include <stdio.h>

finding_outcome_t storage_finding_note(alert_book_t *book, const alert_writer_t *writer,
                                       int64_t now_us, int64_t since_start_us)
{
    const char *trouble = alert_writer_trouble(writer);
    char source[] = "alert manager";
    char component[] = STORAGE_TROUBLE_COMPONENT;
    char title[] = STORAGE_TROUBLE_TITLE;
    char message[sizeof STORAGE_TROUBLE_MESSAGE + sizeof(store_error_t)] = "";
    if (trouble)
        (void)snprintf(message, sizeof message, STORAGE_TROUBLE_MESSAGE, trouble);
    const finding_t finding = {
        .source = source,
        .component = component,
        .kind = ALERT_KIND_STORAGE_TROUBLE,
        .severity = SEVERITY_CRITICAL,
        .is_active = trouble != NULL,
        .title = title,
        .message = message,
        .at_us = now_us,
    };
    return alert_book_take_finding(book, &finding, since_start_us);
}
