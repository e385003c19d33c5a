/* stage_files.h: the steps of the normaliser as numbered PNG files. */
#ifndef NUMERAL_APP_STAGE_FILES_H
#define NUMERAL_APP_STAGE_FILES_H

#include "numeral.h"

/* Writes FOLDER/NAME-1-plain.png and so on, where NAME is the last part of
 * `path`, its ending left out; the folder is made. */
numeral_status stage_files_write(const char *folder, const char *path,
                                 const numeral_raster *raster,
                                 numeral_error *error);

#endif
