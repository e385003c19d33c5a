/* included_file.h: a file's bytes in the program, as they were when it was
 * built, copied by the assembler. */
#ifndef NUMERAL_APP_INCLUDED_FILE_H
#define NUMERAL_APP_INCLUDED_FILE_H
#include <stddef.h>
#include <stdint.h>

/* At file scope: `symbol` becomes the bytes of `path`, a text literal, with a
 * zero behind them. */
#define INCLUDED_FILE(symbol, path)                                           \
  extern const char symbol[] __attribute__((visibility("hidden")));           \
  extern const uint64_t symbol##_bytes __attribute__((visibility("hidden"))); \
  __asm__(".pushsection .rodata\n.global " #symbol "\n.hidden " #symbol       \
          "\n.global " #symbol "_bytes\n.hidden " #symbol "_bytes\n" #symbol  \
          ":\n.incbin \"" path "\"\n9:\n.byte 0\n.balign 8\n" #symbol         \
          "_bytes:\n.quad 9b - " #symbol "\n.popsection\n")

/* How many they are, without the zero. */
#define INCLUDED_SIZE(symbol) ((size_t)symbol##_bytes)

#endif
