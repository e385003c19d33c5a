/* numeral.h: everything that a user of libnumeral includes.
 *
 * Read it top to bottom: first what you need to read a digit, then data, then
 * training, then measuring. Nothing here prints, exits, or keeps global state
 * that a caller can see.
 *
 * Conventions
 *   Errors      A function that can fail returns numeral_status and takes a
 *               numeral_error (or NULL) that receives one sentence saying what
 *               went wrong and where. Out-parameters are cleared first, so
 *               after a failure they are NULL or zero.
 *   Ownership   What a function gives through a `**` out-parameter belongs to
 *               the caller, who ends it with the matching _destroy (NULL is
 *               accepted). Strings that a function returns belong to the
 *               object they came from, or are static.
 *   Threads     A model or a dataset never changes once made: any number of
 *               threads may read it. A session is working memory for one
 *               thread at a time; make one per thread.
 *   Images      28 x 28, one byte a pixel, row by row, 0 = paper and
 *               255 = ink: the convention of MNIST.
 *   Options     Structs that begin with struct_size are filled by their _init
 *               function first; fields may be added at their end later.
 */
#ifndef NUMERAL_H
#define NUMERAL_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define NUMERAL_API __attribute__((visibility("default")))
#else
#define NUMERAL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define NUMERAL_VERSION_MAJOR 0
#define NUMERAL_VERSION_MINOR 1
#define NUMERAL_VERSION_PATCH 0

enum {
  NUMERAL_IMAGE_SIDE = 28,
  NUMERAL_IMAGE_PIXELS = 784,
  NUMERAL_CLASSES = 10
};

/* "0.1.0": the library's version, which may be newer than this header's. */
NUMERAL_API const char *numeral_version(void);

/* ---- Errors ------------------------------------------------------------ */

typedef enum numeral_status {
  NUMERAL_OK = 0,
  NUMERAL_ERROR_ARGUMENT, /* the caller passed something out of range */
  NUMERAL_ERROR_MEMORY,   /* memory was refused */
  NUMERAL_ERROR_IO,       /* a file could not be opened, read or written */
  NUMERAL_ERROR_FORMAT,   /* bytes are not what their format demands */
  NUMERAL_ERROR_SPEC,     /* the text of a network is not understood */
  NUMERAL_ERROR_LIMIT,    /* well formed, but larger than is handled */
  NUMERAL_ERROR_DIVERGED, /* training produced a loss that is not a number */
  NUMERAL_STOPPED         /* a callback asked to stop; nothing is lost */
} numeral_status;

typedef struct numeral_error {
  numeral_status status;
  char message[512]; /* one sentence, no newline, always terminated */
} numeral_error;

/* A few words for a status, e.g. "out of memory". Never NULL. */
NUMERAL_API const char *numeral_status_text(numeral_status status);

/* ---- Precision --------------------------------------------------------- */

/* What numbers are multiplied as; sums are 32 bits wide in all of them. */
typedef enum numeral_precision {
  NUMERAL_PRECISION_AUTO = 0, /* training: bf16 where the processor has it, else
                                 fp32; prediction: fp32 */
  NUMERAL_PRECISION_FP32,
  NUMERAL_PRECISION_BF16, /* the upper 16 bits of a float; needs AVX512-BF16 */
  NUMERAL_PRECISION_INT8  /* prediction only: bytes, on scales that training
                             measured (for a model without them, that drawn
                             digits show); needs AVX512-VNNI or AVX-VNNI */
} numeral_precision;

/* 1 where this processor can, 0 where it cannot or `precision` is unknown. */
NUMERAL_API int numeral_precision_available(numeral_precision precision);

/* ---- Models ------------------------------------------------------------ */

typedef struct numeral_model numeral_model;

/* The model that is compiled into the library. */
NUMERAL_API numeral_status numeral_model_builtin(numeral_model **model,
                                                 numeral_error *error);

/* Reads a model file (docs/model-format.md). Every byte is checked; a file
 * over 256 MiB is refused with NUMERAL_ERROR_LIMIT. */
NUMERAL_API numeral_status numeral_model_load(const char *path,
                                              numeral_model **model,
                                              numeral_error *error);

/* The same from memory; `bytes` may be freed afterwards. */
NUMERAL_API numeral_status numeral_model_parse(const void *bytes,
                                               size_t size_bytes,
                                               numeral_model **model,
                                               numeral_error *error);

/* A network that was not trained: its numbers are the first ones that training
 * with `seed` would start from. To look at a network, or to time it. `net` is
 * a name or a spec. */
