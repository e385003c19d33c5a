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

/* How much of a member's share has been dealt: 0 to begin with. On a cache line
 * of its own, since mostly its owner alone asks. */
typedef struct nml_share {
  _Alignas(64) atomic_int dealt;
} nml_share;

/* Deals the parts 0 .. parts - 1, each once, and -1 when none is left;
 * shares[members]. A member is first given those of its own share, neighbours
 * and the same every time, whose memory it finds in its own cache; then what
 * others have not come to. */
int nml_team_deal(nml_share *shares, int members, int member, int parts);

/* Calls part(context, member, 0) to part(context, member, parts - 1), each
 * once, dealt as above. */
typedef void (*nml_team_part)(void *context, int member, int part);
void nml_team_each(nml_team *team, int parts, nml_team_part part,
                   void *context);

/* The processors that this process may use. */
int nml_processor_count(void);

#endif
