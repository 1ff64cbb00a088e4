#include "actors/io/tls_thread.h"

#include <openssl/crypto.h>

void tls_thread_end(void)
{
    OPENSSL_thread_stop();
}
