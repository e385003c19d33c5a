/* digit_parts.c: see digit_parts.h. */
#include "image/digit_parts.h"

#include "image/digit_count.h"

#include "base/memory.h"
#include "base/numbers.h"

enum {
  LEAST_SIDE_PX = 4, /* of the digit's main part */
  LEAST_AREA_PX = 4,
  LEAST_SHARE_PERCENT = 5, /* of all ink: less, and it is one speck of many */
  BORDER_PERCENT = 75,     /* of an edge of the picture, covered by a border */
  CENTRAL_PERCENT = 25,  /* of a part's pixels, in the middle of the picture */
  BAND_PERCENT = 12,     /* thickness of the four sides of a printed box */
  BOX_PERCENT = 90,      /* of each side, covered by its line */
  INNER_PERCENT = 20,    /* side of what may be the digit instead */
  CIRCLED_PERCENT = 40,  /* and in a circle drawn around it */
  FREE_PERCENT = 9,      /* the same in a large picture's borders */
  LARGE_SIDE_PX = 64,    /* of the picture: in smaller ones digits break */
  PART_PERCENT = 10,     /* of the main part's mass */
  CUT_PART_PERCENT = 15, /* and of one that an edge of the picture cuts */
  PART_GAP_PERCENT = 50, /* of its longer side: kept up to here */
  SMALL_PART_PERCENT = 1,
  SMALL_PART_GAP_PERCENT = 25,
  CUT_PART_GAP_PERCENT = 5, /* parts that the picture's edge cuts */
  FLATTEST = 8,             /* heights in a line's width, at least */
  UNDERLINE_PERCENT = 90,   /* of the main part's longer side: its width */
  PRINT_PERCENT = 25,       /* of the main part's longer side: letters */
  MOST_LETTERS = 4096,      /* of all parts: more are no writing */
  PRINT_LETTERS = 3         /* in a line of print, at least */
};

static unsigned edges_of(const nml_component *part) {
  unsigned edges = 0;
  for (int side = 0; side < 4; side++) {
    edges |= (part->edge_px[side] > 0 ? 1u : 0u) << side;
  }
  return edges;
}

static int heaviest(const nml_components *parts, const bool *allowed) {
  int best = -1;
  for (int i = 0; i < parts->count; i++) {
    if (allowed && !allowed[i]) continue;
    if (best < 0 || parts->items[i].mass > parts->items[best].mass) best = i;
  }
  return best;
}

int nml_digit_parts_heaviest(const nml_components *parts) {
  return heaviest(parts, NULL);
}

static bool covers_an_edge(const nml_component *part, int width_px,
                           int height_px) {
  for (int side = 0; side < 4; side++) {
    int length = side % 2 == 0 ? height_px : width_px;
    if ((int64_t)part->edge_px[side] * 100 >=
        (int64_t)length * BORDER_PERCENT) {
      return true;
    }
  }
  return false;
}

/* Whether much of the part lies in the middle half of the picture, where a
 * digit that touches an edge has its strokes, and a border has none. */
static bool is_central(const nml_components *parts, int index, int width_px,
                       int height_px) {
  const nml_component *part = &parts->items[index];
  int top = nml_larger(part->box.top, height_px / 4);
  int bottom = nml_smaller(part->box.bottom, height_px - height_px / 4);
  int left = nml_larger(part->box.left, width_px / 4);
  int right = nml_smaller(part->box.right, width_px - width_px / 4);
  uint32_t inside = 0;
  for (int y = top; y < bottom; y++) {
    const int32_t *row = parts->labels + (size_t)y * (size_t)width_px;
    for (int x = left; x < right; x++) inside += row[x] == index;
  }
  return inside * 100.0 >= part->area_px * CENTRAL_PERCENT;
}

static bool is_border(const nml_components *parts, int index, int width_px,
                      int height_px) {
  return covers_an_edge(&parts->items[index], width_px, height_px) &&
         !is_central(parts, index, width_px, height_px);
}

/* Whether another part could be the digit, if those that cover an edge are none
 * of it, or those that touch one. */
