/* team.h: threads that do one piece of work together, again and again.
 *
 * Members wait for one another by looking for a short while and then sleeping:
 * on a quiet machine the next piece begins within microseconds, on a busy one
 * nobody holds a processor that another member needs. Must not know the work.
 */
#ifndef NML_BASE_TEAM_H
#define NML_BASE_TEAM_H

#include "base/fail.h"

#include <stdatomic.h>

typedef struct nml_team nml_team;

/* A team of `threads` >= 1 members: the caller and threads - 1 others, who
 * sleep until there is work. Where the system refuses a thread the team is
 * smaller. */
numeral_status nml_team_create(int threads, nml_team **team,
                               numeral_error *error);
void nml_team_destroy(nml_team *team);

/* How many members there are, at least 1. */
int nml_team_size(const nml_team *team);

/* Every member calls work(context, member), member 0..size-1; returns when all
 * have. For one caller at a time, and not from inside work. */
typedef void (*nml_team_work)(void *context, int member);
void nml_team_run(nml_team *team, nml_team_work work, void *context);

/* Inside work: waits until every member is here. What any wrote before is seen
 * by all after. */
void nml_team_meet(nml_team *team);

/* The same; whoever comes last calls last(context) before the others go on. */
typedef void (*nml_team_last)(void *context);
void nml_team_meet_after(nml_team *team, nml_team_last last, void *context);

/* Deals the numbers 0, 1, 2 ... to whoever asks next: *dealt begins at 0. */
static inline int nml_team_deal(atomic_int *dealt) {
  return atomic_fetch_add_explicit(dealt, 1, memory_order_relaxed);
}

/* Calls part(context, 0) to part(context, parts - 1), each once, by whichever
 * member is free. */
typedef void (*nml_team_part)(void *context, int part);
void nml_team_each(nml_team *team, int parts, nml_team_part part,
                   void *context);

/* The processors that this process may use. */
int nml_processor_count(void);

#endif
