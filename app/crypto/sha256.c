/* sha256.c: see sha256.h. From libcrypto: docs/decisions/0003. */
#include "app/crypto/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "formats/module.h"

MODULE_EXPORT bool sha256_write(const void *bytes, size_t size_bytes,
                                char text[SHA256_TEXT]) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned digest_bytes = 0;
  if (!EVP_Digest(bytes, size_bytes, digest, &digest_bytes, EVP_sha256(),
                  NULL) ||
      2 * digest_bytes + 1 != SHA256_TEXT) {
    return false;
  }
  for (unsigned i = 0; i < digest_bytes; i++) {
    snprintf(text + 2 * i, 3, "%02x", digest[i]);
  }
  return true;
}
