/* site.c: see site.h. */
#include "app/serve/site.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app/html.h"
#include "app/included_file.h"

INCLUDED_FILE(web_index, NUMERAL_WEB "/index.html");
INCLUDED_FILE(web_page_css, NUMERAL_WEB "/page.css");
INCLUDED_FILE(web_page_js, NUMERAL_WEB "/page.js");
INCLUDED_FILE(web_openapi, NUMERAL_WEB "/openapi.json");

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

static void add(site *s, const char *path, const char *type, const char *bytes,
                size_t size_bytes) {
  site_file *file = &s->files[s->count++];
  *file = (site_file){path, type, bytes, size_bytes, ""};
  tag_file(file);
}

bool site_open(site *s) {
  static const char css[] = "text/css; charset=utf-8";
  static const char script[] = "text/javascript; charset=utf-8";
  *s = (site){.count = 0};
  html_add_style(&s->style);
  if (s->style.refused || s->style.text == NULL) return false;
  add(s, "/", "text/html; charset=utf-8", web_index, INCLUDED_SIZE(web_index));
  add(s, "/look.css", css, s->style.text, s->style.length);
  add(s, "/page.css", css, web_page_css, INCLUDED_SIZE(web_page_css));
  add(s, "/page.js", script, web_page_js, INCLUDED_SIZE(web_page_js));
  add(s, "/openapi.json", "application/json", web_openapi,
      INCLUDED_SIZE(web_openapi));
  return true;
}

void site_close(site *s) { text_buffer_release(&s->style); }

const site_file *site_find(const site *s, const char *path) {
  for (int i = 0; i < s->count; ++i)
    if (strcmp(s->files[i].path, path) == 0) return &s->files[i];
  return NULL;
}
