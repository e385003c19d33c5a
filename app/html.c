/* html.c: see html.h. */
#include "app/html.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "app/file_replace.h"
#include "app/included_file.h"
#include "app/json_text.h"
#include "app/look.h"
#include "formats/format_fail.h"

INCLUDED_FILE(look_css, NUMERAL_LOOK_CSS);

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
      text_add(page, "%s", escape);
    } else {
      text_add_bytes(page, from, 1);
    }
  }
  json_decref(valid);
}

void html_element(html *page, const char *tag, const char *text) {
  text_add(page, "<%s>", tag);
  html_text(page, text);
  text_add(page, "</%s>", tag);
}

/* ---- Pictures
 * ----------------------------------------------------------------- */

void html_data_link(html *page, const char *type, const void *bytes,
                    size_t size_bytes) {
  text_add(page, "data:%s;base64,", type);
  text_add_base64(page, bytes, size_bytes);
}

static void add_data_link(html *page, const html_picture *picture) {
  html_data_link(page, picture->type, picture->bytes, picture->size_bytes);
}

void html_pictures(html *page, const html_picture *pictures, int count,
                   int width, int height, const char *alt) {
  text_add(page, "<picture>");
  for (int i = 0; i + 1 < count; ++i) {
    text_add(page, "<source media=\"%s\" type=\"%s\" srcset=\"",
             pictures[i].media, pictures[i].type);
    add_data_link(page, &pictures[i]);
    text_add(page, "\">");
  }
  text_add(page, "<img width=\"%d\" height=\"%d\" alt=\"", width, height);
  html_text(page, alt);
  text_add(page, "\" src=\"");
  add_data_link(page, &pictures[count - 1]);
  text_add(page, "\"></picture>\n");
}

/* ---- The page
 * ----------------------------------------------------------------- */

static void add_colours(html *page, look_theme theme) {
  for (int role = 0; role < LOOK_ROLES; ++role) {
    text_add(page, "--%s:#%06x;", look_role_name((look_role)role),
             (unsigned)look_colour(theme, (look_role)role));
  }
}

void html_add_style(html *page) {
  text_add(page, ":root{");
  add_colours(page, LOOK_LIGHT);
  text_add(page, "}\n@media (prefers-color-scheme: dark){:root{");
  add_colours(page, LOOK_DARK);
  text_add(page, "}}\n");
  text_add_bytes(page, look_css, INCLUDED_SIZE(look_css));
}

void html_begin(html *page, const char *title) {
  *page = (html){0};
  text_add(page,
           "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
           "<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, "
           "initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n"
           "<link rel=\"icon\" href=\"data:,\">\n");
  html_element(page, "title", title);
  text_add(page, "\n<style>\n");
  html_add_style(page);
  text_add(page, "</style>\n</head>\n<body>\n<main>\n");
}

void html_end(html *page) { text_add(page, "</main>\n</body>\n</html>\n"); }

numeral_status html_write(const html *page, const char *path,
                          numeral_error *error) {
  if (page->refused || page->text == NULL) {
    return format_fail(error, NUMERAL_ERROR_MEMORY,
                       "no memory for the page %.300s", path);
  }
  return file_replace_bytes(path, page->text, page->length, error);
}

void html_release(html *page) { text_buffer_release(page); }
