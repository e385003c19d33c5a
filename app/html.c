/* html.c: see html.h. */
#include "app/html.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/file_replace.h"
#include "app/json_text.h"
#include "app/look.h"
#include "formats/format_fail.h"

/* app/look.css, as the assembler copied it, with a zero at its end. */
extern const char look_css[] __attribute__((visibility("hidden")));
__asm__(
    ".pushsection .rodata\n"
    ".global look_css\n"
    ".hidden look_css\n"
    "look_css:\n"
    ".incbin \"" NUMERAL_LOOK_CSS
    "\"\n"
    ".byte 0\n"
    ".popsection\n");

/* ---- Growing
 * ------------------------------------------------------------------ */

/* Room for so many bytes and the ending zero; NULL where there is none. */
static char *grow(html *page, size_t size_bytes) {
  size_t needed = page->length + size_bytes + 1;
  if (needed > page->capacity) {
    size_t capacity = 2 * needed;
    char *text = realloc(page->text, capacity);
    if (text == NULL) {
      page->refused = true;
      return NULL;
    }
    page->text = text;
    page->capacity = capacity;
  }
  return page->text + page->length;
}

static void add_bytes(html *page, const char *bytes, size_t size_bytes) {
  char *to = grow(page, size_bytes);
  if (to == NULL) return;
  memcpy(to, bytes, size_bytes);
  to[size_bytes] = '\0';
  page->length += size_bytes;
}

static void add(html *page, const char *text) {
  add_bytes(page, text, strlen(text));
}

void html_add(html *page, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, again);
  va_end(again);
  char *to = length >= 0 ? grow(page, (size_t)length) : NULL;
  if (to != NULL) {
    vsnprintf(to, (size_t)length + 1, format, arguments);
    page->length += (size_t)length;
  }
  va_end(arguments);
}

/* ---- Words
 * -------------------------------------------------------------------- */

static const char *escape_of(char character) {
  switch (character) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return NULL;
  }
}

void html_text(html *page, const char *text) {
  json_t *valid = json_text_string(text); /* makes UTF-8 of it */
  const char *from = json_string_value(valid);
  for (; from != NULL && *from != '\0'; ++from) {
    const char *escape = escape_of(*from);
    if (escape != NULL) {
      add(page, escape);
    } else {
      add_bytes(page, from, 1);
    }
  }
  json_decref(valid);
}

void html_element(html *page, const char *tag, const char *text) {
  html_add(page, "<%s>", tag);
  html_text(page, text);
  html_add(page, "</%s>", tag);
}

/* ---- Pictures
 * ----------------------------------------------------------------- */

/* RFC 4648, base 64. */
static void add_base64(html *page, const unsigned char *bytes,
                       size_t size_bytes) {
  static const char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t length = (size_bytes + 2) / 3 * 4;
  char *to = grow(page, length);
  if (to == NULL) return;
  for (size_t i = 0; i < size_bytes; i += 3) {
    size_t left = size_bytes - i;
    uint32_t three = (uint32_t)bytes[i] << 16 |
                     (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                     (left > 2 ? (uint32_t)bytes[i + 2] : 0);
    for (size_t j = 0; j < 4; ++j)
      *to++ = j > left ? '=' : digits[three >> (18 - 6 * j) & 63];
  }
  *to = '\0';
  page->length += length;
}

void html_data_link(html *page, const char *type, const void *bytes,
                    size_t size_bytes) {
  html_add(page, "data:%s;base64,", type);
  add_base64(page, bytes, size_bytes);
}

static void add_data_link(html *page, const html_picture *picture) {
  html_data_link(page, picture->type, picture->bytes, picture->size_bytes);
}

void html_pictures(html *page, const html_picture *pictures, int count,
                   int width, int height, const char *alt) {
  html_add(page, "<picture>");
  for (int i = 0; i + 1 < count; ++i) {
    html_add(page, "<source media=\"%s\" type=\"%s\" srcset=\"",
             pictures[i].media, pictures[i].type);
    add_data_link(page, &pictures[i]);
    html_add(page, "\">");
  }
  html_add(page, "<img width=\"%d\" height=\"%d\" alt=\"", width, height);
  html_text(page, alt);
  html_add(page, "\" src=\"");
  add_data_link(page, &pictures[count - 1]);
  html_add(page, "\"></picture>\n");
}

/* ---- The page
 * ----------------------------------------------------------------- */

static void add_colours(html *page, look_theme theme) {
  for (int role = 0; role < LOOK_ROLES; ++role) {
    html_add(page, "--%s:#%06x;", look_role_name((look_role)role),
             (unsigned)look_colour(theme, (look_role)role));
  }
}

void html_begin(html *page, const char *title) {
  *page = (html){0};
  html_add(page,
           "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
           "<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, "
           "initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n"
           "<link rel=\"icon\" href=\"data:,\">\n");
  html_element(page, "title", title);
  html_add(page, "\n<style>\n:root{");
  add_colours(page, LOOK_LIGHT);
  html_add(page, "}\n@media (prefers-color-scheme: dark){:root{");
  add_colours(page, LOOK_DARK);
  html_add(page, "}}\n");
  add(page, look_css);
  html_add(page, "</style>\n</head>\n<body>\n<main>\n");
}

void html_end(html *page) { html_add(page, "</main>\n</body>\n</html>\n"); }

numeral_status html_write(const html *page, const char *path,
                          numeral_error *error) {
  if (page->refused || page->text == NULL) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory for the page %.300s", path);
  }
  return file_replace_bytes(path, page->text, page->length, error);
}

void html_release(html *page) {
  free(page->text);
  *page = (html){0};
}
