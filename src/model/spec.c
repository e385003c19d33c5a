/* spec.c: the grammar of a network's text, read and written. One table says
 * which options a layer takes, so that reading, writing and messages agree.
 * Must not know shapes: whether layers fit each other is nn/net.c's concern. */
#include "model/spec.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
  TAKES_STRIDE = 1 << 0,
  TAKES_PADDING = 1 << 1,
  TAKES_RELU = 1 << 2,
  TAKES_INIT = 1 << 3,
  TAKES_GROUPS = 1 << 4,
  TAKES_RELU6 = 1 << 5
};

typedef struct kind_row {
  const char *name;
  unsigned takes;
  const char *options; /* the same for people */
} kind_row;

static const kind_row kinds[NML_LAYER_KINDS] = {
    [NML_CONV] = {"conv",
                  TAKES_STRIDE | TAKES_GROUPS | TAKES_PADDING | TAKES_RELU |
                      TAKES_INIT,
                  "stride N, groups N, same, valid, relu, he or glorot"},
    [NML_DEPTHWISE] = {"conv", 0, ""}, /* in a net alone; written, never read */
    [NML_DENSE] = {"dense", TAKES_RELU | TAKES_INIT, "relu, he or glorot"},
    [NML_MAXPOOL] = {"maxpool", TAKES_STRIDE | TAKES_PADDING,
                     "stride N, same or valid"},
    [NML_AVGPOOL] = {"avgpool", TAKES_STRIDE | TAKES_PADDING,
                     "stride N, same or valid"},
    [NML_BATCHNORM] = {"batchnorm", TAKES_RELU | TAKES_RELU6, "relu or relu6"},
    [NML_RELU] = {"relu", 0, ""},
    [NML_RELU6] = {"relu6", 0, ""},
    [NML_DROPOUT] = {"dropout", 0, ""},
    [NML_FLATTEN] = {"flatten", 0, ""},
    [NML_CROP] = {"crop", 0, ""},
    [NML_GLOBALAVGPOOL] = {"globalavgpool", 0, ""},
    [NML_RESIDUAL] = {"residual", 0, ""},
    [NML_SHORTCUT] = {"shortcut", 0, ""},
    [NML_ADD] = {"add", TAKES_RELU, "relu"},
};

/* ---- Reading ----------------------------------------------------------- */

typedef struct word {
  const char *text;
  int length; /* 0: the end of the item */
} word;

/* One item of the text, and how far it has been read. */
typedef struct item {
  const char *text, *next, *end;
  int number; /* 1-based */
  numeral_error *error;
} item;

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static word next_word(item *it) {
  while (it->next < it->end && is_space(*it->next)) it->next++;
  word w = {it->next, 0};
  while (it->next < it->end && !is_space(*it->next)) it->next++;
  w.length = (int)(it->next - w.text);
  return w;
}

static bool word_is(word w, const char *text) {
  return strlen(text) == (size_t)w.length &&
         memcmp(w.text, text, (size_t)w.length) == 0;
}

static int shown(ptrdiff_t length) { return length > 60 ? 60 : (int)length; }

__attribute__((format(printf, 3, 4))) static numeral_status fail_expected(
    const item *it, word found, const char *format, ...) {
  char expected[160], what[80] = "the end of the item";
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(expected, sizeof expected, format, arguments);
  va_end(arguments);
  if (found.length)
    snprintf(what, sizeof what, "\"%.*s\"", shown(found.length), found.text);
  return nml_fail(it->error, NUMERAL_ERROR_SPEC,
                  "item %d \"%.*s\": expected %s, found %s", it->number,
                  shown(it->end - it->text), it->text, expected, what);
}

/* Plain decimal from 1 to `most`, without sign or leading zero. */
static bool parse_number(const char *text, int length, int most, int *value) {
  int number = 0;
  if (length == 0 || text[0] == '0') return false;
  for (int i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    number = number * 10 + (text[i] - '0');
    if (number > most) return false;
  }
  *value = number;
  return true;
}

