/* random_digit.c: see random_digit.h. */
#include "app/random_digit.h"

#include <stdio.h>
#include <string.h>

static data_source_options options_of(const random_digit *from,
                                      const char *data) {
  data_source_options options = data_source_defaults();
  options.data = data;
  options.data_dir = from->data_dir;
  options.parts = DATA_TEST;
  options.local_only = true;
  return options;
}

static numeral_status load(random_digit *from, numeral_error *error) {
  data_source_options mnist = options_of(from, "mnist");
  /* of drawn digits 1,000 are for tests */
  data_source_options synth = options_of(from, "synth:6000");
  if (data_source_test_set(&from->source)) return NUMERAL_OK;
  if (data_source_load(&mnist, &from->source, NULL) == NUMERAL_OK) {
    return NUMERAL_OK;
  }
  return data_source_load(&synth, &from->source, error);
}

numeral_status random_digit_next(random_digit *from, data_image *image,
                                 numeral_error *error) {
  *image = (data_image){.label = -1};
  numeral_status status = load(from, error);
  if (status) return status;
  const numeral_dataset *set = data_source_test_set(&from->source);
  size_t index =
      data_source_pick(from->seed, from->turn++, numeral_dataset_count(set));
  bool drawn = strncmp(from->source.name, "synth", 5) == 0;
  memcpy(image->pixels,
         numeral_dataset_images(set) + index * NUMERAL_IMAGE_PIXELS,
         NUMERAL_IMAGE_PIXELS);
  image->label = numeral_dataset_labels(set)[index];
  image->index = index;
  snprintf(image->name, sizeof image->name, "%s:test:%zu",
           drawn ? "synth" : "mnist", index);
  return NUMERAL_OK;
}

numeral_status random_digit_named(const random_digit *from, const char *name,
                                  data_image *image, numeral_error *error) {
  data_source_options options = options_of(from, NULL);
  return data_source_image(name, &options, image, error);
}

void random_digit_release(random_digit *from) {
  data_source_release(&from->source);
}