static bool has_other(const nml_components *parts, const bool *allowed,
                      int width_px, int height_px, bool may_touch) {
  int shorter = nml_smaller(width_px, height_px);
  int percent = shorter < LARGE_SIDE_PX ? INNER_PERCENT : FREE_PERCENT;
  for (int i = 0; i < parts->count; i++) {
    const nml_component *part = &parts->items[i];
    bool is_at_edge = may_touch ? covers_an_edge(part, width_px, height_px)
                                : edges_of(part) != 0;
    if (allowed[i] && !is_at_edge &&
        nml_box_longer(&part->box) >= shorter * percent / 100)
      return true;
  }
  return false;
}

/* The table around the paper or a scanner's shadow covers a whole edge of the
 * picture. So does a 7 that was cut out tightly: such parts are only left out
 * where another could be the digit. */
static void leave_out_borders(const nml_components *parts, int width_px,
                              int height_px, bool *allowed) {
  if (!has_other(parts, allowed, width_px, height_px, true)) return;
  for (int i = 0; i < parts->count; i++)
    if (is_border(parts, i, width_px, height_px)) allowed[i] = false;
}

/* Whether the part fills a corner of the picture and touches no other edges
 * than the two that meet there. A digit that was cut out tightly touches more.
 */
static bool is_corner(const nml_components *parts, int index, int width_px,
                      int height_px) {
  static const unsigned edges[] = {3, 6, 9, 12};
  const int32_t *upper = parts->labels;
  const int32_t *lower = upper + (size_t)(height_px - 1) * (size_t)width_px;
  const int32_t corners[] = {upper[0], upper[width_px - 1], lower[0],
                             lower[width_px - 1]};
  unsigned touched = edges_of(&parts->items[index]);
  for (int i = 0; i < 4; i++)
    if (corners[i] == index && touched == edges[i]) return true;
  return false;
}

/* Whether `edges` are one edge. */
static bool is_single(unsigned edges) {
  return edges == 1 || edges == 2 || edges == 4 || edges == 8;
}

/* A table, a hand, a pen or a scanner's lid that reaches into the picture,
 * where another part could be the digit and stands free: not to the middle, but
 * in a corner, or at the one edge where ink is. A digit that was cut out
 * tightly touches more edges, but for small ones that are broken by noise. */
static void leave_out_intruders(const nml_components *parts, int width_px,
                                int height_px, bool *allowed) {
  unsigned edges = 0;
  if (!has_other(parts, allowed, width_px, height_px, false)) return;
  for (int i = 0; i < parts->count; i++) {
    if (is_corner(parts, i, width_px, height_px) &&
        !is_central(parts, i, width_px, height_px))
      allowed[i] = false;
    if (allowed[i]) edges |= edges_of(&parts->items[i]);
  }
  if (!is_single(edges) || nml_smaller(width_px, height_px) < LARGE_SIDE_PX)
    return;
  for (int i = 0; i < parts->count; i++)
    if (edges_of(&parts->items[i]) &&
        !is_central(parts, i, width_px, height_px))
      allowed[i] = false;
}

static bool is_inside(const nml_box *inner, const nml_box *outer) {
  return inner->left > outer->left && inner->top > outer->top &&
         inner->right < outer->right && inner->bottom < outer->bottom;
}

/* Whether a pixel of part `index` lies in the given columns and rows. */
static bool has_pixel(const nml_components *parts, int index, int width_px,
                      nml_box area) {
  for (int y = area.top; y < area.bottom; y++) {
    const int32_t *row = parts->labels + (size_t)y * (size_t)width_px;
    for (int x = area.left; x < area.right; x++) {
      if (row[x] == index) return true;
    }
  }
  return false;
}

/* Whether the part's ink runs along all four sides of its box, as a printed
 * box does, even a little turned, and a round 0 does not. */
