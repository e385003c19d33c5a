/* compare_table.h: a comparison as a table: for the terminal, and in Markdown.
 * Must not know where it goes. */
#ifndef NUMERAL_APP_COMPARE_COMPARE_TABLE_H
#define NUMERAL_APP_COMPARE_COMPARE_TABLE_H
#include "app/compare/comparison.h"
#include "app/text_buffer.h"
#include "app/text_format.h"

/* "98.72% ± 0.05%", without the deviation of one seed; "-" of none. */
short_text compare_accuracy_text(const compare_figures *figures);

/* Three figures or so: "0.52", "41.3", "1,250"; "-" where it is not finite. */
short_text compare_number_text(double number);

/* Prints the table on stdout. */
void compare_table_print(const comparison *all);

/* The same in Markdown, with words on how it was made. */
void compare_table_markdown(const comparison *all, text_buffer *page);

#endif
