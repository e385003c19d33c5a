/* builtin.c: the model that is part of the library: models/default.safetensors
 * as it was when this was compiled. Where the build found no such file (see
 * CMakeLists.txt), there is none. */
#include "model/model.h"

#ifdef NUMERAL_BUILTIN_MODEL

extern const unsigned char nml_builtin_begin[]
    __attribute__((visibility("hidden")));
extern const unsigned char nml_builtin_end[]
    __attribute__((visibility("hidden")));

/* The assembler copies the file: compilers are slow at large arrays. */
__asm__(
    ".pushsection .rodata\n"
    ".balign 64\n"
    ".global nml_builtin_begin\n"
    ".hidden nml_builtin_begin\n"
    "nml_builtin_begin:\n"
    ".incbin \"" NUMERAL_BUILTIN_MODEL
    "\"\n"
    ".global nml_builtin_end\n"
    ".hidden nml_builtin_end\n"
    "nml_builtin_end:\n"
    ".byte 0\n"
    ".popsection\n");

numeral_status nml_model_builtin(numeral_model **model, numeral_error *error) {
  return nml_model_parse(nml_builtin_begin,
                         (size_t)(nml_builtin_end - nml_builtin_begin), model,
                         error);
}

#else

numeral_status nml_model_builtin(numeral_model **model, numeral_error *error) {
  *model = NULL;
  return nml_fail(error, NUMERAL_ERROR_IO,
                  "this build has no built-in model: train one and name its "
                  "file, or build again with models/default.safetensors there");
}

#endif
