/* site.c: see site.h. */
#include "app/serve/site.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app/html.h"
#include "app/included_file.h"

/* NUMERAL_SITE_FILES has a row SITE_FILE(web_page_js, "page.js") for each file
 * of web/, which the build writes. */
#define SITE_FILE(symbol, name) INCLUDED_FILE(symbol, NUMERAL_WEB "/" name);
#include NUMERAL_SITE_FILES
#undef SITE_FILE

const char site_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; media-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* FNV-1a: another one when the file is. */
static void tag_file(site_file *file) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < file->size_bytes; ++i)
    hash = (hash ^ (unsigned char)file->bytes[i]) * UINT64_C(1099511628211);
  snprintf(file->tag, sizeof file->tag, "\"%016llx\"",
           (unsigned long long)hash);
}

static const char *type_of(const char *name) {
  static const char *const types[][2] = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"}};
  const char *ending = strrchr(name, '.');
  for (size_t i = 0; ending != NULL && i < sizeof types / sizeof *types; ++i)
    if (strcmp(types[i][0], ending) == 0) return types[i][1];
  return "application/octet-stream";
}

/* At "/NAME"; index.html at "/". */
static void add(site *s, const char *name, const char *bytes,
                size_t size_bytes) {
  assert(s->count < SITE_FILES);
  site_file *file = &s->files[s->count++];
  *file = (site_file){
      .type = type_of(name), .bytes = bytes, .size_bytes = size_bytes};
  bool is_index = strcmp(name, "index.html") == 0;
  snprintf(file->path, sizeof file->path, "/%s", is_index ? "" : name);
  tag_file(file);
}

bool site_open(site *s) {
  *s = (site){.count = 0};
  html_add_style(&s->style);
  if (s->style.refused || s->style.text == NULL) return false;
  add(s, "look.css", s->style.text, s->style.length);
#define SITE_FILE(symbol, name) add(s, name, symbol, INCLUDED_SIZE(symbol));
#include NUMERAL_SITE_FILES
#undef SITE_FILE
  return true;
}

void site_close(site *s) { text_buffer_release(&s->style); }

const site_file *site_find(const site *s, const char *path) {
  for (int i = 0; i < s->count; ++i)
    if (strcmp(s->files[i].path, path) == 0) return &s->files[i];
  return NULL;
}