NUMERAL_API numeral_status numeral_model_create(const char *net, uint64_t seed,
                                                numeral_model **model,
                                                numeral_error *error);

/* Writes the model to a temporary file beside `path`, flushes it to disk and
 * renames it: `path` is either the old file or the whole new one. */
NUMERAL_API numeral_status numeral_model_write(const numeral_model *model,
                                               const char *path,
                                               numeral_error *error);

NUMERAL_API void numeral_model_destroy(numeral_model *model);

typedef struct numeral_model_info {
  const char *spec;       /* the network as one line of text */
  size_t parameter_count; /* trained numbers, padding not counted */
  uint64_t forward_flops; /* multiplications and additions an image */
  size_t layer_count;     /* items in the spec */
  size_t tensor_count;    /* arrays of trained numbers, see below */
  size_t feature_count;   /* numbers an image, see numeral_features */
  float temperature;      /* of the probabilities; 1 where not calibrated */
  int has_guard;          /* 1: sessions refuse, see numeral_model_calibrate */
} numeral_model_info;

NUMERAL_API numeral_model_info
numeral_model_get_info(const numeral_model *model);

/* A line of the model's metadata ("recipe", "seed", "data", "val_accuracy",
 * "input", ...), or NULL where the file has none of that name. */
NUMERAL_API const char *numeral_model_metadata(const numeral_model *model,
                                               const char *key);

typedef struct numeral_layer_info {
  char text[64];               /* the item as in the spec, "conv 32 3x3 relu" */
  int height, width, channels; /* of its output */
  size_t parameter_count;
  uint64_t forward_flops;
} numeral_layer_info;

/* Layer `index` < layer_count; zeroes and an empty text past the end. */
NUMERAL_API numeral_layer_info numeral_model_layer(const numeral_model *model,
                                                   size_t index);

typedef struct numeral_tensor_info {
  const char *name; /* as in the model file, "0.conv.weight": the layer's index,
                       its kind, what it is; NULL past the end */
  int rank, dims[4]; /* convolution weights [out][in][h][w], dense weights
                        [out][in] with in = channel, y, x; the rest [out] */
  size_t count;      /* product of dims */
} numeral_tensor_info;

/* Tensor `index` < tensor_count. */
NUMERAL_API numeral_tensor_info numeral_model_tensor(const numeral_model *model,
                                                     size_t index);

/* Copies its numbers into values [count]. */
NUMERAL_API numeral_status
numeral_model_tensor_values(const numeral_model *model, size_t index,
                            float *values, numeral_error *error);

/* ---- Reading digits ---------------------------------------------------- */

typedef enum numeral_reason {
  NUMERAL_REASON_NONE = 0, /* there is a digit */
  NUMERAL_REASON_BLANK,    /* no ink was found */
  NUMERAL_REASON_UNSURE,   /* what is there is hardly a digit */
  NUMERAL_REASON_SEVERAL   /* there is more than one digit */
} numeral_reason;

typedef struct numeral_prediction {
  int digit;                            /* 0..9, or -1 where there is none */
  numeral_reason reason;                /* why there is none */
  float confidence;                     /* of `digit`, 0..1; 0 where none */
  float probabilities[NUMERAL_CLASSES]; /* sum to 1, also where UNSURE or
                                           SEVERAL; all 0 where BLANK */
  float score; /* how much it is a digit at all, as log odds: below 0 it is
                  UNSURE. 0 where BLANK, and of a model without a guard, which
                  refuses nothing (numeral_model_calibrate) */
  int digits;  /* how many digits lie side by side in the picture, as far as
                  can be seen without reading them; 0 where BLANK */
} numeral_prediction;

/* A picture of any size, 8 bits a channel, rows top to bottom.
 * channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA (alpha not premultiplied;
 * it is laid on white). Sides 1..32768 and at most 2^28 pixels. */
typedef struct numeral_raster {
  const uint8_t *pixels;
  int width_px, height_px;
  int channels;
  size_t stride_bytes; /* from one row to the next, >= width_px * channels */
} numeral_raster;

typedef struct numeral_session numeral_session;

typedef struct numeral_session_options {
  size_t struct_size;
  int threads;   /* used for one call with many images; default 1 */
  int max_batch; /* images worked on at once, 1..4096; default 64 */
  numeral_precision precision; /* default AUTO */
  int shifts;     /* 4 or 8: each image is also read moved by a pixel to so many
                     sides, and the mean is the answer, which takes so many times
                     longer; default 0 */
  int accept_all; /* 1: whatever has ink is called a digit; default 0 */
} numeral_session_options;

