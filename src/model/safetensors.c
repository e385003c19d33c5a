/* safetensors.c: reading and writing the container. The header is read once,
 * front to back; the places of the tensors are checked afterwards, sorted,
 * since the format lets names come in any order. Must not know networks. */
#include "model/safetensors.h"

#include "base/file.h"
#include "base/memory.h"
#include "model/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  LENGTH_BYTES = 8, /* before the header: its length, little-endian */
  /* no entry is shorter: "":{"dtype":"U8","shape":[],"data_offsets":[0,0]} */
  MIN_TENSOR_BYTES = 49,
  MIN_METADATA_BYTES = 5 /* "":"" */
};

typedef struct dtype_row {
  const char *name;
  size_t size_bytes;
} dtype_row;

static const dtype_row dtypes[] = {
    [NML_F32] = {"F32", 4}, [NML_U8] = {"U8", 1}, [NML_I64] = {"I64", 8}};
enum { DTYPE_COUNT = sizeof dtypes / sizeof dtypes[0] };

/* ---- Reading ----------------------------------------------------------- */

typedef struct reader {
  nml_json json;
  nml_st_file *file;
  size_t tensor_capacity, metadata_capacity;
  bool has_metadata;
  const unsigned char *data;
  size_t data_bytes;
  const nml_st_tensor **order; /* [tensor_capacity], for sorting */
} reader;

/* A tensor's entry as it stands in the header. */
typedef struct entry {
  const char *dtype;
  int rank; /* -1: not seen */
  int64_t dims[NML_TENSOR_MAX_RANK];
  int64_t begin, end;
  bool has_offsets;
} entry;

static numeral_status read_metadata(reader *r) {
  nml_st_file *file = r->file;
  if (r->has_metadata) return nml_json_fail(&r->json, "__metadata__ only once");
  r->has_metadata = true;
  numeral_status status =
      nml_json_expect(&r->json, '{', "{ after \"__metadata__\":");
  for (bool first = true, more = true; status == NUMERAL_OK;) {
    nml_st_entry line;
    status = nml_json_next(&r->json, '}', &first, &more);
    if (status != NUMERAL_OK || !more) break;
    status = nml_json_key(&r->json, &line.key);
    if (status == NUMERAL_OK) status = nml_json_string(&r->json, &line.value);
    if (status != NUMERAL_OK) break;
    if (nml_st_metadata(file, line.key))
      return nml_json_fail(&r->json, "each metadata key once");
    if (file->metadata_count == r->metadata_capacity)
      return nml_fail(r->json.error, NUMERAL_ERROR_LIMIT,
                      "the file has more than %d lines of metadata",
                      NML_ST_MAX_METADATA);
    file->metadata[file->metadata_count++] = line;
  }
  return status;
}

static numeral_status read_shape(nml_json *json, entry *e) {
  if (e->rank >= 0) return nml_json_fail(json, "\"shape\" only once");
  e->rank = 0;
  numeral_status status = nml_json_expect(json, '[', "[ after \"shape\":");
  for (bool first = true, more = true; status == NUMERAL_OK;) {
    status = nml_json_next(json, ']', &first, &more);
    if (status != NUMERAL_OK || !more) break;
    if (e->rank == NML_TENSOR_MAX_RANK)
      return nml_json_fail(json, "a shape of at most 4 numbers");
    status = nml_json_integer(json, &e->dims[e->rank]);
    if (status == NUMERAL_OK) e->rank++;
  }
  return status;
}

static numeral_status read_offsets(nml_json *json, entry *e) {
  if (e->has_offsets) return nml_json_fail(json, "\"data_offsets\" only once");
  e->has_offsets = true;
  numeral_status status =
      nml_json_expect(json, '[', "[ after \"data_offsets\":");
  if (status == NUMERAL_OK) status = nml_json_integer(json, &e->begin);
  if (status == NUMERAL_OK) status = nml_json_expect(json, ',', "a comma");
  if (status == NUMERAL_OK) status = nml_json_integer(json, &e->end);
  if (status == NUMERAL_OK) status = nml_json_expect(json, ']', "]");
  return status;
}

static numeral_status read_entry(nml_json *json, entry *e) {
  numeral_status status = nml_json_expect(json, '{', "{ after a tensor's name");
  for (bool first = true, more = true; status == NUMERAL_OK;) {
    const char *key;
    status = nml_json_next(json, '}', &first, &more);
    if (status != NUMERAL_OK || !more) break;
    status = nml_json_key(json, &key);
    if (status != NUMERAL_OK) break;
    if (strcmp(key, "shape") == 0)
      status = read_shape(json, e);
    else if (strcmp(key, "data_offsets") == 0)
      status = read_offsets(json, e);
    else if (strcmp(key, "dtype") == 0 && !e->dtype)
      status = nml_json_string(json, &e->dtype);
    else
      status = nml_json_fail(json, "dtype, shape and data_offsets, once each");
  }
  if (status == NUMERAL_OK && (!e->dtype || e->rank < 0 || !e->has_offsets))
    return nml_json_fail(json, "dtype, shape and data_offsets before it");
  return status;
}

