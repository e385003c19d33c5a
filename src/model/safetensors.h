/* safetensors.h: the container of model files and checkpoints: named tensors
 * and a flat map of strings, as Hugging Face's safetensors format defines
 * them (docs/model-format.md lists the subset). Knows bytes; must not know
 * networks. Files are untrusted. */
#ifndef NML_MODEL_SAFETENSORS_H
#define NML_MODEL_SAFETENSORS_H

#include "base/fail.h"

#include <stdbool.h>

enum {
  NML_TENSOR_NAME_BYTES = 64,
  NML_TENSOR_MAX_RANK = 4,
  NML_ST_MAX_HEADER_BYTES = 1 << 20,
  NML_ST_MAX_TENSORS = 4096,
  NML_ST_MAX_METADATA = 256
};

typedef enum nml_dtype { NML_F32 = 0, NML_U8, NML_I64 } nml_dtype;

/* A tensor to be written, or found in a parsed file. */
typedef struct nml_st_tensor {
  char name[NML_TENSOR_NAME_BYTES];
  nml_dtype dtype;
  int rank;
  int64_t dims[NML_TENSOR_MAX_RANK];
  const void *bytes; /* unaligned where parsed: copy it out */
  size_t size_bytes;
} nml_st_tensor;

typedef struct nml_st_entry {
  const char *key, *value;
} nml_st_entry;

typedef struct nml_st_file {
  nml_st_tensor *tensors;
  size_t tensor_count;
  nml_st_entry *metadata;
  size_t metadata_count;
  void *storage; /* private: what the above points into, bytes excepted */
} nml_st_file;

/* Checks everything: header length, the JSON subset, duplicate names, offsets
 * (in bounds, no gap, no overlap), shape x dtype against size: FORMAT. More
 * header, tensors or metadata than the limits above: LIMIT. The tensors point
 * into `bytes`, which must outlive the file. */
numeral_status nml_st_parse(const void *bytes, size_t size_bytes,
                            nml_st_file **file, numeral_error *error);
void nml_st_destroy(nml_st_file *file);

const nml_st_tensor *nml_st_tensor_find(const nml_st_file *file,
                                        const char *name);
const char *nml_st_metadata(const nml_st_file *file, const char *key);

/* Writes the file whole or not at all (base/file.h). The same input gives the
 * same bytes: tensors and metadata in the order given, header padded with
 * spaces to a multiple of 8. Names and keys are each unique and size_bytes is
 * that of dims and dtype; text bytes that are not UTF-8 become '?'. LIMIT where
 * nml_st_parse would refuse the file's size or counts. */
numeral_status nml_st_write(const char *path, const nml_st_tensor *tensors,
                            size_t tensor_count, const nml_st_entry *metadata,
                            size_t metadata_count, numeral_error *error);

#endif
