/* team.c: see team.h. One meeting point serves all: a run begins and ends with
 * a meeting of all members, and so does every step between. */
#define _GNU_SOURCE /* sched_getaffinity; before any header */
#include "base/team.h"

#include "base/memory.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

/* A member looks this long before it sleeps: longer than steps are usually
 * apart, much shorter than what a scheduler hands out to others. */
enum { LOOK_NANOSECONDS = 100000, LOOKS_A_CLOCK = 64 };

typedef struct team_member {
  nml_team *team;
  pthread_t thread;
  int number;
} team_member;

struct nml_team {
  team_member
      *members;      /* [size]; the caller is 0 and has no thread of its own */
  nml_share *shares; /* [size]: of nml_team_each */
  int size;
  nml_team_work work; /* NULL: go home */
  void *context;
  atomic_int arrived;  /* members at the meeting under way */
  atomic_uint meeting; /* number of the meeting under way */
  atomic_int sleepers; /* who must be woken when it is over */
  pthread_mutex_t mutex;
  pthread_cond_t over;
};

static void breathe(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Looks for a while whether the meeting is over. */
static bool look(nml_team *team, unsigned meeting) {
  long long end = nanoseconds() + LOOK_NANOSECONDS;
  do {
    for (int i = 0; i < LOOKS_A_CLOCK; i++) {
      if (atomic_load_explicit(&team->meeting, memory_order_acquire) != meeting)
        return true;
      breathe();
    }
  } while (nanoseconds() < end);
  return false;
}

/* A sleeper counts itself before it looks a last time, and who ends the
 * meeting does so before it counts the sleepers: one of them sees the other. */
static void sleep_until_over(nml_team *team, unsigned meeting) {
  pthread_mutex_lock(&team->mutex);
  atomic_fetch_add(&team->sleepers, 1);
  while (atomic_load(&team->meeting) == meeting)
    pthread_cond_wait(&team->over, &team->mutex);
  atomic_fetch_sub(&team->sleepers, 1);
  pthread_mutex_unlock(&team->mutex);
}

void nml_team_meet_after(nml_team *team, nml_team_last last, void *context) {
  if (team->size == 1) {
    if (last) last(context);
    return;
  }
  unsigned meeting = atomic_load_explicit(&team->meeting, memory_order_relaxed);
  if (atomic_fetch_add(&team->arrived, 1) < team->size - 1) {
    if (!look(team, meeting)) sleep_until_over(team, meeting);
    return;
  }
  if (last) last(context);
  atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
  atomic_store(&team->meeting, meeting + 1);
  if (atomic_load(&team->sleepers) == 0) return;
  pthread_mutex_lock(&team->mutex);
  pthread_cond_broadcast(&team->over);
  pthread_mutex_unlock(&team->mutex);
}

void nml_team_meet(nml_team *team) { nml_team_meet_after(team, NULL, NULL); }

static void *live(void *argument) {
  const team_member *self = argument;
  nml_team *team = self->team;
  pthread_mutex_lock(&team->mutex); /* until the team's size is known */
  pthread_mutex_unlock(&team->mutex);
  for (;;) {
    nml_team_meet(team); /* work begins */
    if (!team->work) return NULL;
    team->work(team->context, self->number);
    nml_team_meet(team); /* and ends */
  }
}

void nml_team_run(nml_team *team, nml_team_work work, void *context) {
  team->work = work;
  team->context = context;
  nml_team_meet(team);
  if (!work) return;
  work(context, 0);
  nml_team_meet(team);
}

static void free_team(nml_team *team) {
  nml_free(team->shares);
  nml_free(team->members);
  nml_free(team);
}

numeral_status nml_team_create(int threads, nml_team **team,
                               numeral_error *error) {
  assert(threads >= 1);
  *team = NULL;
  nml_team *made = nml_alloc(1, sizeof *made);
  if (!made) return nml_fail_memory(error, "a team of threads", sizeof *made);
  made->members = nml_alloc((size_t)threads, sizeof *made->members);
  made->shares = nml_alloc((size_t)threads, sizeof *made->shares);
  if (!made->members || !made->shares) {
    free_team(made);
    return nml_fail_memory(
        error, "a team of threads",
        (size_t)threads * (sizeof *made->members + sizeof *made->shares));
  }
  pthread_mutex_init(&made->mutex, NULL);
  pthread_cond_init(&made->over, NULL);
  pthread_mutex_lock(&made->mutex);
  int count = 1;
  for (; count < threads; count++) {
    made->members[count] = (team_member){.team = made, .number = count};
    if (pthread_create(&made->members[count].thread, NULL, live,
                       &made->members[count]))
      break;
  }
  made->size = count;
  pthread_mutex_unlock(&made->mutex);
  *team = made;
  return NUMERAL_OK;
}

void nml_team_destroy(nml_team *team) {
  if (!team) return;
  nml_team_run(team, NULL, NULL);
  for (int i = 1; i < team->size; i++)
    pthread_join(team->members[i].thread, NULL);
  pthread_cond_destroy(&team->over);
  pthread_mutex_destroy(&team->mutex);
  free_team(team);
}

int nml_team_size(const nml_team *team) { return team->size; }

int nml_team_deal(nml_share *shares, int members, int member, int parts) {
  for (int i = 0; i < members; i++) {
    int owner = (member + i) % members;
    int first = (int)((long long)owner * parts / members);
    int end = (int)((owner + 1LL) * parts / members);
    atomic_int *dealt = &shares[owner].dealt;
    if (first + atomic_load_explicit(dealt, memory_order_relaxed) >= end)
      continue;
    int part =
        first + atomic_fetch_add_explicit(dealt, 1, memory_order_relaxed);
    if (part < end) return part;
  }
  return -1;
}

typedef struct dealing {
  nml_team *team;
  nml_team_part part;
  void *context;
  int parts;
} dealing;

static void take_parts(void *context, int member) {
  dealing *d = context;
  nml_team *team = d->team;
  for (int i;
       (i = nml_team_deal(team->shares, team->size, member, d->parts)) >= 0;)
    d->part(d->context, member, i);
}

void nml_team_each(nml_team *team, int parts, nml_team_part part,
                   void *context) {
  dealing d = {team, part, context, parts};
  for (int i = 0; i < team->size; i++) atomic_store(&team->shares[i].dealt, 0);
  nml_team_run(team, take_parts, &d);
}

int nml_processor_count(void) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
    return CPU_COUNT(&allowed);
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}