/* Bytes of the shape; false where they do not fit into size_t. */
static bool shape_bytes(const nml_st_tensor *tensor, size_t *size_bytes) {
  *size_bytes = dtypes[tensor->dtype].size_bytes;
  for (int i = 0; i < tensor->rank; i++)
    if ((uint64_t)tensor->dims[i] > SIZE_MAX ||
        !nml_mul_size(*size_bytes, (size_t)tensor->dims[i], size_bytes))
      return false;
  return true;
}

static numeral_status place_tensor(const reader *r, const entry *e,
                                   nml_st_tensor *tensor) {
  size_t expected_bytes;
  int dtype = 0;
  while (dtype < DTYPE_COUNT && strcmp(dtypes[dtype].name, e->dtype) != 0)
    dtype++;
  if (dtype == DTYPE_COUNT)
    return nml_fail(r->json.error, NUMERAL_ERROR_FORMAT,
                    "tensor \"%s\" is of type \"%.20s\", but only F32, U8 and "
                    "I64 are read",
                    tensor->name, e->dtype);
  tensor->dtype = (nml_dtype)dtype;
  tensor->rank = e->rank;
  memcpy(tensor->dims, e->dims, sizeof tensor->dims);
  if (e->begin > e->end || (uint64_t)e->end > r->data_bytes)
    return nml_fail(r->json.error, NUMERAL_ERROR_FORMAT,
                    "tensor \"%s\" lies at bytes %lld to %lld of %zu: the file "
                    "is cut short or damaged",
                    tensor->name, (long long)e->begin, (long long)e->end,
                    r->data_bytes);
  tensor->bytes = r->data + e->begin;
  tensor->size_bytes = (size_t)(e->end - e->begin);
  if (!shape_bytes(tensor, &expected_bytes) ||
      expected_bytes != tensor->size_bytes)
    return nml_fail(r->json.error, NUMERAL_ERROR_FORMAT,
                    "tensor \"%s\" has %zu bytes, which is not what its shape "
                    "and type need",
                    tensor->name, tensor->size_bytes);
  return NUMERAL_OK;
}

static numeral_status read_tensor(reader *r, const char *name) {
  nml_st_file *file = r->file;
  entry e = {.rank = -1};
  numeral_status status = read_entry(&r->json, &e);
  if (status != NUMERAL_OK) return status;
  if (file->tensor_count == r->tensor_capacity)
    return nml_fail(r->json.error, NUMERAL_ERROR_LIMIT,
                    "the file has more than %d tensors", NML_ST_MAX_TENSORS);
  nml_st_tensor *tensor = &file->tensors[file->tensor_count];
  if (strlen(name) >= sizeof tensor->name)
    return nml_fail(r->json.error, NUMERAL_ERROR_FORMAT,
                    "the tensor name \"%.64s...\" is longer than %d bytes",
                    name, NML_TENSOR_NAME_BYTES - 1);
  strcpy(tensor->name, name);
  status = place_tensor(r, &e, tensor);
  if (status == NUMERAL_OK) file->tensor_count++;
  return status;
}

static numeral_status read_header(reader *r) {
  nml_json *json = &r->json;
  if (json->at == json->end || *json->at != '{')
    return nml_json_fail(json, "{");
  json->at++;
  for (bool first = true, more = true;;) {
    const char *name;
    numeral_status status = nml_json_next(json, '}', &first, &more);
    if (status != NUMERAL_OK) return status;
    if (!more) break;
    status = nml_json_key(json, &name);
    if (status != NUMERAL_OK) return status;
    status = strcmp(name, "__metadata__") == 0 ? read_metadata(r)
                                               : read_tensor(r, name);
    if (status != NUMERAL_OK) return status;
  }
  nml_json_skip_space(json);
  return json->at == json->end ? NUMERAL_OK
                               : nml_json_fail(json, "the header's end");
}

static int compare_names(const void *a, const void *b) {
  const nml_st_tensor *const *x = a, *const *y = b;
  return strcmp((*x)->name, (*y)->name);
}

/* By place, and an empty tensor before one that begins where it lies. */
static int compare_places(const void *a, const void *b) {
  const nml_st_tensor *x = *(const nml_st_tensor *const *)a;
  const nml_st_tensor *y = *(const nml_st_tensor *const *)b;
  if (x->bytes != y->bytes) return x->bytes < y->bytes ? -1 : 1;
  return (x->size_bytes > y->size_bytes) - (x->size_bytes < y->size_bytes);
}

