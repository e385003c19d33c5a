/* rate_limit.c: see rate_limit.h. An address has a place in one of the table's
 * rows; where its row is full, the one that has been quiet longest gives way,
 * whose bucket is the fullest. Addresses are told apart by 64 bits of a keyed
 * hash, so that nobody can choose addresses that share a row. */
#include "app/serve/rate_limit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { ROWS = 4096, PLACES = 8, LOCKS = 64 };
static const double BURST_SECONDS = 2;

typedef struct bucket {
  uint64_t address; /* 0: nobody's */
  double tokens, seconds;
} bucket;

struct rate_limit {
  double per_second;
  uint64_t key;
  pthread_mutex_t locks[LOCKS];
  bucket rows[ROWS][PLACES];
};

rate_limit *rate_limit_create(double per_second) {
  rate_limit *limit = calloc(1, sizeof *limit);
  if (limit == NULL) return NULL;
  limit->per_second = per_second;
  if (getrandom(&limit->key, sizeof limit->key, 0) < 0) limit->key = 0;
  for (int i = 0; i < LOCKS; ++i) pthread_mutex_init(&limit->locks[i], NULL);
  return limit;
}

void rate_limit_destroy(rate_limit *limit) {
  if (limit == NULL) return;
  for (int i = 0; i < LOCKS; ++i) pthread_mutex_destroy(&limit->locks[i]);
  free(limit);
}

/* splitmix64's finalizer (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x) {
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

static uint64_t hash_of(const rate_limit *limit, const char *address) {
  struct in6_addr six;
  uint64_t network = 0;
  uint32_t four = 0;
  if (inet_pton(AF_INET, address, &four) == 1) {
    network = four;
  } else if (inet_pton(AF_INET6, address, &six) == 1) {
    memcpy(&network, six.s6_addr, sizeof network);
  }
  return mix(mix(network ^ limit->key) + limit->key) | 1;
}

static bucket *find(rate_limit *limit, uint64_t address) {
  bucket *row = limit->rows[address / LOCKS % ROWS], *oldest = row;
  for (int i = 0; i < PLACES; ++i) {
    if (row[i].address == address) return &row[i];
    if (row[i].seconds < oldest->seconds) oldest = &row[i];
  }
  return oldest;
}

bool rate_limit_take(rate_limit *limit, const char *address, double seconds) {
  uint64_t hash = hash_of(limit, address);
  double most = limit->per_second * BURST_SECONDS;
  if (most < 1) most = 1;
  /* a row's number decides its lock, so a row has one lock */
  pthread_mutex_t *lock = &limit->locks[hash / LOCKS % ROWS % LOCKS];
  pthread_mutex_lock(lock);
  bucket *b = find(limit, hash);
  if (b->address != hash) *b = (bucket){hash, most, seconds};
  b->tokens += (seconds - b->seconds) * limit->per_second;
  if (b->tokens > most) b->tokens = most;
  b->seconds = seconds;
  bool taken = b->tokens >= 1;
  if (taken) b->tokens -= 1;
  pthread_mutex_unlock(lock);
  return taken;
}
