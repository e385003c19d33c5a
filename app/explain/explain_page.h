/* explain_page.h: an explanation as a page of HTML that needs nothing else. */
#ifndef NUMERAL_APP_EXPLAIN_EXPLAIN_PAGE_H
#define NUMERAL_APP_EXPLAIN_EXPLAIN_PAGE_H
#include "app/explain/explanation.h"

/* Writes it, whole or not at all. e is not blank. */
numeral_status explain_page_write(const explanation *e, const char *path,
                                  numeral_error *error);

#endif
