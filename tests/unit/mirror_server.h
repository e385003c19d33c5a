/* mirror_server.h: a small HTTP server for tests, on 127.0.0.1, that behaves
 * well or badly as the first folder of the path says. Must not know what it is
 * that it serves. */
#ifndef TESTS_UNIT_MIRROR_SERVER_H
#define TESTS_UNIT_MIRROR_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct mirror_server {
  pid_t process;
  int port;
} mirror_server;

/* False where this machine does not even reach itself. */
bool mirror_server_possible(void);

/* Serves `bytes`, which it copies, for every path: http://127.0.0.1:PORT/
 *   right/     as asked, Range too
 *   late/      right, after half a second
 *   norange/   always the whole file
 *   moved/     redirects to right/
 *   page/      an error page that claims to be well (200)
 *   missing/   404
 *   half/      promises all, sends half, closes
 *   endless/   sends rubbish until the client has enough
 *   stuck/     promises all, sends a little, and waits
 *   closed/    closes without a word
 * Each request adds a line "FOLDER FIRST_BYTE" to the file `log`. */
mirror_server mirror_server_start(const void *bytes, size_t size_bytes,
                                  const char *log);
void mirror_server_stop(const mirror_server *server);

#endif
