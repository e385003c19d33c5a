/* file_replace.h: files that are either the old one or the whole new
 * one, and questions about folders. Must not know what is in them. */
#ifndef NUMERAL_APP_FILE_REPLACE_H
#define NUMERAL_APP_FILE_REPLACE_H
#include <stdbool.h>

#include "numeral.h"

/* Writes `text` to a temporary file beside `path`, flushes it to disk and
 * renames it. */
numeral_status file_replace(const char *path, const char *text,
                            numeral_error *error);
/* The same for bytes that are no text. */
numeral_status file_replace_bytes(const char *path, const void *bytes,
                                  size_t size_bytes, numeral_error *error);

/* Makes the folder and those above it. Being there already is no failure. */
numeral_status folder_make(const char *path, numeral_error *error);

/* Makes runs/NAME-DATE-TIME, and where that is taken with -2, -3 ... behind;
 * `folder` [size_bytes] receives its path. Of a long name the first 64 bytes
 * are used. */
numeral_status folder_make_dated(const char *name, char *folder,
                                 size_t size_bytes, numeral_error *error);

/* The folder that `path` lies in, into `folder` [size_bytes]: "." for "a.txt".
 */
void folder_of(const char *path, char *folder, size_t size_bytes);

/* Can files be made in the folder, and are `needed_bytes` free there? */
numeral_status folder_check(const char *folder, double needed_bytes,
                            numeral_error *error);

/* `path` from the root, into `absolute` [size_bytes]; false where it does not
 * fit. The file need not exist. */
bool path_make_absolute(const char *path, char *absolute, size_t size_bytes);

#endif