enum { NUMERAL_MODELS_MAX = 16, NUMERAL_SHIFTS_MAX = 8 };

NUMERAL_API void numeral_session_options_init(numeral_session_options *options);

/* Takes all the memory that predictions need, once. `options` may be NULL.
 * The model must live longer than the session. */
NUMERAL_API numeral_status numeral_session_create(
    const numeral_model *model, const numeral_session_options *options,
    numeral_session **session, numeral_error *error);

/* A session of `count` models, 1..NUMERAL_MODELS_MAX, of any networks: its
 * probabilities are the mean of theirs. */
NUMERAL_API numeral_status numeral_session_create_ensemble(
    const numeral_model *const *models, size_t count,
    const numeral_session_options *options, numeral_session **session,
    numeral_error *error);

NUMERAL_API void numeral_session_destroy(numeral_session *session);

/* images [count][28][28] -> probabilities [count][10]; any count. The images
 * must be as MNIST's are: centred, light ink on black. Cannot fail once its
 * arguments are right. Says nothing of whether they are digits. */
NUMERAL_API numeral_status numeral_session_predict(numeral_session *session,
                                                   const uint8_t *images,
                                                   size_t count,
                                                   float *probabilities,
                                                   numeral_error *error);

/* Where the 28 x 28 lie over the raster that they were made from: the upper
 * left corner of the image's pixel in column x and row y is at
 * (left_px + x * pixel_px, top_px + y * pixel_px) of the raster, whose own
 * first pixel has its corner at (0, 0). The frame may reach outside. */
typedef struct numeral_frame {
  double left_px, top_px;
  double pixel_px; /* side of a pixel of the image; 0 where there is no ink */
  int digits;      /* that lie side by side in the raster, as far as can be seen
                      without reading them; the image is of one of them */
} numeral_frame;

/* The same images, and whether each is a digit: predictions [count]. Refused
 * are those that are BLANK (all 0), UNSURE, or, where frames [count] says where
 * they come from (numeral_normalise_framed; else NULL), one of SEVERAL; their
 * best guesses are in `probabilities`. */
NUMERAL_API numeral_status
numeral_session_judge(numeral_session *session, const uint8_t *images,
                      const numeral_frame *frames, size_t count,
                      numeral_prediction *predictions, numeral_error *error);

/* One picture of one digit: finds the ink, normalises it, judges it. A blank
 * picture, and one that is refused, is a result (digit -1), not an error. */
NUMERAL_API numeral_status numeral_session_read_raster(
    numeral_session *session, const numeral_raster *raster,
    numeral_prediction *prediction, numeral_error *error);

/* What read_raster shows the network: `image` receives 28 x 28 bytes, and
 * *has_ink 0 or 1 (all of `image` is 0 where there is no ink).
 * The procedure is that of MNIST (LeCun, Bottou, Bengio, Haffner: Gradient-
 * based learning applied to document recognition, Proc. IEEE 1998, III.A). */
NUMERAL_API numeral_status numeral_normalise(
    const numeral_raster *raster, uint8_t image[NUMERAL_IMAGE_PIXELS],
    int *has_ink, numeral_error *error);

/* numeral_normalise, and where the image lies: to show on the picture what was
 * found out about the image, such as heat (numeral_explainer_heat). */
NUMERAL_API numeral_status numeral_normalise_framed(
    const numeral_raster *raster, uint8_t image[NUMERAL_IMAGE_PIXELS],
    int *has_ink, numeral_frame *frame, numeral_error *error);

/* Called for each step from a picture to the image, in order: "plain" (no
 * alpha, and not larger than is needed), "sheet" (with paper over the table
 * around it, if there is one), "ink" (how far each place is from the paper, its
 * shading taken away), "unruled" (that, without lines printed on the paper, if
 * there are any), "parts" (RGB: what is kept green, what is left out red);
 * where these show no digit, or a crumb, and gentle shades may be why, "evened"
 * (the ink, without them) and "unruled" and "parts" once more; "digit" (what is
 * kept, strokes near 255), "image" (28 x 28). The picture is the library's, and
 * gone after the call. */
typedef void (*numeral_stage_fn)(const char *stage,
                                 const numeral_raster *picture, void *user);

/* numeral_normalise, watched. A blank picture has no "digit" and no "image",
 * one without any contrast no "parts". */
NUMERAL_API numeral_status numeral_normalise_watched(
    const numeral_raster *raster, numeral_stage_fn show, void *user,
    uint8_t image[NUMERAL_IMAGE_PIXELS], int *has_ink, numeral_error *error);

