/* explain_json.h: an explanation as JSON. */
#ifndef NUMERAL_APP_EXPLAIN_EXPLAIN_JSON_H
#define NUMERAL_APP_EXPLAIN_EXPLAIN_JSON_H
#include "app/explain/explanation.h"

/* Prints it as one line on stdout; gives the program's exit code. */
int explain_json_print(const explanation *e);

#endif