static bool parse_window(word w, int *height, int *width) {
  const char *cross = memchr(w.text, 'x', (size_t)w.length);
  if (!cross) return false;
  int before = (int)(cross - w.text);
  return parse_number(w.text, before, NML_MAX_WINDOW, height) &&
         parse_number(cross + 1, w.length - before - 1, NML_MAX_WINDOW, width);
}

static numeral_status read_units(item *it, nml_layer_spec *spec) {
  word w = next_word(it);
  if (!parse_number(w.text, w.length, NML_MAX_UNITS, &spec->units))
    return fail_expected(it, w, "a number of %s from 1 to %d",
                         spec->kind == NML_CONV ? "channels" : "outputs",
                         NML_MAX_UNITS);
  return NUMERAL_OK;
}

static numeral_status read_conv(item *it, nml_layer_spec *spec) {
  numeral_status status = read_units(it, spec);
  if (status != NUMERAL_OK) return status;
  word w = next_word(it);
  if (!parse_window(w, &spec->window_h, &spec->window_w))
    return fail_expected(it, w, "a window such as 3x3, sides 1 to %d",
                         NML_MAX_WINDOW);
  spec->stride = 1;
  return NUMERAL_OK;
}

/* One side of a square, or both. */
static bool parse_sides(word w, nml_layer_spec *spec) {
  if (!parse_number(w.text, w.length, NML_MAX_WINDOW, &spec->window_h))
    return parse_window(w, &spec->window_h, &spec->window_w);
  spec->window_w = spec->window_h;
  return true;
}

static numeral_status read_crop(item *it, nml_layer_spec *spec) {
  word w = next_word(it);
  if (parse_sides(w, spec)) return NUMERAL_OK;
  return fail_expected(it, w, "what to keep, such as 20 or 20x24");
}

static numeral_status read_pool(item *it, nml_layer_spec *spec) {
  word w = next_word(it);
  if (!parse_sides(w, spec))
    return fail_expected(it, w, "a size such as 2 or 2x3, sides 1 to %d",
                         NML_MAX_WINDOW);
  if (spec->kind == NML_MAXPOOL && spec->window_h * spec->window_w > 255)
    return fail_expected(it, w, "a window of at most 255 pixels");
  spec->stride = spec->window_h;
  return NUMERAL_OK;
}

/* "0" or "0." and one to six digits: enough for a share, and the same on every
 * machine and in every locale. */
static bool parse_rate(word w, float *rate) {
  int digits = 0, scale = 1;
  if (word_is(w, "0")) {
    *rate = 0;
    return true;
  }
  if (w.length < 3 || w.length > 8 || memcmp(w.text, "0.", 2) != 0)
    return false;
  for (int i = 2; i < w.length; i++) {
    if (w.text[i] < '0' || w.text[i] > '9') return false;
    digits = digits * 10 + (w.text[i] - '0');
    scale *= 10;
  }
  *rate = (float)((double)digits / scale);
  return true;
}

static numeral_status read_rate(item *it, nml_layer_spec *spec) {
  word w = next_word(it);
  if (parse_rate(w, &spec->rate)) return NUMERAL_OK;
  return fail_expected(it, w,
                       "a share from 0 to below 1 with at most six digits, "
                       "such as 0.25");
}

/* Sets what an option word stands for; returns its TAKES_ bit, or 0. */
static unsigned apply_option(word w, nml_layer_spec *spec) {
  if (word_is(w, "stride")) return TAKES_STRIDE; /* its number follows */
  if (word_is(w, "groups")) return TAKES_GROUPS; /* and so does this one's */
  if (word_is(w, "same")) {
    spec->same = true;
    return TAKES_PADDING;
  }
  if (word_is(w, "valid")) return TAKES_PADDING;
  if (word_is(w, "relu")) {
    spec->relu = 1;
    return TAKES_RELU;
  }
  if (word_is(w, "relu6")) {
    spec->relu = 6;
    return TAKES_RELU6;
  }
  if (word_is(w, "he")) {
    spec->init = NML_INIT_HE;
    return TAKES_INIT;
  }
  return word_is(w, "glorot") ? TAKES_INIT : 0;
}

