/* spec.h: a network as a line of text, and the table of named networks.
 * Knows the grammar and the recipes; must not know parameters or files.
 *
 *   network = item { "," item }     spaces and newlines separate words
 *   item    = "conv" N HxW option*   stride N, groups N, same, valid, relu, he,
 *                                    glorot
 *           | "dense" N option*      relu, he, glorot
 *           | "maxpool" SIZE option* stride N, same, valid
 *           | "avgpool" SIZE option* stride N, same, valid
 *           | "globalavgpool"        the mean of every channel
 *           | "batchnorm" [ "relu" | "relu6" ]
 *           | "relu" | "relu6"       max(0, .), and of that min(6, .)
 *           | "flatten" | "dropout" RATE
 *           | "crop" SIZE            first only
 *           | "residual" | "shortcut" | "add" [ "relu" ]
 *   SIZE    = N | HxW
 *
 * From "residual" to "add" is a block with two branches: the items between, and
 * nothing, or with a "shortcut" among them the items from there on, which begin
 * where the block did. "add" adds what comes out of both. Blocks follow one
 * another; none stands inside another.
 *
 * groups N parts the channels, of input and output alike, into N that do not
 * see each other; as many as there are channels: a depthwise convolution.
 *
 * Where nothing is said: valid, glorot, no groups, and stride 1 for conv, the
 * window's height for pools. RATE is 0 or 0.x with at most six digits.
 */
#ifndef NML_MODEL_SPEC_H
#define NML_MODEL_SPEC_H

#include "nn/net.h"

enum { NML_SPEC_BYTES = 4096, NML_LAYER_TEXT_BYTES = 64 };

/* Parses `text` (a name of the table, or a spec). On NUMERAL_OK specs
 * [NML_MAX_LAYERS] holds *count layers, whose canonical text fits into
 * NML_SPEC_BYTES. SPEC errors name the item, the word and what was expected;
 * LIMIT: the text, or its canonical form, is too long. */
numeral_status nml_spec_parse(const char *text, nml_layer_spec *specs,
                              int *count, numeral_error *error);

/* The canonical text of one layer, or of all, joined by ", ". Parsing it
 * gives the same layers. `text` holds `size_bytes`; false where it does not
 * fit. */
bool nml_layer_format(const nml_layer_spec *spec, char *text,
                      size_t size_bytes);
bool nml_spec_format(const nml_layer_spec *specs, int count, char *text,
                     size_t size_bytes);

/* Row by name, or NULL; the whole table. */
const numeral_named_net *nml_named_net_find(const char *name);
const numeral_named_net *nml_named_net_table(size_t *count);

/* The recipe of a named network, or the general one. */
numeral_recipe nml_recipe_for(const char *net);

enum { NML_RECIPE_BYTES = 1024 };

/* One line that says all of a recipe, for metadata and comparison, in every
 * locale the same: "adam lr 0.001 beta1 0.9 ...". Settings that have no effect
 * are left out. NML_RECIPE_BYTES are enough; the recipe's enums are in range.
 */
void nml_recipe_format(const numeral_recipe *recipe, char *text,
                       size_t size_bytes);

#endif
