/* test_image_file.c: every format written through its library, read back, and
 * damaged in every way that a prefix is. */
#include <dirent.h>
#include <fcntl.h>
#include <leptonica/allheaders.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "drawing.h"

#include "formats/image_file.h"

enum { WIDTH = 40, HEIGHT = 30 };

static char folder[64];

static int enter_folder(void **state) {
  (void)state;
  strcpy(folder, "/tmp/numeral-image-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int leave_folder(void **state) {
  (void)state;
  return rmdir(folder);
}

static const char *in_folder(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

/* A grey level of the test picture, which has no symmetry. */
static int level_at(int x, int y) {
  return mix(240, 20, four_at(x, y, 4, 2, 26, 4, 0));
}

static PIX *draw(int depth) {
  PIX *pix = pixCreate(WIDTH, HEIGHT, depth);
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) {
      unsigned level = (unsigned)level_at(x, y);
      unsigned value = depth == 1   ? level < 128
                       : depth < 8  ? level >> (8 - depth)
                       : depth == 8 ? level
                       : depth == 16
                           ? level * 257
                           : level << 24 | (255 - level) << 16 | 9 << 8;
      pixSetPixel(pix, x, y, value);
    }
  }
  return pix;
}

typedef struct encoded {
  l_uint8 *bytes;
  size_t size_bytes;
} encoded;

static encoded encode(PIX *pix, int format) {
  encoded made = {NULL, 0};
  assert_int_equal(pixWriteMem(&made.bytes, &made.size_bytes, pix, format), 0);
  pixDestroy(&pix);
  return made;
}

static numeral_status parse(const encoded *of, image_file *image,
                            numeral_error *error) {
  return image_file_parse(of->bytes, of->size_bytes, "test", image, error);
}

static void assert_parses(const encoded *of, image_file *image) {
  numeral_error error = {0};
  numeral_status status = parse(of, image, &error);
  if (status != NUMERAL_OK) print_error("%s\n", error.message);
  assert_int_equal(status, NUMERAL_OK);
}

static int channel_at(const image_file *image, int x, int y, int channel) {
  return image->pixels[(size_t)y * image->raster.stride_bytes +
                       (size_t)(x * image->raster.channels + channel)];
}

/* The mean difference from the level (green: from its inverse) is no more than
 * the tolerance. */
static void assert_shows(const image_file *image, int channels, int tolerance) {
  int sum = 0;
  assert_int_equal(image->raster.width_px, WIDTH);
  assert_int_equal(image->raster.height_px, HEIGHT);
  assert_int_equal(image->raster.channels, channels);
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) {
      int level = level_at(x, y);
      sum += abs(channel_at(image, x, y, 0) - level);
      if (channels < 3) continue;
      sum += abs(channel_at(image, x, y, 1) - (255 - level));
    }
  }
  assert_in_range(sum, 0, WIDTH * HEIGHT * tolerance);
}

static const struct {
  const char *name;
  int depth, format, channels, tolerance;
} cases[] = {
    {"png 1", 1, IFF_PNG, 1, 24},        {"png 2", 2, IFF_PNG, 1, 50},
    {"png 4", 4, IFF_PNG, 1, 16},        {"png 8", 8, IFF_PNG, 1, 0},
    {"png 16", 16, IFF_PNG, 1, 1},       {"png rgb", 32, IFF_PNG, 3, 0},
    {"jpeg 8", 8, IFF_JFIF_JPEG, 1, 4},  {"jpeg rgb", 32, IFF_JFIF_JPEG, 3, 40},
    {"gif", 8, IFF_GIF, 1, 4},           {"tiff 8", 8, IFF_TIFF, 1, 0},
    {"tiff g4", 1, IFF_TIFF_G4, 1, 24},  {"tiff 16", 16, IFF_TIFF, 1, 1},
    {"tiff lzw", 8, IFF_TIFF_LZW, 1, 0}, {"tiff rgb", 32, IFF_TIFF_ZIP, 3, 0},
    {"bmp 1", 1, IFF_BMP, 1, 24},        {"bmp 8", 8, IFF_BMP, 1, 0},
    {"bmp rgb", 32, IFF_BMP, 3, 0},      {"webp", 32, IFF_WEBP, 3, 40},
    {"pbm", 1, IFF_PNM, 1, 24},          {"pgm", 8, IFF_PNM, 1, 0},
    {"pgm 16", 16, IFF_PNM, 1, 1},       {"ppm", 32, IFF_PNM, 3, 0}};
enum { CASES = sizeof cases / sizeof *cases };

