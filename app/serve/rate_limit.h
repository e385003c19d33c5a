/* rate_limit.h: how many requests a second an address may send: a bucket of
 * tokens each, in a table of fixed size. Must not know requests. */
#ifndef NUMERAL_APP_SERVE_RATE_LIMIT_H
#define NUMERAL_APP_SERVE_RATE_LIMIT_H
#include <stdbool.h>

typedef struct rate_limit rate_limit;

/* per_second > 0; two seconds' worth may come at once. NULL: no memory. */
rate_limit *rate_limit_create(double per_second);
void rate_limit_destroy(rate_limit *limit);

/* Takes a token. `seconds` is the time on a clock that only goes forward. A
 * network of IPv6 (its first 64 bits) counts as one address. Any thread. */
bool rate_limit_take(rate_limit *limit, const char *address, double seconds);

#endif
