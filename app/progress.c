/* progress.c: see progress.h. */
#include "app/progress.h"

#include <math.h>
#include <stdio.h>

#include "app/machine.h"
#include "app/message.h"
#include "app/terminal.h"
#include "app/text_format.h"

static const double REDRAW_SECONDS = 0.1;

enum { BAR_CELLS = 20, LINE_BYTES = 256 };

progress_view progress_begin(int batch) {
  return (progress_view){.silent = message_is_quiet(),
                         .terminal = stream_is_terminal(stderr),
                         .batch = batch};
}

void progress_end(progress_view *view) {
  if (!view->line_shown) return;
  fputs("\r\033[K", stderr);
  view->line_shown = false;
}

static short_text time_left(const progress_view *view,
                            const numeral_progress *now) {
  double steps = (double)(now->steps - now->step) +
                 (double)(now->epochs - now->epoch) * now->steps;
  return text_duration(steps * view->batch / now->images_per_second);
}

static void draw_step(progress_view *view, const numeral_progress *now) {
  double share = now->steps > 0 ? (double)now->step / now->steps : 1;
  int cells = (int)(share * BAR_CELLS);
  char bar[BAR_CELLS + 1] = "";
  for (int i = 0; i < BAR_CELLS; ++i)
    bar[i] = i < cells ? '=' : i == cells ? '>' : ' ';
  char line[LINE_BYTES];
  int length =
      snprintf(line, sizeof line, "epoch %d/%d [%s] %3.0f%%  loss %.4f  acc %s",
               now->epoch, now->epochs, bar, 100 * share, now->loss,
               text_percent(now->accuracy).text);
  if (now->images_per_second > 0) {
    snprintf(line + length, sizeof line - (size_t)length,
             "  %s images/s  %s left",
             text_count((uint64_t)now->images_per_second).text,
             time_left(view, now).text);
  }
  /* a longer line would wrap, and \r would no longer reach its beginning */
  fprintf(stderr, "\r\033[K%.*s", terminal_columns(stderr) - 1, line);
  fflush(stderr);
  view->line_shown = true;
}

static void print_epoch(const numeral_progress *now) {
  fprintf(stderr, "epoch %d/%d  loss %.4f  acc %s", now->epoch, now->epochs,
          now->loss, text_percent(now->accuracy).text);
  if (!isnan(now->val_loss)) {
    fprintf(stderr, "  val loss %.4f  val acc %s", now->val_loss,
            text_percent(now->val_accuracy).text);
  }
  fprintf(stderr, "  lr %.3g  %s  %s images/s\n", now->learning_rate,
          text_duration(now->seconds).text,
          text_count((uint64_t)now->images_per_second).text);
}

void progress_show(progress_view *view, const numeral_progress *progress) {
  if (view->silent) return;
  if (progress->event == NUMERAL_EVENT_EPOCH) {
    progress_end(view);
    print_epoch(progress);
  } else if (progress->event == NUMERAL_EVENT_STEP && view->terminal) {
    double now = machine_seconds();
    if (now - view->drawn_at < REDRAW_SECONDS) return;
    view->drawn_at = now;
    draw_step(view, progress);
  }
}
