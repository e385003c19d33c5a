/* module.h: parts of the program that are loaded when they are needed, and not
 * before. libcurl, libcrypto, Leptonica and Cairo bring fifty more libraries
 * with them: loading them took 14 of the 19 ms that reading one picture took.
 * A folder below formats/ or app/ that has the name of a library becomes a
 * module, numeral-NAME.so, found through the program's run path. */
#ifndef FORMATS_MODULE_H
#define FORMATS_MODULE_H

#include "numeral.h"

/* Marks the one function that a module gives out. */
#define MODULE_EXPORT __attribute__((visibility("default")))

/* The address of `function` in module `name` ("curl"), which stays loaded; or
 * NULL, and *error (may be NULL) says what is missing. Any thread. */
void *module_function(const char *name, const char *function,
                      numeral_error *error);

#endif
