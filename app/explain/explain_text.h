/* explain_text.h: an explanation in the terminal. */
#ifndef NUMERAL_APP_EXPLAIN_EXPLAIN_TEXT_H
#define NUMERAL_APP_EXPLAIN_EXPLAIN_TEXT_H
#include "app/explain/explanation.h"
#include "app/terminal.h"

/* As wide and as colourful as the terminal allows. */
void explain_text_print(const terminal *t, const explanation *e);

#endif
