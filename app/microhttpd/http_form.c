/* http_form.c: the parts of a form, found by MHD's reader of forms. */
#include <stdlib.h>
#include <string.h>

#include "app/microhttpd/http_parts.h"

typedef struct reading {
  http_part_fn *visit;
  void *user;
  bool refused; /* memory was, or no more parts are wanted */
  bool has_part;
  char *name, *file_name, *bytes;
  size_t size_bytes, room_bytes;
} reading;

static bool copy_text(const char *text, char **copy) {
  free(*copy);
  *copy = text ? strdup(text) : NULL;
  return !text || *copy;
}

/* Tells of the part that has come whole. */
static bool give_part(reading *now) {
  if (!now->has_part) return true;
  now->has_part = false;
  http_part part = {now->name, now->file_name, now->bytes, now->size_bytes};
  return now->visit(now->user, &part);
}

static bool add_bytes(reading *now, const char *bytes, size_t size) {
  size_t needed = now->size_bytes + size;
  if (needed > now->room_bytes) {
    size_t room = 2 * needed;
    char *grown = realloc(now->bytes, room);
    if (!grown) return false;
    now->bytes = grown;
    now->room_bytes = room;
  }
  if (size > 0) memcpy(now->bytes + now->size_bytes, bytes, size);
  now->size_bytes = needed;
  return true;
}

/* Some bytes of a part, from `offset` on: 0 begins the next one. */
static enum MHD_Result take(void *user, enum MHD_ValueKind kind,
                            const char *key, const char *file_name,
                            const char *type, const char *coding,
                            const char *bytes, uint64_t offset, size_t size) {
  reading *now = user;
  (void)kind, (void)type, (void)coding;
  bool taken = true;
  if (offset == 0) {
    taken = give_part(now) && copy_text(key, &now->name) &&
            copy_text(file_name, &now->file_name);
    now->has_part = taken;
    now->size_bytes = 0;
  }
  taken = taken && add_bytes(now, bytes, size);
  now->refused = now->refused || !taken;
  return taken ? MHD_YES : MHD_NO;
}

bool http_form_read(const http_exchange *exchange, http_part_fn *visit,
                    void *user) {
  enum { BUFFER_BYTES = 16384 };
  const http_connection *connection = (const http_connection *)exchange;
  reading now = {.visit = visit, .user = user};
  struct MHD_PostProcessor *reader =
      MHD_create_post_processor(connection->mhd, BUFFER_BYTES, take, &now);
  if (!reader) return false;
  bool read =
      MHD_post_process(reader, exchange->body, exchange->body_bytes) == MHD_YES;
  bool ended = MHD_destroy_post_processor(reader) == MHD_YES;
  bool whole = read && ended && !now.refused && give_part(&now);
  free(now.name);
  free(now.file_name);
  free(now.bytes);
  return whole;
}
