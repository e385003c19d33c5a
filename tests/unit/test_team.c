/* test_team.c: every part is done once, and nobody runs ahead of a meeting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/team.h"

#include <time.h>

enum { PARTS = 1000, ROUNDS = 300, SIZES = 4 };

static const int sizes[SIZES] = {1, 2, 3, 8};

static void count_part(void *context, int member, int part) {
  atomic_int *done = context;
  (void)member;
  atomic_fetch_add(&done[part], 1);
}

static void every_part_is_done_once(void **unused) {
  (void)unused;
  for (int s = 0; s < SIZES; s++) {
    nml_team *team;
    atomic_int done[PARTS] = {0};
    assert_int_equal(nml_team_create(sizes[s], &team, NULL), NUMERAL_OK);
    assert_int_equal(nml_team_size(team), sizes[s]);
    nml_team_each(team, PARTS, count_part, done);
    nml_team_each(team, PARTS, count_part, done);
    for (int i = 0; i < PARTS; i++) assert_int_equal(done[i], 2);
    nml_team_destroy(team);
  }
}

/* Own parts first, in order, then the others'; each once. */
static void own_parts_come_first(void **unused) {
  (void)unused;
  nml_share shares[3] = {0};
  const int own[] = {3, 4, 5}, others[] = {6, 7, 8, 9, 1, 2};
  assert_int_equal(nml_team_deal(shares, 3, 0, 10), 0);
  for (int i = 0; i < 3; i++)
    assert_int_equal(nml_team_deal(shares, 3, 1, 10), own[i]);
  for (int i = 0; i < 6; i++)
    assert_int_equal(nml_team_deal(shares, 3, 1, 10), others[i]);
  for (int member = 0; member < 3; member++)
    assert_int_equal(nml_team_deal(shares, 3, member, 10), -1);
}

/* Fewer parts than members: some have no share, and help. */
static void few_parts_are_done_by_anybody(void **unused) {
  (void)unused;
  for (int member = 0; member < 3; member++) {
    nml_share shares[3] = {0};
    assert_int_equal(nml_team_deal(shares, 3, member, 1), 0);
    assert_int_equal(nml_team_deal(shares, 3, member, 1), -1);
    assert_int_equal(nml_team_deal(shares, 3, member, 0), -1);
  }
}

typedef struct rounds {
  nml_team *team;
  atomic_int here;
  int late;      /* members that saw a round before all had come */
  int lasts;     /* counted by whoever came last */
  int nap_every; /* the last member sleeps before so many meetings */
} rounds;

/* Each round: all add one, meet, look, meet. A plain increment by member 0
 * between two meetings must be seen by the others. */
static void go_round(void *context, int member) {
  rounds *r = context;
  const struct timespec nap = {0, 300000};
  int size = nml_team_size(r->team);
  for (int i = 0; i < ROUNDS; i++) {
    if (member == size - 1 && r->nap_every && i % r->nap_every == 0)
      nanosleep(&nap, NULL);
    atomic_fetch_add(&r->here, 1);
    nml_team_meet(r->team);
    if (member == 0 && atomic_load(&r->here) != size * (i + 1)) r->late++;
    nml_team_meet(r->team);
  }
}

static void a_meeting_holds_everyone(void **unused) {
  (void)unused;
  const int naps[] = {0, 3}; /* awake members only; and some that sleep */
  for (int s = 0; s < SIZES; s++)
    for (int n = 0; n < 2; n++) {
      rounds r = {.nap_every = naps[n]};
      assert_int_equal(nml_team_create(sizes[s], &r.team, NULL), NUMERAL_OK);
      nml_team_run(r.team, go_round, &r);
      assert_int_equal(r.late, 0);
      assert_int_equal(atomic_load(&r.here), sizes[s] * ROUNDS);
      nml_team_destroy(r.team);
    }
}

/* A plain increment by the last to come must be seen by all, and be the only
 * one of its meeting. */
static void count_last(void *context) {
  rounds *r = context;
  r->lasts++;
}

static void go_after(void *context, int member) {
  rounds *r = context;
  (void)member;
  for (int i = 1; i <= ROUNDS; i++) {
    nml_team_meet_after(r->team, count_last, r);
    if (r->lasts != i) atomic_fetch_add(&r->here, 1);
    nml_team_meet(r->team);
  }
}

static void the_last_works_before_the_others_go_on(void **unused) {
  (void)unused;
  for (int s = 0; s < SIZES; s++) {
    rounds r = {.lasts = 0};
    assert_int_equal(nml_team_create(sizes[s], &r.team, NULL), NUMERAL_OK);
    nml_team_run(r.team, go_after, &r);
    assert_int_equal(r.lasts, ROUNDS);
    assert_int_equal(atomic_load(&r.here), 0);
    nml_team_destroy(r.team);
  }
}

static void refused_memory_leaves_nothing(void **unused) {
  (void)unused;
  for (long nth = 1; nth <= 3; nth++) {
    nml_team *team;
    nml_alloc_fail_at(nth);
    assert_int_equal(nml_team_create(3, &team, NULL), NUMERAL_ERROR_MEMORY);
    assert_null(team);
  }
  nml_alloc_fail_at(0);
  nml_team_destroy(NULL);
  assert_true(nml_processor_count() >= 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_part_is_done_once),
      cmocka_unit_test(own_parts_come_first),
      cmocka_unit_test(few_parts_are_done_by_anybody),
      cmocka_unit_test(a_meeting_holds_everyone),
      cmocka_unit_test(the_last_works_before_the_others_go_on),
      cmocka_unit_test(refused_memory_leaves_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
