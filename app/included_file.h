/* included_file.h: a file's bytes in the program, as they were when it was
 * built, copied by the assembler. */
#ifndef NUMERAL_APP_INCLUDED_FILE_H
#define NUMERAL_APP_INCLUDED_FILE_H
#include <stddef.h>

/* At file scope: `symbol` becomes the bytes of `path`, a text literal, with a
 * zero behind them. */
#define INCLUDED_FILE(symbol, path)                                       \
  extern const char symbol[] __attribute__((visibility("hidden")));       \
  extern const char symbol##_end[] __attribute__((visibility("hidden"))); \
  __asm__(".pushsection .rodata\n.global " #symbol "\n.hidden " #symbol   \
          "\n.global " #symbol "_end\n.hidden " #symbol "_end\n" #symbol  \
          ":\n.incbin \"" path "\"\n" #symbol "_end:\n.byte 0\n.popsection\n")

/* Its bytes, without the zero. */
#define INCLUDED_SIZE(symbol) ((size_t)(symbol##_end - symbol))

#endif