static void test_formats(void **state) {
  (void)state;
  for (int i = 0; i < CASES; i++) {
    encoded made = encode(draw(cases[i].depth), cases[i].format);
    image_file image;
    print_message("%s, %zu bytes\n", cases[i].name, made.size_bytes);
    assert_parses(&made, &image);
    assert_shows(&image, cases[i].channels, cases[i].tolerance);
    image_file_release(&image);
    assert_null(image.pixels);
    lept_free(made.bytes);
  }
}

/* A prefix is copied to a block of its size, so that a sanitizer sees any read
 * behind it. TIFF may end with fields that nobody needs; older versions of
 * libjpeg do not miss the two bytes that end a JPEG. */
static void test_prefixes(void **state) {
  (void)state;
  for (int i = 0; i < CASES; i++) {
    encoded made = encode(draw(cases[i].depth), cases[i].format);
    for (size_t length = 0; length < made.size_bytes; length++) {
      encoded part = {malloc(length + 1), length};
      memcpy(part.bytes, made.bytes, length);
      part.bytes = realloc(part.bytes, length ? length : 1);
      image_file image;
      numeral_error error = {0};
      numeral_status status = parse(&part, &image, &error);
      int is_tiff = strncmp(cases[i].name, "tiff", 4) == 0;
      int is_jpeg = strncmp(cases[i].name, "jpeg", 4) == 0;
      int may_do = (is_tiff && length > 12) ||
                   (is_jpeg && length + 2 >= made.size_bytes);
      if (status == NUMERAL_OK && may_do) {
        assert_shows(&image, cases[i].channels, cases[i].tolerance);
      } else {
        if (status != NUMERAL_ERROR_FORMAT) {
          print_error("%s cut to %zu: %d\n", cases[i].name, length, status);
        }
        assert_int_equal(status, NUMERAL_ERROR_FORMAT);
        assert_non_null(strstr(error.message, "test"));
        assert_null(image.pixels);
      }
      image_file_release(&image);
      free(part.bytes);
    }
    lept_free(made.bytes);
  }
}

static void test_palette_and_alpha(void **state) {
  (void)state;
  image_file image;
  PIX *grey = draw(8);
  PIX *palette = pixConvertGrayToColormap8(grey, 4);
  pixDestroy(&grey);
  encoded made = encode(palette, IFF_PNG);
  assert_parses(&made, &image);
  assert_in_range(channel_at(&image, 0, 0, 0), 200, 255);
  image_file_release(&image);
  lept_free(made.bytes);
  for (int format = 0; format < 3; format++) {
    static const int formats[] = {IFF_PNG, IFF_WEBP, IFF_TIFF};
    PIX *pix = draw(32);
    pixSetSpp(pix, 4);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        SET_DATA_BYTE(pixGetData(pix) + y * pixGetWpl(pix), 4 * x + 3,
                      x < 20 ? 0 : 255);
      }
    }
    made = encode(pix, formats[format]);
    assert_parses(&made, &image);
    assert_int_equal(image.raster.channels, 4);
    assert_int_equal(channel_at(&image, 5, 5, 3), 0);
    assert_int_equal(channel_at(&image, 35, 5, 3), 255);
    image_file_release(&image);
    lept_free(made.bytes);
  }
}

/* Of a TIFF with two pages and an animated GIF the first picture counts. */
static void test_first_of_many(void **state) {
  (void)state;
  image_file image;
  const char *path = in_folder("pages.tif");
  PIX *first = draw(8), *second = pixCreate(90, 80, 8);
  assert_int_equal(pixWriteTiff(path, first, IFF_TIFF_LZW, "w"), 0);
  assert_int_equal(pixWriteTiff(path, second, IFF_TIFF_LZW, "a"), 0);
  assert_int_equal(image_file_read(path, &image, NULL), NUMERAL_OK);
  assert_shows(&image, 1, 0);
  image_file_release(&image);
  remove(path);
  pixDestroy(&second);
  /* the frame of a GIF (what follows the header and its palette) twice */
  encoded gif = encode(first, IFF_GIF);
  size_t start = 13 + ((size_t)6 << (gif.bytes[10] & 7));
  size_t frame = gif.size_bytes - 1 - start;
  encoded twice = {malloc(gif.size_bytes + frame), gif.size_bytes + frame};
  memcpy(twice.bytes, gif.bytes, gif.size_bytes - 1);
  memcpy(twice.bytes + gif.size_bytes - 1, gif.bytes + start, frame + 1);
  assert_parses(&twice, &image);
  assert_shows(&image, 1, 4);
  image_file_release(&image);
  free(twice.bytes);
  lept_free(gif.bytes);
}