/* ---- Drawing ----------------------------------------------------------- */

/* Where a round pen was, in pixels (the centre of the first pixel is at
 * 0.5, 0.5), and half the width of its line there. */
typedef struct numeral_dot {
  float x, y, radius;
} numeral_dot;

/* Draws the line through the dots, or the one dot, smooth-edged into
 * pixels [side_px][side_px], 0 paper and 255 ink; where there is ink already,
 * the darker stays. What falls outside is cut off. Drawing a line in pieces
 * that share their end dots gives the same pixels. side_px 1..4096, dots finite
 * and no further out than 1e6, radius 0..side_px, count >= 1. */
NUMERAL_API numeral_status numeral_draw_line(const numeral_dot *dots,
                                             size_t count, int side_px,
                                             uint8_t *pixels,
                                             numeral_error *error);

/* ---- Explaining -------------------------------------------------------- */

/* Working memory to look into a network, for one thread at a time. */
typedef struct numeral_explainer numeral_explainer;

/* Takes all memory once; the model must live longer than the explainer. */
NUMERAL_API numeral_status
numeral_explainer_create(const numeral_model *model,
                         numeral_explainer **explainer, numeral_error *error);
NUMERAL_API void numeral_explainer_destroy(numeral_explainer *explainer);

/* Sends one image, as MNIST's are, through the network in fp32 and keeps what
 * came out of every layer. probabilities [10] may be NULL. Cannot fail once its
 * arguments are right; so the functions below, which speak of the last image.
 */
NUMERAL_API numeral_status numeral_explainer_run(
    numeral_explainer *explainer, const uint8_t image[NUMERAL_IMAGE_PIXELS],
    float *probabilities, numeral_error *error);

/* Value c of the pixel in row y and column x is
 * values[((size_t)y * width + x) * pitch + c]. */
typedef struct numeral_maps {
  int height, width, channels;
  int pitch; /* >= channels */
  const float *values;
} numeral_maps;

/* What came out of layer `index` < layer_count; the last layer's are the ten
 * values whose softmax the probabilities are. They stay until the next run.
 * Zeroes and NULL past the end, and before the first run. */
NUMERAL_API numeral_maps
numeral_explainer_layer(const numeral_explainer *explainer, size_t index);

/* Where in the image the evidence for `digit` lies: heat [28][28], 0..1, the
 * highest 1 (all 0 where nothing speaks for the digit).
 * Grad-CAM (Selvaraju et al. 2017) on the last convolution whose output is a
 * map, behind its relu, or its block's add: the sum of its channels, each
 * weighted by the mean gradient of the digit's value before softmax, negative
 * sums cut off; laid on the pixels that each place of the map looks at, linear
 * between them. Without such a convolution, gradient times pixel, negative
 * products cut off. */
NUMERAL_API numeral_status
numeral_explainer_heat(numeral_explainer *explainer, int digit,
                       float heat[NUMERAL_IMAGE_PIXELS], numeral_error *error);

/* The layer that heat is read from, or -1 where it is the image itself. */
NUMERAL_API int numeral_explainer_heat_layer(
    const numeral_explainer *explainer);

/* What the network's last layer with weights decides by: the numbers that go
 * into it. images [count][28][28] -> features [count][feature_count] (of
 * numeral_model_info). threads as for numeral_evaluate. */
NUMERAL_API numeral_status numeral_features(const numeral_model *model,
                                            const uint8_t *images, size_t count,
                                            int threads, float *features,
                                            numeral_error *error);

/* Features seen from where they differ most: their two principal components.
 * features [count][width] -> points [count][2]; shares [2] (or NULL) receives
 * how much of the variance each axis has, 0..1. count >= 1, width >= 1; finite.
 */
NUMERAL_API numeral_status numeral_project(const float *features, size_t count,
                                           size_t width, float *points,
                                           double shares[2],
                                           numeral_error *error);

/* The `wanted` rows of features [count][width] nearest to query [width], the
 * nearest first: their indices, and their distances (or NULL). Rows at one
 * distance come in order. wanted 1..count. */
NUMERAL_API numeral_status numeral_nearest(const float *features, size_t count,
                                           size_t width, const float *query,
                                           size_t wanted, size_t *indices,
                                           float *distances,
                                           numeral_error *error);

/* ---- Data -------------------------------------------------------------- */

typedef struct numeral_dataset numeral_dataset;