static numeral_status read_options(item *it, nml_layer_spec *spec) {
  const kind_row *row = &kinds[spec->kind];
  unsigned seen = 0;
  for (;;) {
    word w = next_word(it);
    if (w.length == 0) return NUMERAL_OK;
    if (row->takes == 0) return fail_expected(it, w, "a comma or the end");
    unsigned option = apply_option(w, spec);
    if (!(option & row->takes)) return fail_expected(it, w, "%s", row->options);
    if (option & seen)
      return fail_expected(it, w,
                           "each option once, and same or valid, he or "
                           "glorot");
    seen |= option;
    if (option != TAKES_STRIDE && option != TAKES_GROUPS) continue;
    w = next_word(it);
    bool stride = option == TAKES_STRIDE;
    int most = stride ? NML_MAX_STRIDE : NML_MAX_UNITS;
    if (!parse_number(w.text, w.length, most,
                      stride ? &spec->stride : &spec->groups))
      return fail_expected(it, w, "%s from 1 to %d",
                           stride ? "a stride" : "a number of groups", most);
  }
}

static numeral_status read_item(item *it, nml_layer_spec *spec) {
  numeral_status status = NUMERAL_OK;
  word name = next_word(it);
  int kind = 0;
  while (kind < NML_LAYER_KINDS && !word_is(name, kinds[kind].name)) kind++;
  if (kind == NML_LAYER_KINDS)
    return fail_expected(
        it, name,
        "conv, dense, maxpool, avgpool, batchnorm, relu, "
        "relu6, flatten, dropout, globalavgpool, crop, residual, "
        "shortcut or add");
  memset(spec, 0, sizeof *spec);
  spec->kind = (nml_layer_kind)kind;
  if (kind == NML_CONV) status = read_conv(it, spec);
  if (kind == NML_DENSE) status = read_units(it, spec);
  if (kind == NML_MAXPOOL || kind == NML_AVGPOOL) status = read_pool(it, spec);
  if (kind == NML_CROP) status = read_crop(it, spec);
  if (kind == NML_DROPOUT) status = read_rate(it, spec);
  return status == NUMERAL_OK ? read_options(it, spec) : status;
}

/* The item that begins at `text`, without the spaces around it. */
static item item_at(const char *text, int number, numeral_error *error) {
  item it = {text, text, text + strcspn(text, ","), number, error};
  while (it.text < it.end && is_space(*it.text)) it.text++;
  while (it.end > it.text && is_space(it.end[-1])) it.end--;
  it.next = it.text;
  return it;
}

/* A single word that is no layer is a misspelt name of the table. */
static numeral_status fail_name(const item *it) {
  char names[128] = "";
  size_t count, used = 0;
  const numeral_named_net *nets = nml_named_net_table(&count);
  for (size_t i = 0; i < count && used < sizeof names; i++)
    used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
                             i ? ", " : "", nets[i].name);
  return nml_fail(it->error, NUMERAL_ERROR_SPEC,
                  "\"%.*s\" is not a network's name (%s), nor text such as "
                  "\"flatten, dense 10\"",
                  shown(it->end - it->text), it->text, names);
}

static bool is_unknown_name(const char *text) {
  item it = item_at(text, 1, NULL);
  word w = next_word(&it);
  if (w.length == 0 || it.next < it.end || strchr(text, ',')) return false;
  for (int kind = 0; kind < NML_LAYER_KINDS; kind++)
    if (word_is(w, kinds[kind].name)) return false;
  return true;
}

static numeral_status parse_items(const char *text, nml_layer_spec *specs,
                                  int *count, numeral_error *error) {
  const char *next = text;
  int read = 0;
  for (;;) {
    item it = item_at(next, read + 1, error);
    if (read == NML_MAX_LAYERS)
      return nml_fail(error, NUMERAL_ERROR_LIMIT,
                      "the network has more than %d layers: use fewer",
                      NML_MAX_LAYERS);
    numeral_status status = read_item(&it, &specs[read]);
    if (status != NUMERAL_OK) return status;
    read++;
    next += strcspn(next, ",");
    if (*next == '\0') break;
    next++;
  }
  *count = read;
  return NUMERAL_OK;
}

