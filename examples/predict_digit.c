/* predict_digit.c: reads one digit from a binary PGM picture of any size.
 *   predict_digit digit.pgm [model.safetensors]
 */
#include <numeral.h>
#include <stdio.h>
#include <stdlib.h>

/* The grey pixels of a binary PGM without comments, or NULL; free() them. */
static unsigned char *read_pgm(const char *path, int *width, int *height) {
  FILE *file = fopen(path, "rb");
  unsigned char *pixels = NULL;
  if (!file) return NULL;
  if (fscanf(file, "P5 %d %d 255", width, height) == 2 && fgetc(file) != EOF &&
      *width > 0 && *width <= 10000 && *height > 0 && *height <= 10000) {
    size_t count = (size_t)*width * (size_t)*height;
    pixels = malloc(count);
    if (pixels && fread(pixels, 1, count, file) != count) {
      free(pixels);
      pixels = NULL;
    }
  }
  fclose(file);
  return pixels;
}

int main(int argc, char **argv) {
  numeral_error error = {NUMERAL_OK, ""};
  numeral_model *model = NULL;
  numeral_session *session = NULL;
  numeral_raster raster = {.channels = 1};
  numeral_prediction prediction;
  unsigned char *pixels = NULL;
  int result = 1;

  if (argc > 1) pixels = read_pgm(argv[1], &raster.width_px, &raster.height_px);
  if (!pixels) {
    fputs("usage: predict_digit digit.pgm [model.safetensors]\n", stderr);
    return 2;
  }
  raster.pixels = pixels;
  raster.stride_bytes = (size_t)raster.width_px;

  if ((argc > 2 ? numeral_model_load(argv[2], &model, &error)
                : numeral_model_builtin(&model, &error)) ||
      numeral_session_create(model, NULL, &session, &error) ||
      numeral_session_read_raster(session, &raster, &prediction, &error)) {
    fprintf(stderr, "%s\n", error.message);
    goto done;
  }
  printf("%d %.4f\n", prediction.digit, (double)prediction.confidence);
  result = 0;
done:
  numeral_session_destroy(session);
  numeral_model_destroy(model);
  free(pixels);
  return result;
}
