/* module.c: see module.h. */
#include "formats/module.h"

#include <dlfcn.h>
#include <stdio.h>

#include "formats/format_fail.h"

void *module_function(const char *name, const char *function,
                      numeral_error *error) {
  char file[64];
  snprintf(file, sizeof file, "numeral-%s.so", name);
  /* loading again only counts, so nothing is kept here */
  void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  void *found = module ? dlsym(module, function) : NULL;
  if (!found) {
    const char *reason = dlerror();
    format_fail(error, NUMERAL_ERROR_IO,
                "a part of the program cannot be loaded (%s): install numeral "
                "again, with the libraries that it needs",
                reason ? reason : file);
  }
  return found;
}
