/* download.h: a file of a named set from its mirrors into the cache. Used by
 * fetch.c alone. */
#ifndef NUMERAL_APP_FETCH_DOWNLOAD_H
#define NUMERAL_APP_FETCH_DOWNLOAD_H

#include "app/fetch/fetch.h"

/* As fetch_read for a file that is nowhere on this machine. One process at a
 * time downloads a set; the others wait for it. */
numeral_status download_file(const fetch_set *set, int index,
                             const fetch_options *options,
                             unsigned char **bytes, char path[FETCH_PATH_MAX],
                             numeral_error *error);

/* The folder that downloads go to, one folder a set below it; false where the
 * environment names none. */
bool fetch_cache(char folder[FETCH_PATH_MAX]);

/* Reads the file, unpacks it, checks its size and SHA-256. free() ends
 * *bytes. FORMAT: it is another file. */
numeral_status fetch_check(const char *path, const fetch_file *file,
                           unsigned char **bytes, numeral_error *error);

#endif
