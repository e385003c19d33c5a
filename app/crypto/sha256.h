/* sha256.h: the checksum that tells a published file from any other. */
#ifndef NUMERAL_APP_CRYPTO_SHA256_H
#define NUMERAL_APP_CRYPTO_SHA256_H

#include <stdbool.h>
#include <stddef.h>

enum { SHA256_TEXT = 65 };

/* 64 hexadecimal digits and a zero byte; false where libcrypto refuses. In
 * module "crypto". */
typedef bool sha256_fn(const void *bytes, size_t size_bytes,
                       char text[SHA256_TEXT]);
sha256_fn sha256_write;

#endif
