/* site.h: the files of the page, as they were when the program was built
 * (web/), and the style that they share with reports. */
#ifndef NUMERAL_APP_SERVE_SITE_H
#define NUMERAL_APP_SERVE_SITE_H
#include <stdbool.h>
#include <stddef.h>

#include "app/text_buffer.h"

typedef struct site_file {
  char path[32]; /* "/page.js" */
  const char *type;
  const char *bytes;
  size_t size_bytes;
  char tag[20]; /* an ETag, with its quotes */
} site_file;

enum { SITE_FILES = 64 };

typedef struct site {
  site_file files[SITE_FILES];
  int count;
  text_buffer style; /* /look.css */
} site;

/* False: no memory. */
bool site_open(site *s);
void site_close(site *s);

/* The file at `path`, or NULL. */
const site_file *site_find(const site *s, const char *path);

/* What the page may do (Content-Security-Policy): nothing from elsewhere. */
extern const char site_policy[];

#endif
