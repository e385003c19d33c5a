/* jpeg_decode.c: JPEG through libjpeg, with errors and warnings kept from
 * stderr, CMYK turned to RGB, and the picture turned as the camera was held.
 * libjpeg directly, because Leptonica lets it print and drops the EXIF data. */
#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs FILE */
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#include "formats/image_decode.h"

enum { SCAN_LIMIT = 1000 }; /* a progressive file has about ten */

typedef struct jpeg_state {
  struct jpeg_decompress_struct codec;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  char message[JMSG_LENGTH_MAX];
  jmp_buf failed;
  image_file image;
  int orientation;
  numeral_status status;
} jpeg_state;

static void leave(j_common_ptr codec) {
  jpeg_state *state = codec->client_data;
  state->errors.format_message(codec, state->message);
  longjmp(state->failed, 1);
}

/* libjpeg invents the rest of a file that ends too early; we refuse it. Other
 * warnings (stray bytes of careless cameras) do no harm. */
static void hear(j_common_ptr codec, int level) {
  if (level < 0 && codec->err->msg_code == JWRN_JPEG_EOF) leave(codec);
}

static void keep_quiet(j_common_ptr codec) { (void)codec; }

/* A small file can hold many thousand scans of a large picture. */
static void watch_scans(j_common_ptr codec) {
  jpeg_state *state = codec->client_data;
  if (state->codec.input_scan_number > SCAN_LIMIT) {
    ERREXIT(codec, JERR_BAD_PROGRESSION);
  }
}

/* Adobe's programs store CMYK inverted, and say so by their marker. */
static void cmyk_to_rgb(uint8_t *row, int width_px, int inverted) {
  for (int x = 0; x < width_px; x++) {
    const uint8_t *from = row + (size_t)x * 4;
    int key = inverted ? from[3] : 255 - from[3];
    uint8_t rgb[3];
    for (int c = 0; c < 3; c++) {
      int light = inverted ? from[c] : 255 - from[c];
      rgb[c] = (uint8_t)((light * key + 127) / 255);
    }
    memcpy(row + (size_t)x * 3, rgb, 3);
  }
}

static int find_orientation(const struct jpeg_decompress_struct *codec) {
  for (jpeg_saved_marker_ptr marker = codec->marker_list; marker;
       marker = marker->next) {
    int orientation = exif_orientation(marker->data, marker->data_length);
    if (orientation != 1) return orientation;
  }
  return 1;
}

static int output_channels(struct jpeg_decompress_struct *codec) {
  switch (codec->jpeg_color_space) {
    case JCS_GRAYSCALE:
      codec->out_color_space = JCS_GRAYSCALE;
      return 1;
    case JCS_CMYK:
    case JCS_YCCK:
      codec->out_color_space = JCS_CMYK;
      return 3;
    default:
      codec->out_color_space = JCS_RGB;
      return 3;
  }
}

static void read_rows(jpeg_state *state) {
  struct jpeg_decompress_struct *codec = &state->codec;
  int cmyk = codec->out_color_space == JCS_CMYK;
  JSAMPARRAY wide = NULL; /* freed with the codec */
  if (cmyk) {
    wide = codec->mem->alloc_sarray((j_common_ptr)codec, JPOOL_IMAGE,
                                    codec->output_width * 4, 1);
  }
  while (codec->output_scanline < codec->output_height) {
    const numeral_raster *raster = &state->image.raster;
    JSAMPROW row =
        state->image.pixels + codec->output_scanline * raster->stride_bytes;
    JSAMPROW target = cmyk ? wide[0] : row;
    jpeg_read_scanlines(codec, &target, 1);
    if (cmyk) {
      cmyk_to_rgb(target, raster->width_px, codec->saw_Adobe_marker);
      memcpy(row, target, raster->stride_bytes);
    }
  }
}

/* Everything that may longjmp; what it takes hangs on `state`. */
static void decode(jpeg_state *state, const image_source *source,
                   numeral_error *error) {
  struct jpeg_decompress_struct *codec = &state->codec;
  jpeg_create_decompress(codec);
  state->progress.progress_monitor = watch_scans;
  codec->progress = &state->progress;
  jpeg_mem_src(codec, source->bytes, (unsigned long)source->size_bytes);
  jpeg_save_markers(codec, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(codec, TRUE);
  state->status =
      image_check_size(source, codec->image_width, codec->image_height, error);
  if (state->status != NUMERAL_OK) return;
  state->orientation = find_orientation(codec);
  int channels = output_channels(codec);
  jpeg_start_decompress(codec);
  state->status = image_file_create(&state->image, (int)codec->output_width,
                                    (int)codec->output_height, channels, error);
  if (state->status != NUMERAL_OK) return;
  read_rows(state);
  jpeg_finish_decompress(codec);
}

/* EXIF orientations: 2 mirrored, 3 turned by 180 degrees, 4 both; from 5 on
 * rows and columns are exchanged first. (x, y) is where a pixel of the stored
 * picture goes. */
static numeral_status turn(image_file *image, int orientation,
                           numeral_error *error) {
  static const uint8_t flips_x[] = {0, 0, 1, 1, 0, 0, 1, 1, 0};
  static const uint8_t flips_y[] = {0, 0, 0, 1, 1, 0, 0, 1, 1};
  const numeral_raster from = image->raster;
  size_t channels = (size_t)from.channels;
  int swap = orientation >= 5;
  image_file turned = {0};
  numeral_status status = image_file_create(
      &turned, swap ? from.height_px : from.width_px,
      swap ? from.width_px : from.height_px, from.channels, error);
  if (status != NUMERAL_OK) return status;
  for (int row = 0; row < from.height_px; row++) {
    for (int column = 0; column < from.width_px; column++) {
      int x = swap ? row : column, y = swap ? column : row;
      if (flips_x[orientation]) x = turned.raster.width_px - 1 - x;
      if (flips_y[orientation]) y = turned.raster.height_px - 1 - y;
      memcpy(turned.pixels + (size_t)y * turned.raster.stride_bytes +
                 (size_t)x * channels,
             from.pixels + (size_t)row * from.stride_bytes +
                 (size_t)column * channels,
             channels);
    }
  }
  image_file_release(image);
  *image = turned;
  return NUMERAL_OK;
}

numeral_status jpeg_decode(const image_source *source, image_file *image,
                           numeral_error *error) {
  jpeg_state state = {.orientation = 1, .status = NUMERAL_OK};
  state.codec.err = jpeg_std_error(&state.errors);
  state.codec.client_data = &state;
  state.errors.error_exit = leave;
  state.errors.emit_message = hear;
  state.errors.output_message = keep_quiet;
  if (setjmp(state.failed) == 0) {
    decode(&state, source, error);
  } else {
    state.status = image_fail_damaged(source, "JPEG", state.message, error);
  }
  jpeg_destroy_decompress(&state.codec);
  *image = state.image;
  if (state.status != NUMERAL_OK || state.orientation == 1) return state.status;
  return turn(image, state.orientation, error);
}
