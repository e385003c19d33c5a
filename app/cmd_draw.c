/* cmd_draw.c: numeral draw: a window to draw digits in, which are read as they
 * are drawn. Where there is no window, recorded strokes are read all the same.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/commands.h"
#include "app/draw/draw_desk.h"
#include "app/message.h"
#include "app/model_choice.h"
#include "app/options.h"
#include "app/sdl2/window.h"
#include "formats/format_fail.h"
#include "formats/module.h"

static const command_usage usage = {
    .name = "draw",
    .summary =
        "Opens a window to draw digits in with mouse, finger or keys, and "
        "reads "
        "them\n"
        "as they are drawn.\n\n"
        "  p        print what is read      r  a random digit of a test set\n"
        "  u        undo                    e  where the evidence lies "
        "(Grad-CAM)\n"
        "  c        clear                   +  a thicker pen, - a thinner one\n"
        "  s        save as PNG             q  quit\n"
        "  arrows   move the pen (Shift: far), space puts it down and lifts "
        "it\n\n"
        "Without a window --replay reads the strokes all the same.",
    .examples =
        "  numeral draw\n"
        "  numeral draw --dark --record sevens.txt\n"
        "  numeral draw --replay sevens.txt\n"
        "  numeral draw --replay sevens.txt --no-window --json\n",
    .maximum_operands = 0};

typedef struct draw_plan {
  const char *model_path, *replay_path;
  draw_desk_options desk;
  draw_window_options window;
  bool no_window;
  stroke_list strokes;
} draw_plan;

/* ---- The window ---- */

static bool is_set(const char *name) {
  const char *value = getenv(name);
  return value != NULL && *value != '\0';
}

/* Which of Debian's packages brings what the module could not load. The
 * linker's own words stand in brackets in `reason`. */
static numeral_status fail_module(const char *reason, numeral_error *error) {
  const char *package = "libsdl2-2.0-0 and libsdl2-ttf-2.0-0";
  const char *words = strchr(reason, '('), *end = strrchr(reason, ')');
  if (strstr(reason, "SDL2_ttf")) {
    package = "libsdl2-ttf-2.0-0";
  } else if (strstr(reason, "libSDL2")) {
    package = "libsdl2-2.0-0";
  } else if (strstr(reason, "fontconfig")) {
    package = "libfontconfig1";
  } else if (strstr(reason, "numeral-sdl2.so")) {
    package = "libsdl2-dev and libsdl2-ttf-dev, and build numeral again";
  }
  int length = words && end ? (int)(end - words) + 1 : 0;
  return format_fail(error, NUMERAL_ERROR_IO,
                     "the window needs SDL2: install %s %.*s", package, length,
                     words ? words : "");
}

static numeral_status open_window(const draw_plan *plan, draw_desk *desk,
                                  numeral_error *error) {
  numeral_error reason;
  if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") &&
      !is_set("SDL_VIDEODRIVER")) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "there is no screen: neither DISPLAY nor "
                       "WAYLAND_DISPLAY is set");
  }
  draw_window_fn *window =
      (draw_window_fn *)module_function("sdl2", "draw_window", &reason);
  if (!window) return fail_module(reason.message, error);
  draw_calls calls = draw_desk_calls(desk);
  if (plan->replay_path) draw_desk_replay(desk, &plan->strokes);
  return window(&plan->window, &calls, error);
}

/* ---- Without it ---- */

/* The strokes as fast as they can be read. Where they never ask for an answer,
 * they get one at the end. */
static numeral_status read_strokes(const stroke_list *strokes, draw_desk *desk,
                                   numeral_error *error) {
  numeral_status status = NUMERAL_OK;
  for (size_t i = 0; i < strokes->count && !status; i++) {
    status = draw_desk_apply(desk, &strokes->events[i], error);
  }
  if (!status && sketch_pen_is_down(desk->sketch)) {
    stroke_event up = {.kind = STROKE_UP, .point.time_ms = desk->time_ms};
    status = draw_desk_apply(desk, &up, error);
  }
  if (!status && desk->printed == 0) draw_desk_print(desk);
  return status;
}