numeral_status nml_spec_parse(const char *text, nml_layer_spec *specs,
                              int *count, numeral_error *error) {
  char canonical[NML_SPEC_BYTES];
  int read = 0;
  *count = 0;
  const numeral_named_net *named = nml_named_net_find(text);
  if (named) text = named->spec;
  if (strnlen(text, NML_SPEC_BYTES) == NML_SPEC_BYTES)
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "the network's text is longer than %d characters: use "
                    "fewer layers",
                    NML_SPEC_BYTES - 1);
  if (is_unknown_name(text)) {
    item it = item_at(text, 1, error);
    return fail_name(&it);
  }
  numeral_status status = parse_items(text, specs, &read, error);
  if (status != NUMERAL_OK) return status;
  if (!nml_spec_format(specs, read, canonical, sizeof canonical))
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "the network's text, fully spaced, is longer than %d "
                    "characters: use fewer layers",
                    NML_SPEC_BYTES - 1);
  *count = read;
  return NUMERAL_OK;
}

/* ---- Writing ----------------------------------------------------------- */

typedef struct writer {
  char *text;
  size_t size_bytes, used;
  bool fits;
} writer;

/* Only %s and %d: nothing that a locale changes. */
__attribute__((format(printf, 2, 3))) static void put(writer *out,
                                                      const char *format, ...) {
  va_list arguments;
  if (!out->fits) return;
  va_start(arguments, format);
  int length = vsnprintf(out->text + out->used, out->size_bytes - out->used,
                         format, arguments);
  va_end(arguments);
  out->fits = length >= 0 && (size_t)length < out->size_bytes - out->used;
  if (out->fits) out->used += (size_t)length;
}

static void put_rate(writer *out, float rate) {
  int digits = (int)lround((double)rate * 1e6), width = 6;
  if (digits == 0) {
    put(out, " 0");
    return;
  }
  for (; digits % 10 == 0; digits /= 10) width--;
  put(out, " 0.%0*d", width, digits);
}

static void put_layer(writer *out, const nml_layer_spec *spec) {
  bool pool = spec->kind == NML_MAXPOOL || spec->kind == NML_AVGPOOL;
  bool sides = pool || spec->kind == NML_CROP;
  bool conv = spec->kind == NML_CONV || spec->kind == NML_DEPTHWISE;
  put(out, "%s", kinds[spec->kind].name);
  if (conv || spec->kind == NML_DENSE) put(out, " %d", spec->units);
  if (sides && spec->window_h == spec->window_w)
    put(out, " %d", spec->window_h);
  else if (sides || conv)
    put(out, " %dx%d", spec->window_h, spec->window_w);
  if (spec->kind == NML_DROPOUT) put_rate(out, spec->rate);
  if ((conv && spec->stride != 1) || (pool && spec->stride != spec->window_h))
    put(out, " stride %d", spec->stride);
  if (spec->groups > 1) put(out, " groups %d", spec->groups);
  if (spec->same) put(out, " same");
  if (spec->relu) put(out, spec->relu == 6 ? " relu6" : " relu");
  if (spec->init == NML_INIT_HE) put(out, " he");
}

bool nml_layer_format(const nml_layer_spec *spec, char *text,
                      size_t size_bytes) {
  writer out = {text, size_bytes, 0, size_bytes > 0};
  put_layer(&out, spec);
  return out.fits;
}

bool nml_spec_format(const nml_layer_spec *specs, int count, char *text,
                     size_t size_bytes) {
  writer out = {text, size_bytes, 0, size_bytes > 0};
  for (int i = 0; i < count; i++) {
    if (i > 0) put(&out, ", ");
    put_layer(&out, &specs[i]);
  }
  return out.fits;
}