/* Puts an EXIF segment behind the first two bytes of a JPEG file. */
static encoded with_orientation(const encoded *jpeg, int orientation) {
  uint8_t segment[] = {
      0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,
      'M',  'M',  0, 42, 0,   0,   0,   8,   0, 1,
      0x01, 0x12, 0, 3,  0,   0,   0,   1,   0, (uint8_t)orientation,
      0,    0,    0, 0,  0,   0};
  encoded made = {malloc(jpeg->size_bytes + sizeof segment),
                  jpeg->size_bytes + sizeof segment};
  memcpy(made.bytes, jpeg->bytes, 2);
  memcpy(made.bytes + 2, segment, sizeof segment);
  memcpy(made.bytes + 2 + sizeof segment, jpeg->bytes + 2,
         jpeg->size_bytes - 2);
  return made;
}

/* Where the stored pixel (x, y) belongs, by the EXIF standard's table. */
static void upright(int orientation, int *x, int *y) {
  int u = *x, v = *y;
  switch (orientation) {
    case 2:
      *x = WIDTH - 1 - u;
      break;
    case 3:
      *x = WIDTH - 1 - u;
      *y = HEIGHT - 1 - v;
      break;
    case 4:
      *y = HEIGHT - 1 - v;
      break;
    case 5:
      *x = v;
      *y = u;
      break;
    case 6:
      *x = HEIGHT - 1 - v;
      *y = u;
      break;
    case 7:
      *x = HEIGHT - 1 - v;
      *y = WIDTH - 1 - u;
      break;
    case 8:
      *x = v;
      *y = WIDTH - 1 - u;
      break;
    default:
      break;
  }
}

static void test_orientation(void **state) {
  (void)state;
  image_file stored;
  encoded jpeg = encode(draw(8), IFF_JFIF_JPEG);
  assert_parses(&jpeg, &stored);
  for (int orientation = 0; orientation <= 9; orientation++) {
    encoded photo = with_orientation(&jpeg, orientation);
    image_file image;
    assert_parses(&photo, &image);
    int turned = orientation >= 5 && orientation <= 8;
    assert_int_equal(image.raster.width_px, turned ? HEIGHT : WIDTH);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int u = x, v = y;
        upright(orientation, &u, &v);
        assert_int_equal(channel_at(&image, u, v, 0),
                         channel_at(&stored, x, y, 0));
      }
    }
    image_file_release(&image);
    free(photo.bytes);
  }
  image_file_release(&stored);
  lept_free(jpeg.bytes);
}

/* A header may promise anything; the sides are looked at before memory is
 * taken. Each file here is a header with little or nothing behind it. */
static void test_promised_sizes(void **state) {
  (void)state;
  static const uint8_t gif[] =
      "GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff"
      "\xff\0\2\2\x4c\1\0;";
  static const char pnm[] = "P5 30000 30000 255\n................";
  uint8_t bmp[70] =
      "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"
      "\x30\x75\0\0\x30\x75\0\0\1\0\x18";
  const encoded made[] = {{(l_uint8 *)gif, sizeof gif - 1},
                          {(l_uint8 *)pnm, sizeof pnm - 1},
                          {bmp, sizeof bmp}};
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    image_file image;
    numeral_error error;
    assert_int_equal(parse(&made[i], &image, &error), NUMERAL_ERROR_LIMIT);
    assert_non_null(strstr(error.message, "scale"));
  }
  /* the sides of a whole PNG and JPEG, changed: PNG guards its by a checksum */
  encoded jpeg = encode(draw(8), IFF_JFIF_JPEG);
  for (size_t i = 0; i + 8 < jpeg.size_bytes; i++) {
    if (jpeg.bytes[i] != 0xff || jpeg.bytes[i + 1] != 0xc0) continue;
    memcpy(jpeg.bytes + i + 5, "\x75\x30\x75\x30", 4);
  }
  image_file image;
  assert_int_equal(parse(&jpeg, &image, NULL), NUMERAL_ERROR_LIMIT);
  lept_free(jpeg.bytes);
  PIX *wide = pixCreate(32769, 1, 1);
  encoded png = encode(wide, IFF_PNG);
  assert_int_equal(parse(&png, &image, NULL), NUMERAL_ERROR_LIMIT);
  lept_free(png.bytes);
  png = encode(draw(8), IFF_PNG);
  assert_int_equal(image_file_parse_within(png.bytes, png.size_bytes, "test",
                                           WIDTH * HEIGHT - 1, &image, NULL),
                   NUMERAL_ERROR_LIMIT);
  lept_free(png.bytes);
}