/* ---- The command ---- */

static int run_desk(const draw_plan *plan, draw_desk *desk) {
  numeral_error error;
  int exit_code = EXIT_DONE;
  bool no_window = plan->no_window;
  if (!no_window && open_window(plan, desk, &error) != NUMERAL_OK) {
    if (!plan->replay_path) return message_error("draw", "%s", error.message);
    message_warning("draw", "%s; the strokes are read without it",
                    error.message);
    no_window = true;
  }
  if (no_window) {
    if (read_strokes(&plan->strokes, desk, &error) != NUMERAL_OK) {
      exit_code = message_error("draw", "%s", error.message);
    } else if (desk->recognised == 0) {
      exit_code = EXIT_NOTHING;
    }
  }
  if (draw_desk_finish(desk, &error) != NUMERAL_OK) {
    exit_code = message_error("draw", "%s", error.message);
  }
  return exit_code;
}

static int run_plan(draw_plan *plan) {
  numeral_error error;
  numeral_model *model = NULL;
  draw_desk *desk = NULL;
  /* the strokes first: the record may be the same file */
  numeral_status status =
      plan->replay_path
          ? stroke_list_read(plan->replay_path, &plan->strokes, &error)
          : NUMERAL_OK;
  if (!status) status = model_choose(plan->model_path, &model, &error);
  plan->desk.model = model;
  if (!status) status = draw_desk_create(&plan->desk, &desk, &error);
  int exit_code = status ? message_error("draw", "%s", error.message)
                         : run_desk(plan, desk);
  draw_desk_destroy(desk);
  numeral_model_destroy(model);
  stroke_list_release(&plan->strokes);
  return exit_code;
}

int cmd_draw(int argc, char **argv) {
  bool dark = false;
  double scale = 1;
  draw_plan plan = {.desk.save_dir = "."};
  const option_row table[] = {
      {.name = "model",
       .letter = 'm',
       .kind = OPTION_TEXT,
       .value = &plan.model_path,
       .argument = "FILE",
       .help = "a model file (default: the built-in model)"},
      {.name = "dark", .value = &dark, .help = "light ink on dark paper"},
      {.name = "scale",
       .kind = OPTION_NUMBER,
       .value = &scale,
       .argument = "X",
       .minimum = 0.5,
       .maximum = 4,
       .help = "words and buttons so many times larger"},
      {.name = "record",
       .kind = OPTION_TEXT,
       .value = &plan.desk.record_path,
       .argument = "FILE",
       .help = "write the strokes to this file"},
      {.name = "replay",
       .kind = OPTION_TEXT,
       .value = &plan.replay_path,
       .argument = "FILE",
       .help = "draw the strokes of this file first"},
      {.name = "no-window",
       .value = &plan.no_window,
       .help = "only read the strokes of --replay"},
      {.name = "save-dir",
       .letter = 'o',
       .kind = OPTION_TEXT,
       .value = &plan.desk.save_dir,
       .argument = "DIR",
       .help = "where s saves drawing-1.png, ... (default: here)"},
      {.name = "data-dir",
       .kind = OPTION_TEXT,
       .value = &plan.desk.data_dir,
       .argument = "DIR",
       .help = "where named data sets are"},
      {.name = NULL}};
  arguments args;
  if (!options_read(&usage, table, argc, argv, &args)) return args.exit_code;
  if (plan.no_window && !plan.replay_path) {
    return options_wrong(&usage, "--no-window: needs the strokes of --replay");
  }
  plan.desk.theme = dark ? LOOK_DARK : LOOK_LIGHT;
  plan.desk.json = args.json;
  /* r brings other images every time, unless a seed was asked for */
  plan.desk.seed = args.seed_given ? args.seed : (uint64_t)time(NULL);
  plan.window = (draw_window_options){
      .theme = plan.desk.theme, .scale = (float)scale, .title = "numeral draw"};
  return run_plan(&plan);
}