static bool is_printed_box(const nml_components *parts, int index,
                           int width_px) {
  nml_box box = parts->items[index].box;
  int width = nml_box_width(&box), height = nml_box_height(&box);
  int across = width * BAND_PERCENT / 100 + 1;
  int down = height * BAND_PERCENT / 100 + 1;
  int top = 0, bottom = 0, left = 0, right = 0;
  for (int x = box.left; x < box.right; x++) {
    nml_box upper = {x, box.top, x + 1, box.top + down};
    nml_box lower = {x, box.bottom - down, x + 1, box.bottom};
    top += has_pixel(parts, index, width_px, upper);
    bottom += has_pixel(parts, index, width_px, lower);
  }
  for (int y = box.top; y < box.bottom; y++) {
    nml_box first = {box.left, y, box.left + across, y + 1};
    nml_box last = {box.right - across, y, box.right, y + 1};
    left += has_pixel(parts, index, width_px, first);
    right += has_pixel(parts, index, width_px, last);
  }
  return nml_smaller(top, bottom) * 100 >= width * BOX_PERCENT &&
         nml_smaller(left, right) * 100 >= height * BOX_PERCENT;
}

static int largest(const nml_components *parts, const bool *allowed) {
  int best = -1, best_sides = 0;
  for (int i = 0; i < parts->count; i++) {
    const nml_box *box = &parts->items[i].box;
    int sides = nml_box_longer(box) + nml_box_shorter(box);
    if (allowed[i] && sides > best_sides) {
      best = i;
      best_sides = sides;
    }
  }
  return best;
}

/* Whether one part goes all the way around another: there is some of it to the
 * left and right in each of the other's rows, and above and below in each of
 * its columns. */
static bool is_around(const nml_components *parts, int outer, int inner,
                      int width_px) {
  nml_box around = parts->items[outer].box, box = parts->items[inner].box;
  for (int y = box.top; y < box.bottom; y++) {
    nml_box left = {around.left, y, box.left, y + 1};
    nml_box right = {box.right, y, around.right, y + 1};
    if (!has_pixel(parts, outer, width_px, left) ||
        !has_pixel(parts, outer, width_px, right))
      return false;
  }
  for (int x = box.left; x < box.right; x++) {
    nml_box above = {x, around.top, x + 1, box.top};
    nml_box below = {x, box.bottom, x + 1, around.bottom};
    if (!has_pixel(parts, outer, width_px, above) ||
        !has_pixel(parts, outer, width_px, below))
      return false;
  }
  return true;
}

/* A box printed around the place for the digit, or a circle drawn around it:
 * the largest part, if any. What is in the circle must be larger than a dot in
 * a 0. */
static void leave_out_frame(const nml_components *parts, int width_px,
                            int height_px, bool *allowed) {
  bool can_be_circle = nml_smaller(width_px, height_px) >= LARGE_SIDE_PX;
  int outer = largest(parts, allowed);
  if (outer < 0) return;
  const nml_box *box = &parts->items[outer].box;
  bool has_inner = false, has_circled = false;
  for (int i = 0; i < parts->count; i++) {
    const nml_box *inner = &parts->items[i].box;
    if (!allowed[i] || !is_inside(inner, box)) continue;
    int percent = nml_box_longer(inner) * 100 / nml_box_shorter(box);
    has_inner = has_inner || percent >= INNER_PERCENT;
    has_circled = has_circled || (can_be_circle && percent >= CIRCLED_PERCENT &&
                                  is_around(parts, outer, i, width_px));
  }
  if (has_circled || (has_inner && is_printed_box(parts, outer, width_px)))
    allowed[outer] = false;
}

static int gap_between(const nml_box *a, const nml_box *b) {
  int across = nml_larger(a->left, b->left) - nml_smaller(a->right, b->right);
  int down = nml_larger(a->top, b->top) - nml_smaller(a->bottom, b->bottom);
  return nml_larger(nml_larger(across, down), 0);
}

/* A 5's flag or a 4's second stroke belongs to the digit; dust does not, nor
 * what reaches into the picture from outside. */
static bool belongs(const nml_component *part, const nml_component *body) {
  uint64_t percent = part->mass * 100 / body->mass;
  if (percent < CUT_PART_PERCENT && edges_of(part)) return false;
  int limit = percent >= PART_PERCENT         ? PART_GAP_PERCENT
              : percent >= SMALL_PART_PERCENT ? SMALL_PART_GAP_PERCENT
                                              : -1;
  if (limit > CUT_PART_GAP_PERCENT && (edges_of(part) & ~edges_of(body))) {
    limit = CUT_PART_GAP_PERCENT;
  }
  return gap_between(&part->box, &body->box) * 100 <=
         nml_box_longer(&body->box) * limit;
}