static void write_file(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static void test_bad_files(void **state) {
  (void)state;
  static const char *const names[] = {"a.png", "a.jpg", "a.tif", "a.webp",
                                      "a.bmp", "a.gif", "a.pnm"};
  image_file image;
  numeral_error error;
  uint8_t noise[3000];
  unsigned seed = 1;
  for (size_t i = 0; i < sizeof noise; i++) {
    seed = seed * 1664525u + 1013904223u;
    noise[i] = (uint8_t)(seed >> 24);
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *path = in_folder(names[i]);
    write_file(path, noise + 100 * i, 1000);
    assert_int_equal(image_file_read(path, &image, &error),
                     NUMERAL_ERROR_FORMAT);
    assert_non_null(strstr(error.message, names[i]));
    write_file(path, noise, 0);
    assert_int_equal(image_file_read(path, &image, &error),
                     NUMERAL_ERROR_FORMAT);
    assert_non_null(strstr(error.message, names[i]));
    remove(path);
    assert_int_equal(image_file_read(path, &image, &error), NUMERAL_ERROR_IO);
    assert_non_null(strstr(error.message, names[i]));
    assert_null(image.pixels);
  }
  assert_int_equal(image_file_read(folder, &image, &error), NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "folder"));
}

static int files_in_folder(void) {
  DIR *listing = opendir(folder);
  int count = -2; /* . and .. */
  while (readdir(listing)) count++;
  closedir(listing);
  return count;
}

static void test_write_png(void **state) {
  (void)state;
  const char *path = in_folder("out.png");
  for (int channels = 1; channels <= 4; channels++) {
    uint8_t pixels[7 * 40];
    numeral_raster raster = {pixels, 9, 7, channels, 40};
    image_file image;
    for (int i = 0; i < 7 * 40; i++) pixels[i] = (uint8_t)(i * 11);
    assert_int_equal(image_file_write_png(path, &raster, NULL), NUMERAL_OK);
    assert_int_equal(image_file_read(path, &image, NULL), NUMERAL_OK);
    assert_int_equal(image.raster.width_px, 9);
    assert_int_equal(image.raster.height_px, 7);
    assert_int_equal(image.raster.channels, channels);
    for (int y = 0; y < 7; y++) {
      assert_memory_equal(image.pixels + (size_t)y * image.raster.stride_bytes,
                          pixels + y * 40, (size_t)(9 * channels));
    }
    image_file_release(&image);
  }
  assert_int_equal(files_in_folder(), 1);
  remove(path);
}

/* A limit on the size of files stands for a full disk. */
static void test_write_png_to_full_disk(void **state) {
  (void)state;
  static uint8_t noise[100 * 100];
  numeral_raster raster = {noise, 100, 100, 1, 100};
  numeral_error error = {0};
  const char *path = in_folder("full.png");
  struct rlimit before, small;
  unsigned seed = 5;
  for (size_t i = 0; i < sizeof noise; i++) {
    seed = seed * 1664525u + 1013904223u;
    noise[i] = (uint8_t)(seed >> 24);
  }
  write_file(path, "old", 3);
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 2000;
  setrlimit(RLIMIT_FSIZE, &small);
  numeral_status status = image_file_write_png(path, &raster, &error);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(status, NUMERAL_ERROR_IO);
  assert_non_null(strstr(error.message, "full.png"));
  assert_int_equal(files_in_folder(), 1);
  struct stat about;
  assert_int_equal(stat(path, &about), 0);
  assert_int_equal(about.st_size, 3);
  remove(path);
  assert_int_equal(
      image_file_write_png(in_folder("none/out.png"), &raster, &error),
      NUMERAL_ERROR_IO);
}

/* Damaged files in front of every decoder, with stderr going to a file. */
static void test_nothing_is_printed(void **state) {
  (void)state;
  const char *path = in_folder("stderr");
  fflush(stderr);
  int saved = dup(STDERR_FILENO);
  int file = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);
  dup2(file, STDERR_FILENO);
  for (int i = 0; i < CASES; i++) {
    encoded made = encode(draw(cases[i].depth), cases[i].format);
    for (size_t at = 3; at < made.size_bytes; at += 5) {
      image_file image;
      l_uint8 kept = made.bytes[at];
      made.bytes[at] ^= 0x5a;
      image_file_parse_within(made.bytes, made.size_bytes, "test", 1 << 20,
                              &image, NULL);
      image_file_release(&image);
      made.bytes[at] = kept;
    }
    lept_free(made.bytes);
  }
  fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  char text[400] = "";
  off_t printed = lseek(file, 0, SEEK_END);
  if (pread(file, text, sizeof text - 1, 0) > 0) print_error("%s\n", text);
  close(file);
  remove(path);
  assert_int_equal(printed, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formats),
      cmocka_unit_test(test_prefixes),
      cmocka_unit_test(test_palette_and_alpha),
      cmocka_unit_test(test_first_of_many),
      cmocka_unit_test(test_orientation),
      cmocka_unit_test(test_promised_sizes),
      cmocka_unit_test(test_bad_files),
      cmocka_unit_test(test_write_png),
      cmocka_unit_test(test_write_png_to_full_disk),
      cmocka_unit_test(test_nothing_is_printed),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