/* Copies images [count][28][28] and labels [count], each 0..9. count may be
 * 0 to 16,777,216. */
NUMERAL_API numeral_status numeral_dataset_create(const uint8_t *images,
                                                  const uint8_t *labels,
                                                  size_t count,
                                                  numeral_dataset **dataset,
                                                  numeral_error *error);

/* A pair of IDX files in memory (not compressed): images of 28 x 28 unsigned
 * bytes and as many labels 0..9. */
NUMERAL_API numeral_status numeral_dataset_parse_idx(
    const void *images, size_t images_size_bytes, const void *labels,
    size_t labels_size_bytes, numeral_dataset **dataset, numeral_error *error);

/* CSV text: a line is the label and 784 pixels 0..255, separated by commas;
 * one header line is skipped where its first field is not a number. Messages
 * name the line. */
NUMERAL_API numeral_status numeral_dataset_parse_csv(const char *text,
                                                     size_t size_bytes,
                                                     numeral_dataset **dataset,
                                                     numeral_error *error);

/* `count` digits drawn from pen strokes, labels in equal shares, in an order
 * that depends on the seed alone, as do the images. Image i of a set is the
 * same for every count. */
NUMERAL_API numeral_status numeral_dataset_synthesise(size_t count,
                                                      uint64_t seed,
                                                      numeral_dataset **dataset,
                                                      numeral_error *error);

/* Two new sets: `second` gets `fraction` (0..1) of each class, drawn by seed;
 * `first` the rest. Both keep the order of `dataset`. */
NUMERAL_API numeral_status numeral_dataset_split(const numeral_dataset *dataset,
                                                 double fraction, uint64_t seed,
                                                 numeral_dataset **first,
                                                 numeral_dataset **second,
                                                 numeral_error *error);

/* A new set: the images of `first`, then those of `second`. LIMIT where they
 * are more than a set can hold. */
NUMERAL_API numeral_status numeral_dataset_join(const numeral_dataset *first,
                                                const numeral_dataset *second,
                                                numeral_dataset **joined,
                                                numeral_error *error);
/* How an image can be spoilt on purpose. */
typedef enum numeral_corruption {
  NUMERAL_CORRUPTION_NOISE = 0, /* grains */
  NUMERAL_CORRUPTION_BLUR,
  NUMERAL_CORRUPTION_SHIFT,
  NUMERAL_CORRUPTION_SCALE, /* larger or smaller */
  NUMERAL_CORRUPTION_ROTATE,
  NUMERAL_CORRUPTION_SHADE, /* grey that rises across the image */
  NUMERAL_CORRUPTION_STRIPES,
  NUMERAL_CORRUPTION_OCCLUSION, /* a square of paper over it */
  NUMERAL_CORRUPTIONS
} numeral_corruption;

/* "noise", "blur" and so on; NULL past the end. */
NUMERAL_API const char *numeral_corruption_name(numeral_corruption kind);

/* A new set with every image spoilt; strength 1..3. Image i depends on its
 * pixels, the seed and i alone. */
NUMERAL_API numeral_status numeral_dataset_corrupt(
    const numeral_dataset *dataset, numeral_corruption kind, int strength,
    uint64_t seed, numeral_dataset **corrupted, numeral_error *error);

NUMERAL_API void numeral_dataset_destroy(numeral_dataset *dataset);
NUMERAL_API size_t numeral_dataset_count(const numeral_dataset *dataset);
NUMERAL_API const uint8_t *numeral_dataset_images(
    const numeral_dataset *dataset);
NUMERAL_API const uint8_t *numeral_dataset_labels(
    const numeral_dataset *dataset);

/* 64-bit FNV-1a of the count, the labels and the images: tells two sets apart,
 * not safe against forgery. */
NUMERAL_API uint64_t numeral_dataset_checksum(const numeral_dataset *dataset);

/* ---- Training ---------------------------------------------------------- */

typedef enum numeral_optimizer {
  NUMERAL_OPTIMIZER_SGD = 0, /* with momentum, optionally Nesterov's */
  NUMERAL_OPTIMIZER_ADAM,    /* Kingma and Ba 2015 */
  NUMERAL_OPTIMIZER_ADAMW    /* Loshchilov and Hutter 2019 */
} numeral_optimizer;