/* A line that is drawn or printed below a digit, above it or through nothing:
 * flatter than any stroke of a digit that lies apart. */
static bool is_underline(const nml_box *line, const nml_box *body) {
  return nml_box_width(line) >= FLATTEST * nml_box_height(line) &&
         nml_box_width(line) * 100 >=
             nml_box_longer(body) * UNDERLINE_PERCENT &&
         (line->top >= body->bottom || line->bottom <= body->top);
}

/* Whether both could be letters of one line of print: about as high, and in the
 * same rows. */
static bool is_in_line(const nml_box *a, const nml_box *b) {
  int shared = nml_smaller(a->bottom, b->bottom) - nml_larger(a->top, b->top);
  int lower = nml_smaller(nml_box_height(a), nml_box_height(b));
  return 2 * shared > lower &&
         2 * lower >= nml_larger(nml_box_height(a), nml_box_height(b));
}

/* Whether the part is one of the letters that are printed small above or below
 * the place for a digit. */
static bool is_print(const nml_components *parts, const bool *allowed,
                     int index, const nml_box *body) {
  const nml_box *box = &parts->items[index].box;
  int letters = 0;
  if (parts->count > MOST_LETTERS) return false;
  if (nml_box_height(box) * 100 > nml_box_longer(body) * PRINT_PERCENT ||
      (box->top < body->bottom && box->bottom > body->top))
    return false;
  for (int i = 0; i < parts->count && letters < PRINT_LETTERS; i++)
    letters += allowed[i] && is_in_line(box, &parts->items[i].box);
  return letters >= PRINT_LETTERS;
}

/* Noise over the whole picture leaves many parts alike, a digit one or few.
 * What was left out does not count. */
static bool is_ink(const nml_components *parts, const bool *allowed, int stroke,
                   int body) {
  const nml_component *part = &parts->items[body];
  uint64_t all = 0;
  for (int i = 0; i < parts->count; i++) {
    bool counts = allowed[i] || parts->items[i].peak < stroke;
    all += counts ? parts->items[i].mass : 0;
  }
  return nml_box_longer(&part->box) >= LEAST_SIDE_PX &&
         part->area_px >= LEAST_AREA_PX &&
         part->mass * 100 >= all * LEAST_SHARE_PERCENT;
}

/* Fills `kept` of what is allowed, and the edges that it touches. */
static void keep(const nml_components *parts, const bool *allowed, int body,
                 nml_choice *choice) {
  const nml_component *main = &parts->items[body];
  for (int i = 0; i < parts->count; i++) {
    const nml_component *part = &parts->items[i];
    choice->kept[i] = allowed[i] && belongs(part, main) &&
                      (i == body || (!is_underline(&part->box, &main->box) &&
                                     !is_print(parts, allowed, i, &main->box)));
    if (choice->kept[i]) choice->edges |= edges_of(part);
  }
}

numeral_status nml_digit_parts_choose(const nml_components *parts, int width_px,
                                      int height_px, int stroke,
                                      nml_choice *choice,
                                      numeral_error *error) {
  size_t count = (size_t)parts->count;
  *choice = (nml_choice){.body = -1};
  choice->kept = nml_alloc(2 * count, sizeof *choice->kept);
  if (!choice->kept)
    return nml_fail_memory(error, "the parts of a digit", 2 * count);
  bool *allowed = choice->kept + count;
  for (size_t i = 0; i < count; i++)
    allowed[i] = parts->items[i].peak >= stroke;
  leave_out_borders(parts, width_px, height_px, allowed);
  leave_out_intruders(parts, width_px, height_px, allowed);
  leave_out_frame(parts, width_px, height_px, allowed);
  int body = heaviest(parts, allowed);
  if (body < 0 || !is_ink(parts, allowed, stroke, body)) return NUMERAL_OK;
  choice->body = body;
  choice->digits = nml_digit_count(parts, allowed);
  keep(parts, allowed, body, choice);
  return NUMERAL_OK;
}
