/* pictures.c: see pictures.h. */
#include "app/serve/pictures.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/machine.h"
#include "app/serve/pixel_json.h"
#include "formats/image_file.h"

/* ---- The list ---- */

void pictures_release(request_pictures *p) {
  for (size_t i = 0; p->names != NULL && i < p->count; ++i) free(p->names[i]);
  free(p->images);
  free(p->predicted);
  free(p->frames);
  free(p->names);
  *p = (request_pictures){.count = 0};
}

static bool fail_memory(request *r) {
  request_fail(r, 503, "no memory for this now; try again in a second");
  return false;
}

static bool reserve(request *r, size_t count) {
  request_pictures *p = &r->pictures;
  if (count <= p->capacity) return true;
  void *images = realloc(p->images, count * sizeof *p->images);
  if (images != NULL) p->images = images;
  void *predicted = realloc(p->predicted, count * sizeof *p->predicted);
  if (predicted != NULL) p->predicted = predicted;
  void *frames = realloc(p->frames, count * sizeof *p->frames);
  if (frames != NULL) p->frames = frames;
  void *names = realloc(p->names, count * sizeof *p->names);
  if (names != NULL) p->names = names;
  if (!images || !predicted || !frames || !names) return fail_memory(r);
  p->capacity = count;
  return true;
}

bool pictures_make(request *r, size_t count) {
  request_pictures *p = &r->pictures;
  if (count == 0 || count > PICTURES_MAX) {
    request_fail(r, 422, "expected 1 to %d images, found %zu", PICTURES_MAX,
                 count);
    return false;
  }
  if (!reserve(r, count)) return false;
  memset(p->images, 0, count * sizeof *p->images);
  memset(p->predicted, 0, count * sizeof *p->predicted);
  memset(p->frames, 0, count * sizeof *p->frames);
  memset(p->names, 0, count * sizeof *p->names);
  p->count = count;
  return true;
}

/* One more, at the end; NULL after a problem. */
static uint8_t *add_one(request *r, const char *name) {
  request_pictures *p = &r->pictures;
  if (p->count == PICTURES_MAX) {
    request_fail(r, 413, "more than %d pictures in one request", PICTURES_MAX);
    return NULL;
  }
  if (p->count == p->capacity && !reserve(r, p->count ? 2 * p->count : 1))
    return NULL;
  size_t i = p->count;
  p->names[i] = name != NULL ? strdup(name) : NULL;
  if (name != NULL && p->names[i] == NULL) {
    fail_memory(r);
    return NULL;
  }
  p->predicted[i] = (numeral_prediction){.digit = 0};
  p->frames[i] = (numeral_frame){.pixel_px = 0};
  ++p->count;
  return p->images[i];
}

void pictures_hand_on(request *r) {
  request_pictures *p = &r->pictures;
  r->work.count = p->count;
  r->work.images = p->images[0];
  r->work.frames = p->frames;
  r->work.predicted = p->predicted;
}

/* ---- Picture files ---- */

static work_state fail_picture(request *r, const numeral_error *error) {
  switch (error->status) {
    case NUMERAL_ERROR_LIMIT:
      return request_fail(r, 413, "%s", error->message);
    case NUMERAL_ERROR_MEMORY:
      return request_fail(r, 503, "%s", error->message);
    default:
      return request_fail(r, 422, "%s", error->message);
  }
}

/* WORK_READY: the picture is in the list. */
static work_state take_file(request *r, const char *name, const void *bytes,
                            size_t size_bytes, bool slow) {
  uint64_t most = r->service->options.pixels;
  uint64_t quick =
      r->work.is_brief ? PICTURE_BRIEF_PIXELS : PICTURE_QUICK_PIXELS;
  bool is_quick = !slow && most > quick;
  image_file file;
  numeral_error error;
  double begun = machine_seconds();
  numeral_status status = image_file_parse_within(
      bytes, size_bytes, name != NULL ? name : "the body",
      is_quick ? quick : most, &file, &error);
  if (status == NUMERAL_ERROR_LIMIT && is_quick) return WORK_SLOW;
  if (status != NUMERAL_OK) return fail_picture(r, &error);
  double decoded = machine_seconds();
  int found;
  uint8_t *image = add_one(r, name);
  if (image != NULL) {
    status = numeral_normalise_framed(
        &file.raster, image, &found, &r->pictures.frames[r->pictures.count - 1],
        &error);
    if (status != NUMERAL_OK) fail_picture(r, &error);
  }
  image_file_release(&file);
  r->work.times.decode += decoded - begun;
  r->work.times.normalise += machine_seconds() - decoded;
  return r->reply.status == 0 ? WORK_READY : WORK_ANSWERED;
}

/* ---- Forms ---- */

typedef struct form_reading {
  request *r;
  bool slow;
  work_state state;
} form_reading;

/* Parts without a file name are fields, of which there are none to know. */
static bool take_part(void *user, const http_part *part) {
  form_reading *reading = user;
  if (part->file_name == NULL) return true;
  reading->state = take_file(reading->r, part->file_name, part->bytes,
                             part->size_bytes, reading->slow);
  return reading->state == WORK_READY;
}