typedef enum numeral_schedule {
  NUMERAL_SCHEDULE_CONSTANT = 0,
  NUMERAL_SCHEDULE_STEP,      /* x step_factor every step_epochs */
  NUMERAL_SCHEDULE_COSINE,    /* from lr to 0 over the whole run */
  NUMERAL_SCHEDULE_ONE_CYCLE, /* Smith 2018: up to lr, then down to nearly 0 */
  NUMERAL_SCHEDULE_TRIANGLE,  /* Smith 2017: the same in straight lines, from 0
                                 and to 0 */
  NUMERAL_SCHEDULE_WARM_RESTARTS /* Loshchilov and Hutter 2017: cosine to 0
                                    again and again, each time for longer */
} numeral_schedule;

/* How far training images are changed each time they are seen, so that the
 * network learns what does not matter. Each amount is drawn anew between none
 * and the setting; 0 is off. */
typedef struct numeral_augment {
  double rotate_degrees; /* 0..180, either way */
  double shift_px;       /* 0..14, each way */
  double scale;          /* 0..0.9: share by which it grows or shrinks; by half
                            of it, width against height */
  double shear;          /* 0..2: columns a row, leaning either way */
  double elastic_px;     /* 0..8: root mean square of a smooth random bend
                            (Simard, Steinkraus and Platt 2003) */
  double thickness_px;   /* 0..1: strokes grow on each side, or shrink by half
                            as much */
  double contrast;       /* 0..1: share by which ink is fainter or fuller, and
                            grey nearer to paper or ink */
  double blur_px;        /* 0..2: deviation of a Gaussian; every second image */
  double noise;          /* 0..0.5: deviation as a share of full ink, and
                            specks; every second image */
  double occlude;        /* 0..1: longest side of a patch of paper as a share of
                            the image's, or a stripe; every second image */
  double clutter;        /* 0..1: longest rest of a line or of a neighbour along
                            the digit's edges as a share of the image's side;
                            every fourth image */
} numeral_augment;

typedef enum numeral_strength {
  NUMERAL_STRENGTH_NONE = 0, /* all settings 0 */
  NUMERAL_STRENGTH_LIGHT,    /* turned, moved, bent a little */
  NUMERAL_STRENGTH_MEDIUM,
  NUMERAL_STRENGTH_STRONG, /* a person can still read them */
  NUMERAL_STRENGTHS
} numeral_strength;

/* All settings at once; those of NONE for a strength that is unknown. */
NUMERAL_API numeral_augment numeral_augment_preset(numeral_strength strength);

/* What training makes of images [count][28][28] in an epoch (0 is the first),
 * where they are the images first, first + 1, ... of the training set:
 * augmented [count][28][28], which may be the same memory. */
NUMERAL_API numeral_status
numeral_augment_images(const numeral_augment *augment, uint64_t seed, int epoch,
                       size_t first, const uint8_t *images, size_t count,
                       uint8_t *augmented, numeral_error *error);

/* Everything about how a network is trained that changes the result. */
typedef struct numeral_recipe {
  size_t struct_size;
  int epochs; /* 1..100000 */
  int batch;  /* 1..4096 */
  numeral_optimizer optimizer;
  numeral_schedule schedule;
  double learning_rate;         /* > 0: the (highest) step size */
  double momentum;              /* SGD, 0..1; 0 is plain SGD */
  int nesterov;                 /* SGD, 0 or 1 */
  double beta1, beta2, epsilon; /* Adam, AdamW */
  double weight_decay;     /* L2 term for SGD and Adam; decoupled in AdamW */
  double step_factor;      /* schedule step */
  int step_epochs;         /* schedule step */
  double one_cycle_warmup; /* schedules one-cycle and triangle: share of steps
                              going up */
  double clip;             /* largest norm of the gradient; 0: no limit */
  int patience;            /* stop after so many epochs without a lower
                              validation loss and keep the best; 0: never */
  double val_split;        /* share of the training set kept for validation,
                              0 <= x < 1. Used by those who split the set, such as the
                              program; numeral_train takes sets as given */
  numeral_precision precision; /* AUTO, FP32 or BF16 */
  double label_smoothing;  /* share of the wanted answer that is given to all
                              ten digits alike, 0 <= x < 1 */
  numeral_augment augment; /* of the training images */
  double mixup; /* 0..100: each image is laid over another of its batch, and
                   so are their labels, in shares that follow the law
                   Beta(mixup, mixup) (Zhang et al. 2018); 0: no */
  double ema;   /* 0 <= x < 1: what is validated and kept is the running mean of
                   parameters and running statistics, of which each step keeps
                   the share x; in step t no more than (1 + t) / (10 + t), so
                   that the beginning is forgotten; 0: the last values */
  int restart_epochs;    /* schedule warm restarts: until the first, >= 1 */
  double restart_factor; /* and so many times longer until each next, 1..100 */
  int freeze;            /* the first so many layers are not trained, and batch
                            normalisation among them works as in prediction */
} numeral_recipe;

