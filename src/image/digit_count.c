/* digit_count.c: see digit_count.h. */
#include "image/digit_count.h"

#include "base/numbers.h"

enum {
  MOST_GROUPS = 64,        /* more parts are no writing */
  PART_MASS_PERCENT = 2,   /* of the heaviest part: less is dust */
  SHARED_PERCENT = 20,     /* of the narrower's columns: then they are one */
  GROUP_MASS_PERCENT = 20, /* of the heaviest group */
  HEIGHT_PERCENT = 60,     /* of the tallest group */
  BESIDE_PERCENT = 50,     /* of its rows, beside the tallest group */
  FLATTEST = 2             /* widths in heights: more is a line */
};

typedef struct group {
  nml_box box;
  uint64_t mass;
} group;

/* The parts that may be digits or pieces of them: what the picture's left or
 * right edge cuts belongs to a neighbour that is not asked about. */
static int list_parts(const nml_components *parts, const bool *allowed,
                      group *groups) {
  uint64_t heaviest = 0;
  int count = 0;
  for (int i = 0; i < parts->count; i++)
    if (allowed[i] && parts->items[i].mass > heaviest)
      heaviest = parts->items[i].mass;
  for (int i = 0; i < parts->count; i++) {
    const nml_component *part = &parts->items[i];
    bool cut = part->edge_px[0] > 0 || part->edge_px[2] > 0;
    if (!allowed[i] || cut || part->mass * 100 < heaviest * PART_MASS_PERCENT)
      continue;
    if (count == MOST_GROUPS) return 0;
    groups[count++] = (group){part->box, part->mass};
  }
  return count;
}

static bool share_columns(const nml_box *a, const nml_box *b) {
  int shared = nml_smaller(a->right, b->right) - nml_larger(a->left, b->left);
  return shared * 100 >
         nml_smaller(nml_box_width(a), nml_box_width(b)) * SHARED_PERCENT;
}

static void join(group *into, const group *from) {
  nml_box *box = &into->box;
  box->left = nml_smaller(box->left, from->box.left);
  box->top = nml_smaller(box->top, from->box.top);
  box->right = nml_larger(box->right, from->box.right);
  box->bottom = nml_larger(box->bottom, from->box.bottom);
  into->mass += from->mass;
}

/* One join, where any is left to do. */
static bool join_two(group *groups, int *count) {
  for (int i = 0; i < *count; i++) {
    for (int j = i + 1; j < *count; j++) {
      if (!share_columns(&groups[i].box, &groups[j].box)) continue;
      join(&groups[i], &groups[j]);
      groups[j] = groups[--*count];
      return true;
    }
  }
  return false;
}

static bool is_digit_beside(const group *one, const group *tallest,
                            uint64_t heaviest) {
  const nml_box *a = &one->box, *b = &tallest->box;
  int beside = nml_smaller(a->bottom, b->bottom) - nml_larger(a->top, b->top);
  return one->mass * 100 >= heaviest * GROUP_MASS_PERCENT &&
         nml_box_height(a) * 100 >= nml_box_height(b) * HEIGHT_PERCENT &&
         beside * 100 >= nml_box_height(a) * BESIDE_PERCENT &&
         nml_box_width(a) <= FLATTEST * nml_box_height(a);
}

int nml_digit_count(const nml_components *parts, const bool *allowed) {
  group groups[MOST_GROUPS];
  int count = list_parts(parts, allowed, groups), tallest = 0, digits = 0;
  uint64_t heaviest = 0;
  while (join_two(groups, &count)) continue;
  for (int i = 0; i < count; i++) {
    if (nml_box_height(&groups[i].box) > nml_box_height(&groups[tallest].box))
      tallest = i;
    if (groups[i].mass > heaviest) heaviest = groups[i].mass;
  }
  for (int i = 0; i < count; i++)
    digits += is_digit_beside(&groups[i], &groups[tallest], heaviest);
  return digits > 1 ? digits : 1;
}
