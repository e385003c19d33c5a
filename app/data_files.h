/* data_files.h: sets of images from files and folders of the user's. Must not
 * know named sets. */
#ifndef NUMERAL_APP_DATA_FILES_H
#define NUMERAL_APP_DATA_FILES_H

#include <stdbool.h>

#include "numeral.h"

/* A pair of IDX files, each as it is or packed with gzip. */
numeral_status data_read_pair(const char *images_path, const char *labels_path,
                              numeral_dataset **dataset, numeral_error *error);

/* A CSV file, as it is or packed. */
numeral_status data_read_csv(const char *path, numeral_dataset **dataset,
                             numeral_error *error);

/* The files named as MNIST's in `folder`, as they are or packed: those that
 * start with "train" or "t10k". *dataset is NULL, with NUMERAL_OK, where the
 * folder has no such file. */
numeral_status data_read_idx_folder(const char *folder, const char *start,
                                    numeral_dataset **dataset,
                                    numeral_error *error);

/* Has `folder` a sub-folder named as a digit? */
bool data_is_image_folder(const char *folder);

/* Sub-folders 0 to 9 of pictures, each sent through numeral_normalise; by
 * digit and then by name. Pictures without ink are left out with a warning. */
numeral_status data_read_image_folder(const char *folder,
                                      numeral_dataset **dataset,
                                      numeral_error *error);

#endif