/* The recipe of a named network; for any other spec a general one (Adam). */
NUMERAL_API numeral_status numeral_recipe_for(const char *net,
                                              numeral_recipe *recipe,
                                              numeral_error *error);

typedef struct numeral_named_net {
  const char *name, *spec, *summary;
} numeral_named_net;

/* The table of named networks; returns how many, *nets points at static rows.
 */
NUMERAL_API size_t numeral_named_nets(const numeral_named_net **nets);

typedef enum numeral_event {
  NUMERAL_EVENT_START = 0, /* before the first step: epoch and step tell where a
                              resumed run goes on */
  NUMERAL_EVENT_STEP,      /* after every step */
  NUMERAL_EVENT_EPOCH,     /* after an epoch and its validation; comes before
                              the checkpoint that contains it */
  NUMERAL_EVENT_CHECKPOINT /* after a checkpoint was written */
} numeral_event;

typedef struct numeral_progress {
  numeral_event event;
  int epoch, epochs;     /* epoch: 1-based, the current or just ended one;
                            at START the number of epochs already done */
  int step, steps;       /* steps done and in all, in this epoch */
  double loss, accuracy; /* training, running mean over this epoch */
  double val_loss, val_accuracy; /* EPOCH only; NaN without validation data */
  double learning_rate;          /* of the last step */
  double seconds;                /* of training in this epoch, in this process:
                                    from the first weights to the last update,
                                    without validation and checkpoints */
  double images_per_second;      /* over the last second or so */
} numeral_progress;

/* Called from the thread that called numeral_train. Return 0 to go on, else
 * training stops after this batch: the checkpoint is written and
 * numeral_train returns NUMERAL_STOPPED. */
typedef int (*numeral_progress_fn)(const numeral_progress *progress,
                                   void *user);

typedef struct numeral_train_options {
  size_t struct_size;
  const char *net;              /* a name or a spec; default "cnn" */
  numeral_recipe recipe;        /* default: that of "cnn" */
  uint64_t seed;                /* default 1 */
  int threads;                  /* 0: as many as the machine has; the result
                                   does not depend on it */
  numeral_progress_fn progress; /* or NULL */
  void *user;
  const char
      *checkpoint_path;      /* NULL: none are written. Written before the
                                first step, then every checkpoint_seconds, at a stop
                                and      at the end; each replaces the last whole */
  double checkpoint_seconds; /* default 5 */
  int resume;                /* 1: start from checkpoint_path, which must be
                                of the same network, recipe, seed and data */
  const char *data_name;     /* stored in the model as "data", or NULL */
  const numeral_model *init; /* begins with this model's numbers, which must be
                                of the same network; NULL: drawn by seed. A run
                                that is resumed needs it again */
  /* Teachers, 0..NUMERAL_MODELS_MAX models of any networks. With them the
   * network does not learn labels but to answer each image, as augmentation
   * changed it, as their mean does (Hinton et al. 2015, Beyer et al. 2022);
   * label_smoothing smooths their answers. A resumed run needs them again. */
  const numeral_model *const *teachers;
  size_t teacher_count;
} numeral_train_options;

NUMERAL_API void numeral_train_options_init(numeral_train_options *options);

/* Trains a network on `train`, watching `validation` (NULL or an empty set:
 * not watched). On NUMERAL_OK *model is the trained network: that of the last
 * epoch, or with patience that of the lowest validation loss.
 * Same options, data and instruction set: the same bits, whatever the number
 * of threads and however often it was stopped and resumed. */
NUMERAL_API numeral_status numeral_train(const numeral_train_options *options,
                                         const numeral_dataset *train,
                                         const numeral_dataset *validation,
                                         numeral_model **model,
                                         numeral_error *error);

/* ---- Being sure -------------------------------------------------------- */

typedef struct numeral_calibrate_options {
  size_t struct_size;
  int guard_epochs; /* of training the guard, 1..1000; 0: no guard. default 8 */
  double refused;   /* share of the validation digits that the guard may refuse,
                       above 0 and below 0.5; default 0.004 */
  uint64_t seed;    /* of the guard; default 1 */
  int threads;      /* 0: all; the result does not depend on it */
  numeral_progress_fn progress; /* of the guard's training, or NULL */
  void *user;
} numeral_calibrate_options;

NUMERAL_API void numeral_calibrate_options_init(
    numeral_calibrate_options *options);

