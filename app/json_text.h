/* json_text.h: JSON values as text, over jansson: numbers are written with as
 * few digits as read back to the same bits. Must not know what the values mean.
 */
#ifndef NUMERAL_APP_JSON_TEXT_H
#define NUMERAL_APP_JSON_TEXT_H
#include <jansson.h>
#include <stdint.h>

#include "app/text_buffer.h"

/* The text of `value` (jansson's dump flags); free() ends it. NULL: no memory.
 */
char *json_text(const json_t *value, size_t flags);

/* Prints `value` as one line on stdout and gives up the reference. Returns
 * the program's exit code. */
int json_print(json_t *value);

/* A string; bytes that are not UTF-8, as names of files may have, become
 * U+FFFD. */
json_t *json_text_string(const char *text);

/* A number, or null where it is not finite. */
json_t *json_finite(double value);

/* A number rounded to `decimals` places, or null where it is not finite. */
json_t *json_rounded(double value, int decimals);

/* The two as text, without a value of jansson's: what json_dumps makes of them.
 * |value| < 1e9, or not finite; decimals 1 to 6. */
void json_add_rounded(text_buffer *text, double value, int decimals);
void json_add_string(text_buffer *text, const char *string);

/* A seed: a number, or a string where readers that keep numbers as doubles
 * would change it. json_read_seed takes both; 0 where it is neither. */
json_t *json_seed(uint64_t seed);
uint64_t json_read_seed(const json_t *value);

#endif