static numeral_status check_places(const reader *r) {
  size_t count = r->file->tensor_count;
  const unsigned char *next = r->data;
  qsort(r->order, count, sizeof *r->order, compare_places);
  for (size_t i = 0; i < count; i++) {
    const nml_st_tensor *tensor = r->order[i];
    const unsigned char *bytes = tensor->bytes;
    if (bytes != next)
      return nml_fail(
          r->json.error, NUMERAL_ERROR_FORMAT, "tensor \"%s\" %s", tensor->name,
          bytes < next ? "overlaps another one" : "has unused bytes before it");
    next = bytes + tensor->size_bytes;
  }
  if (next != r->data + r->data_bytes)
    return nml_fail(r->json.error, NUMERAL_ERROR_FORMAT,
                    "%td bytes at the end belong to no tensor",
                    r->data + r->data_bytes - next);
  return NUMERAL_OK;
}

static numeral_status check_tensors(const reader *r) {
  size_t count = r->file->tensor_count;
  for (size_t i = 0; i < count; i++) r->order[i] = &r->file->tensors[i];
  qsort(r->order, count, sizeof *r->order, compare_names);
  for (size_t i = 1; i < count; i++)
    if (strcmp(r->order[i - 1]->name, r->order[i]->name) == 0)
      return nml_fail(r->json.error, NUMERAL_ERROR_FORMAT,
                      "tensor \"%s\" is there twice", r->order[i]->name);
  return check_places(r);
}

static size_t at_most(size_t value, size_t limit) {
  return value < limit ? value : limit;
}

/* One block holds the file and all that it points to but the tensors' bytes:
 * what a header of that length can hold at most. */
static bool reader_alloc(reader *r, size_t header_bytes) {
  nml_arena arena = {0};
  r->tensor_capacity =
      at_most(header_bytes / MIN_TENSOR_BYTES, NML_ST_MAX_TENSORS);
  r->metadata_capacity =
      at_most(header_bytes / MIN_METADATA_BYTES, NML_ST_MAX_METADATA);
  size_t file = nml_arena_take(&arena, 1, sizeof *r->file);
  size_t tensors =
      nml_arena_take(&arena, r->tensor_capacity, sizeof *r->file->tensors);
  size_t metadata =
      nml_arena_take(&arena, r->metadata_capacity, sizeof *r->file->metadata);
  size_t order = nml_arena_take(&arena, r->tensor_capacity, sizeof *r->order);
  size_t strings = nml_arena_take(&arena, header_bytes, 1);
  arena.base = nml_alloc(arena.used_bytes, 1);
  if (!arena.base) return false;
  r->file = nml_arena_at(&arena, file);
  r->file->tensors = nml_arena_at(&arena, tensors);
  r->file->metadata = nml_arena_at(&arena, metadata);
  r->file->storage = arena.base;
  r->order = nml_arena_at(&arena, order);
  r->json.strings = nml_arena_at(&arena, strings);
  return true;
}

static uint64_t read_u64(const unsigned char *bytes) {
  uint64_t value = 0;
  for (int i = LENGTH_BYTES - 1; i >= 0; i--) value = value << 8 | bytes[i];
  return value;
}

numeral_status nml_st_parse(const void *bytes, size_t size_bytes,
                            nml_st_file **file, numeral_error *error) {
  const unsigned char *start = bytes;
  *file = NULL;
  if (size_bytes < LENGTH_BYTES)
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "not a safetensors file: it has %zu bytes", size_bytes);
  uint64_t length = read_u64(start);
  if (length > size_bytes - LENGTH_BYTES)
    return nml_fail(error, NUMERAL_ERROR_FORMAT,
                    "not a whole safetensors file: its header would be %llu "
                    "bytes long, the file is %zu",
                    (unsigned long long)length, size_bytes);
  if (length > NML_ST_MAX_HEADER_BYTES)
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "its header is %llu bytes long, more than %d",
                    (unsigned long long)length, NML_ST_MAX_HEADER_BYTES);
  reader r = {.data = start + LENGTH_BYTES + length,
              .data_bytes = size_bytes - LENGTH_BYTES - (size_t)length};
  if (!reader_alloc(&r, (size_t)length))
    return nml_fail_memory(error, "a file's header", (size_t)length);
  r.json.start = r.json.at = start + LENGTH_BYTES;
  r.json.end = r.data;
  r.json.error = error;
  numeral_status status = read_header(&r);
  if (status == NUMERAL_OK) status = check_tensors(&r);
  if (status == NUMERAL_OK)
    *file = r.file;
  else
    nml_st_destroy(r.file);
  return status;
}

void nml_st_destroy(nml_st_file *file) {
  if (file) nml_free(file->storage); /* the file itself lies in it */
}

const nml_st_tensor *nml_st_tensor_find(const nml_st_file *file,
                                        const char *name) {
  for (size_t i = 0; i < file->tensor_count; i++)
    if (strcmp(file->tensors[i].name, name) == 0) return &file->tensors[i];
  return NULL;
}

