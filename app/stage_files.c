/* stage_files.c: see stage_files.h. */
#include "app/stage_files.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "app/file_replace.h"
#include "formats/format_fail.h"
#include "formats/image_file.h"

typedef struct writing {
  const char *folder, *name;
  int name_length, number;
  numeral_status status; /* of the first that failed */
  numeral_error *error;
} writing;

static void write_stage(const char *stage, const numeral_raster *picture,
                        void *user) {
  writing *w = user;
  char path[PATH_MAX];
  if (w->status != NUMERAL_OK) return;
  int length = snprintf(path, sizeof path, "%s/%.*s-%d-%s.png", w->folder,
                        w->name_length, w->name, ++w->number, stage);
  w->status = length < (int)sizeof path
                  ? image_file_write_png(path, picture, w->error)
                  : format_fail(w->error, NUMERAL_ERROR_ARGUMENT,
                                "the path %.60s... is too long", w->folder);
}

numeral_status stage_files_write(const char *folder, const char *path,
                                 const numeral_raster *raster,
                                 numeral_error *error) {
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
  writing w = {
      .folder = folder,
      .name = name,
      .name_length = (int)(dot && dot > name ? dot - name : (long)strlen(name)),
      .error = error};
  uint8_t image[NUMERAL_IMAGE_PIXELS];
  int has_ink;
  numeral_status status = folder_make(folder, error);
  if (status == NUMERAL_OK)
    status = numeral_normalise_watched(raster, write_stage, &w, image, &has_ink,
                                       error);
  return status == NUMERAL_OK ? w.status : status;
}