/* A copy of the model that says how sure it is, measured on digits that it was
 * not trained on:
 * - its probabilities are divided by a temperature (Guo et al. 2017), so that
 *   of the answers with confidence 0.9 nine in ten are right. No answer
 *   changes;
 * - with it goes a guard, a small network that was trained on digits of `train`
 *   and on letters, signs, shapes and noise that the library draws itself. By
 *   its word and the model's a session refuses what is no digit. `train` may be
 *   NULL with guard_epochs 0.
 * What an earlier calibration measured is replaced. `validation` is not empty;
 * for a guard it has at least NUMERAL_GUARD_DIGITS images. Same model, sets,
 * options and instruction set: the same bits. */
enum { NUMERAL_GUARD_DIGITS = 250 };
NUMERAL_API numeral_status numeral_model_calibrate(
    const numeral_model *model, const numeral_dataset *train,
    const numeral_dataset *validation, const numeral_calibrate_options *options,
    numeral_model **calibrated, numeral_error *error);

/* ---- Measuring --------------------------------------------------------- */

enum { NUMERAL_RELIABILITY_BINS = 15 };

/* The images whose confidence fell into one part of 0..1. */
typedef struct numeral_reliability {
  size_t count;
  double confidence, accuracy; /* means over them; 0 where there are none */
} numeral_reliability;

typedef struct numeral_evaluation {
  size_t count, correct;
  double accuracy;                    /* 0..1 */
  double accuracy_low, accuracy_high; /* Wilson's 95% interval */
  double loss;                        /* mean cross-entropy, nats */
  double seconds;                     /* spent predicting */
  size_t confusion[NUMERAL_CLASSES][NUMERAL_CLASSES]; /* [true][predicted] */
  double precision[NUMERAL_CLASSES], recall[NUMERAL_CLASSES],
      f1[NUMERAL_CLASSES];
  /* Guo et al. 2017: bin i holds the confidences above i / 15, up to
   * (i + 1) / 15; the error is the mean distance between confidence and
   * accuracy, bins weighted by their count */
  numeral_reliability reliability[NUMERAL_RELIABILITY_BINS];
  double calibration_error; /* 0..1 */
  double accuracy_at_99;    /* of the 99% of images with most confidence */
  size_t refused;           /* how many a session would not call a digit */
  double accuracy_of_rest;  /* of those that it would; 0 where it is none */
} numeral_evaluation;

/* threads 0: as many as the machine has; precision as for a session. An empty
 * set is an argument error. probabilities [count][10] (or NULL) receives what
 * was said of each image. */
NUMERAL_API numeral_status numeral_evaluate(
    const numeral_model *model, const numeral_dataset *dataset, int threads,
    numeral_precision precision, numeral_evaluation *evaluation,
    float *probabilities, numeral_error *error);

/* The same of what a session says, with its models, precision and shifts. */
NUMERAL_API numeral_status numeral_evaluate_session(
    numeral_session *session, const numeral_dataset *dataset,
    numeral_evaluation *evaluation, float *probabilities, numeral_error *error);

/* The instruction set in use: "portable", "avx2", "avx512" or "neon". */
NUMERAL_API const char *numeral_instruction_set(void);

/* How many threads `threads = 0` means here. */
NUMERAL_API int numeral_default_threads(void);

typedef struct numeral_bench_result {
  const char *kernel;    /* "conv forward" */
  const char *shape;     /* "13x13x32 -> 11x11x64 3x3" */
  const char *precision; /* "fp32", "bf16" or "int8" */
  int threads;           /* each on images of its own; rates are of all */
  double gflops;         /* billions of operations a second, median */
  double share_of_peak;  /* of these threads' multiply-add peak; 0 where the
                            kernel is bound by memory */
  double gigabytes_per_second; /* for kernels bound by memory, else 0 */
} numeral_bench_result;

typedef void (*numeral_bench_fn)(const numeral_bench_result *result,
                                 void *user);

/* This machine's multiply-add peak in GFLOP/s on `threads` threads (0: all),
 * for FP32 (or AUTO) or BF16; 0 where the processor has no such products. */
NUMERAL_API double numeral_bench_peak(numeral_precision precision, int threads);

/* Times every kernel of the table on one thread, and the matrix products on all
 * too, and reports each. Operations are those that the result needs. */
NUMERAL_API numeral_status numeral_bench_kernels(numeral_bench_fn report,
                                                 void *user,
                                                 numeral_error *error);

#ifdef __cplusplus
}
#endif
#endif
