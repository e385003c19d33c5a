/* html.h: a page that needs nothing but itself: style and pictures are in it.
 * Knows HTML and the look; must not know what the page says. Memory that is
 * refused is noticed at the end: adding never fails. */
#ifndef NUMERAL_APP_HTML_H
#define NUMERAL_APP_HTML_H
#include <stdbool.h>
#include <stddef.h>

#include "app/text_buffer.h"
#include "numeral.h"

typedef text_buffer html;

/* The head, with app/look.css and the colours of look.h, up to <main>. */
void html_begin(html *page, const char *title);
/* Ends the page. */
void html_end(html *page);

/* Markup as it is goes in by text_add, whose format must hold no text from
 * outside (%s only for constants of the program). */

/* The colours of look.h as variables, for light and dark, and app/look.css. */
void html_add_style(html *page);
/* Text from anywhere: &, <, >, quotes and bytes that are not UTF-8 are made
 * harmless. */
void html_text(html *page, const char *text);
/* "<TAG>TEXT</TAG>", tag a constant. */
void html_element(html *page, const char *tag, const char *text);

/* "data:TYPE;base64,...": bytes as an address; type a constant. */
void html_data_link(html *page, const char *type, const void *bytes,
                    size_t size_bytes);

/* A picture, or the same one drawn for other eyes. */
typedef struct html_picture {
  const char *media; /* "(prefers-color-scheme: dark)"; NULL: for all others */
  const char *type;  /* "image/png", "image/svg+xml" */
  const void *bytes;
  size_t size_bytes;
} html_picture;

/* Puts them into the page; the last one's media is NULL. width and height are
 * those of that one, in pixels of the page; alt says in words what is there. */
void html_pictures(html *page, const html_picture *pictures, int count,
                   int width, int height, const char *alt);

/* Writes the page, whole or not at all. */
numeral_status html_write(const html *page, const char *path,
                          numeral_error *error);
/* Accepts an empty page, and empties it. */
void html_release(html *page);

#endif
