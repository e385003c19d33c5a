/* image_list.h: which pictures a command line names. Must not open them. */
#ifndef NUMERAL_APP_IMAGE_LIST_H
#define NUMERAL_APP_IMAGE_LIST_H
#include <stdbool.h>

/* Called for each; `user` as given. */
typedef void (*image_list_fn)(const char *path, void *user);

/* Calls `visit` for `operand`, or where it is a folder for each image file in
 * it by name (subfolders are left out), or where it is "-" for each line of
 * stdin. False after a message where a folder has none or cannot be read. */
bool image_list_visit(const char *operand, image_list_fn visit, void *user);

/* Does `operand` stand for a list (a folder or "-"), however long? */
bool image_list_is_many(const char *operand);

#endif
