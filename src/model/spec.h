/* spec.h: a network as a line of text, and the table of named networks.
 * Knows the grammar and the recipes; must not know parameters or files.
 *
 *   network = item { "," item }         spaces and newlines separate words
 *   item    = "conv" N HxW option*      options: stride N, same, valid
 * (default), relu, he, glorot (default) | "dense" N option*         options:
 * relu, he, glorot | "maxpool" SIZE option* | "avgpool" SIZE option* SIZE: N or
 * HxW; options: stride N (default: the window's height), same, valid |
 * "batchnorm" [ "relu" ] | "relu" | "flatten" | "dropout" RATE
 */
#ifndef NML_MODEL_SPEC_H
#define NML_MODEL_SPEC_H

#include "nn/net.h"

enum { NML_SPEC_BYTES = 4096, NML_LAYER_TEXT_BYTES = 64 };

/* Parses `text` (a name of the table, or a spec). On NUMERAL_OK specs
 * [NML_MAX_LAYERS] holds *count layers. SPEC errors name the item, the word
 * and what was expected. */
numeral_status nml_spec_parse(const char *text, nml_layer_spec *specs,
                              int *count, numeral_error *error);

/* The canonical text of one layer, or of all, joined by ", ". Parsing it
 * gives the same layers. `text` holds `size_bytes`; false where it does not
 * fit. */
bool nml_layer_format(const nml_layer_spec *spec, char *text,
                      size_t size_bytes);
bool nml_spec_format(const nml_layer_spec *specs, int count, char *text,
                     size_t size_bytes);

typedef struct nml_named_net {
  numeral_named_net net; /* first, so that the table can be handed out */
  numeral_recipe recipe;
} nml_named_net;

/* Row by name, or NULL. */
const nml_named_net *nml_named_net_find(const char *name);
const nml_named_net *nml_named_net_table(size_t *count);

/* The recipe of a named network, or the general one. */
numeral_recipe nml_recipe_for(const char *net);

/* One line that says all of a recipe, for metadata and comparison, without
 * locale: "adam lr 0.001 batch 64 ...". */
void nml_recipe_format(const numeral_recipe *recipe, char *text,
                       size_t size_bytes);

#endif