const char *nml_st_metadata(const nml_st_file *file, const char *key) {
  for (size_t i = 0; i < file->metadata_count; i++)
    if (strcmp(file->metadata[i].key, key) == 0) return file->metadata[i].value;
  return NULL;
}

/* ---- Writing ----------------------------------------------------------- */

/* The header is put together twice, first without memory to find its length. */
typedef struct writer {
  char *text; /* NULL: measuring */
  size_t used;
} writer;

static void put_bytes(writer *out, const void *bytes, size_t size_bytes) {
  if (out->text) memcpy(out->text + out->used, bytes, size_bytes);
  out->used += size_bytes;
}

static void put_text(writer *out, const char *text) {
  put_bytes(out, text, strlen(text));
}

__attribute__((format(printf, 2, 3))) static void put_format(writer *out,
                                                             const char *format,
                                                             ...) {
  char text[64];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  put_text(out, text);
}

static void put_string(writer *out, const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  const unsigned char *end = at + strlen(text);
  put_text(out, "\"");
  while (at < end) {
    int length = nml_utf8_length(at, end);
    if (length == 0) {
      put_text(out, "?");
      length = 1;
    } else if (*at == '"' || *at == '\\') {
      put_format(out, "\\%c", *at);
    } else if (*at < 0x20) {
      put_format(out, "\\u%04x", (unsigned)*at);
    } else {
      put_bytes(out, at, (size_t)length);
    }
    at += length;
  }
  put_text(out, "\"");
}

static void put_tensor(writer *out, const nml_st_tensor *tensor, size_t begin) {
  size_t expected_bytes;
  bool fits = shape_bytes(tensor, &expected_bytes);
  assert(fits && expected_bytes == tensor->size_bytes);
  (void)fits;
  put_string(out, tensor->name);
  put_format(out, ":{\"dtype\":\"%s\",\"shape\":[", dtypes[tensor->dtype].name);
  for (int i = 0; i < tensor->rank; i++)
    put_format(out, "%s%lld", i ? "," : "", (long long)tensor->dims[i]);
  put_format(out, "],\"data_offsets\":[%zu,%zu]}", begin,
             begin + tensor->size_bytes);
}

static void put_header(writer *out, const nml_st_tensor *tensors,
                       size_t tensor_count, const nml_st_entry *metadata,
                       size_t metadata_count) {
  size_t begin = 0;
  put_text(out, "{\"__metadata__\":{");
  for (size_t i = 0; i < metadata_count; i++) {
    if (i > 0) put_text(out, ",");
    put_string(out, metadata[i].key);
    put_text(out, ":");
    put_string(out, metadata[i].value);
  }
  put_text(out, "}");
  for (size_t i = 0; i < tensor_count; i++) {
    put_text(out, ",");
    put_tensor(out, &tensors[i], begin);
    begin += tensors[i].size_bytes;
  }
  put_text(out, "}");
  while (out->used % LENGTH_BYTES) put_text(out, " ");
}

static void write_u64(char *bytes, uint64_t value) {
  for (int i = 0; i < LENGTH_BYTES; i++)
    bytes[i] = (char)(value >> (8 * i) & 0xff);
}

numeral_status nml_st_write(const char *path, const nml_st_tensor *tensors,
                            size_t tensor_count, const nml_st_entry *metadata,
                            size_t metadata_count, numeral_error *error) {
  writer out = {NULL, LENGTH_BYTES};
  put_header(&out, tensors, tensor_count, metadata, metadata_count);
  if (out.used - LENGTH_BYTES > NML_ST_MAX_HEADER_BYTES ||
      tensor_count > NML_ST_MAX_TENSORS || metadata_count > NML_ST_MAX_METADATA)
    return nml_fail(error, NUMERAL_ERROR_LIMIT,
                    "cannot write \"%.250s\": more tensors or metadata than a "
                    "file may have",
                    path);
  numeral_status status;
  nml_chunk *chunks = nml_alloc(tensor_count + 1, sizeof *chunks);
  out.text = nml_alloc(out.used, 1);
  if (!chunks || !out.text) {
    status = nml_fail_memory(error, "a file's header", out.used);
    goto done;
  }
  write_u64(out.text, out.used - LENGTH_BYTES);
  out.used = LENGTH_BYTES;
  put_header(&out, tensors, tensor_count, metadata, metadata_count);
  chunks[0] = (nml_chunk){out.text, out.used};
  for (size_t i = 0; i < tensor_count; i++)
    chunks[i + 1] = (nml_chunk){tensors[i].bytes, tensors[i].size_bytes};
  status = nml_file_write(path, chunks, tensor_count + 1, error);
done:
  nml_free(out.text);
  nml_free(chunks);
  return status;
}