static work_state read_form(request *r, bool slow) {
  form_reading reading = {r, slow, WORK_READY};
  bool whole = r->service->http.form(r->exchange, take_part, &reading);
  if (reading.state != WORK_READY) return reading.state;
  if (!whole) return request_fail(r, 400, "the form is damaged");
  if (r->pictures.count == 0)
    return request_fail(r, 422, "there is no file in the form");
  r->pictures.is_list = r->pictures.count > 1;
  return WORK_READY;
}

/* ---- JSON ---- */

static int pixel_of(const json_t *value) {
  json_int_t pixel = json_is_integer(value) ? json_integer_value(value) : -1;
  return pixel >= 0 && pixel <= 255 ? (int)pixel : -1;
}

static bool fail_pixels(request *r, size_t index) {
  request_fail(r, 422,
               "image %zu: expected 784 whole numbers from 0 (paper) to 255 "
               "(ink), or 28 rows of 28",
               index);
  return false;
}

static bool take_row(const json_t *row, size_t count, uint8_t *to) {
  if (json_array_size(row) != count) return false;
  for (size_t i = 0; i < count; ++i) {
    int pixel = pixel_of(json_array_get(row, i));
    if (pixel < 0) return false;
    to[i] = (uint8_t)pixel;
  }
  return true;
}

bool pictures_take_pixels(request *r, const json_t *pixels, size_t index,
                          uint8_t image[NUMERAL_IMAGE_PIXELS]) {
  size_t rows = json_array_size(pixels);
  if (rows != NUMERAL_IMAGE_SIDE)
    return take_row(pixels, NUMERAL_IMAGE_PIXELS, image) ||
           fail_pixels(r, index);
  for (size_t y = 0; y < rows; ++y) {
    if (!take_row(json_array_get(pixels, y), NUMERAL_IMAGE_SIDE,
                  image + y * NUMERAL_IMAGE_SIDE))
      return fail_pixels(r, index);
  }
  return true;
}

static work_state take_json(request *r, const json_t *body) {
  const json_t *one = json_object_get(body, "pixels");
  const json_t *several = json_object_get(body, "images");
  if ((one == NULL) == (several == NULL)) {
    return request_fail(r, 422,
                        "expected {\"pixels\": [784 numbers]} or {\"images\": "
                        "[[784 numbers], ...]}");
  }
  size_t count = one != NULL ? 1 : json_array_size(several);
  if (!pictures_make(r, count)) return WORK_ANSWERED;
  r->pictures.is_list = several != NULL;
  for (size_t i = 0; i < count; ++i) {
    const json_t *pixels = one != NULL ? one : json_array_get(several, i);
    if (!pictures_take_pixels(r, pixels, i, r->pictures.images[i]))
      return WORK_ANSWERED;
  }
  return WORK_READY;
}

/* In the shape that programs send. False: it has another one, or there was a
 * problem. */
static bool read_plain_json(request *r) {
  const http_exchange *e = r->exchange;
  request_pictures *p = &r->pictures;
  size_t room = pixel_json_room(e->body_bytes);
  if (room > PICTURES_MAX) room = PICTURES_MAX;
  if (!pictures_make(r, room)) return false;
  pixel_json found = {.images = p->images, .room = room};
  if (!pixel_json_read(e->body, e->body_bytes, &found)) return false;
  p->count = found.count;
  p->is_list = found.is_list;
  return true;
}

static work_state read_any_json(request *r) {
  json_t *body = request_json(r, r->exchange->body, r->exchange->body_bytes);
  if (body == NULL) return WORK_ANSWERED;
  work_state state = take_json(r, body);
  json_decref(body);
  return state;
}

static work_state read_json(request *r) {
  double begun = machine_seconds();
  work_state state = WORK_READY;
  if (!read_plain_json(r))
    state = r->reply.status == 0 ? read_any_json(r) : WORK_ANSWERED;
  r->work.times.decode += machine_seconds() - begun;
  return state;
}

/* ---- The body ---- */

/* What pictures are sent as; curl --data-binary says that it is a form, and
 * what it is their first bytes tell anyway. */
static bool is_picture(const request *r) {
  const char *type = request_header(r, "Content-Type");
  return type == NULL || strncasecmp(type, "image/", 6) == 0 ||
         request_is_type(r, "application/octet-stream") ||
         request_is_type(r, "application/x-www-form-urlencoded");
}

static work_state read_body(request *r, bool slow) {
  const http_exchange *e = r->exchange;
  if (request_is_type(r, "application/json")) return read_json(r);
  if (request_is_type(r, "multipart/form-data")) return read_form(r, slow);
  if (is_picture(r)) return take_file(r, NULL, e->body, e->body_bytes, slow);
  return request_fail(r, 415,
                      "%.80s cannot be read here: send image/png (or another "
                      "picture), multipart/form-data or application/json",
                      request_header(r, "Content-Type"));
}

work_state pictures_read(request *r, bool slow) {
  if (r->exchange->body_bytes == 0)
    return request_fail(r, 400, "there is no body: send a picture");
  work_state state = read_body(r, slow);
  if (state == WORK_READY) {
    pictures_hand_on(r);
  } else {
    pictures_release(&r->pictures);
  }
  return state;
}
