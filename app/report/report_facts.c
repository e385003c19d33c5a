/* report_facts.c: the tables of a report; see report_page.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/json_text.h"
#include "app/report/report_page.h"
#include "app/text_format.h"

/* ---- The network
 * --------------------------------------------------------------- */

static void add_shape(html *page, int height, int width, int channels) {
  if (height == 1 && width == 1) {
    text_add(page, "%s", text_count((uint64_t)channels).text);
  } else {
    text_add(page, "%d × %d × %d", height, width, channels);
  }
}

/* 1234567 -> "1.2 million": operations need no more digits. */
static short_text rough_count(uint64_t count) {
  short_text text = text_count(count);
  if (count >= 1000000)
    snprintf(text.text, sizeof text.text, "%.1f million", (double)count / 1e6);
  return text;
}

static void add_layer(html *page, const numeral_layer_info *layer) {
  text_add(page, "<li><b>");
  html_text(page, layer->text);
  text_add(page, "</b><span>");
  add_shape(page, layer->height, layer->width, layer->channels);
  text_add(page, "</span>");
  if (layer->forward_flops > 0 || layer->parameter_count > 0) {
    text_add(page, "<span class=\"faint work\">%s parameters, ",
             text_count(layer->parameter_count).text);
    text_add(page, "%s operations</span>",
             rough_count(layer->forward_flops).text);
  }
  text_add(page, "</li>\n");
}

/* The trained model, or an untrained one of the same network. */
void report_facts_network(html *page, const report_run *run) {
  numeral_model *untrained = NULL;
  const numeral_model *model = run->model;
  if (model == NULL && run->has_plan &&
      numeral_model_create(run->plan.net, 1, &untrained, NULL) == NUMERAL_OK)
    model = untrained;
  if (model == NULL) return;
  numeral_model_info info = numeral_model_get_info(model);
  text_add(page,
           "<section class=\"card\"><h2>The network</h2>\n"
           "<ol class=\"layers\"><li><b>image</b><span>28 × 28 "
           "× 1</span></li>\n");
  for (size_t i = 0; i < info.layer_count; ++i) {
    numeral_layer_info layer = numeral_model_layer(model, i);
    add_layer(page, &layer);
  }
  text_add(page,
           "<li><b>softmax</b><span>10 "
           "probabilities</span></li></ol>\n<p class=\"faint after\">"
           "Behind each layer what comes out of it: "
           "height × width × channels. In all %s parameters and %s operations "
           "an image.</p></section>\n",
           text_count(info.parameter_count).text,
           rough_count(info.forward_flops).text);
  numeral_model_destroy(untrained);
}

/* ---- Recipe and run
 * ------------------------------------------------------------ */

static void begin_facts(html *page, const char *title) {
  text_add(page,
           "<section class=\"card\"><h2>%s</h2>\n<table class=\"facts\">"
           "<tbody>\n",
           title);
}

static void end_facts(html *page) { text_add(page, "</tbody></table>\n"); }

static void add_fact(html *page, const char *name, const char *value) {
  if (value == NULL || *value == '\0') return;
  text_add(page, "<tr><th scope=\"row\">%s</th><td>", name);
  html_text(page, value);
  text_add(page, "</td></tr>\n");
}

/* "learning_rate" as people write it. */
static void add_recipe_field(html *page, const char *key, const json_t *value) {
  char name[64];
  snprintf(name, sizeof name, "%s", key);
  for (char *c = name; *c != '\0'; ++c) {
    if (*c == '_') *c = ' ';
  }
  if (json_is_string(value)) {
    add_fact(page, name, json_string_value(value));
    return;
  }
  char *text = json_text(value, 0);
  add_fact(page, name, text);
  free(text);
}

void report_facts_recipe(html *page, const report_run *run) {
  if (!run->has_plan) return;
  json_t *fields = train_plan_to_json(&run->plan);
  begin_facts(page, "The recipe");
  for (void *at = json_object_iter(fields); at != NULL;
       at = json_object_iter_next(fields, at)) {
    const char *key = json_object_iter_key(at);
    const json_t *value = json_object_iter_value(at);
    bool off =
        strncmp(key, "augment_", 8) == 0 && json_number_value(value) == 0;
    if (!off) add_recipe_field(page, key, value);
  }
  end_facts(page);
  text_add(page, "</section>\n");
  json_decref(fields);
}

static void add_number_fact(html *page, const report_run *run,
                            const char *group, const char *key,
                            const char *name) {
  double number = report_run_number(run, group, key);
  if (number >= 0 && number < 1e15)
    add_fact(page, name, text_count((uint64_t)number).text);
}

/* Images a second over all epochs, each weighted by its time. */
static void add_speed(html *page, const report_run *run) {
  double seconds = 0, images = 0;
  for (int i = 0; i < run->epoch_count; ++i) {
    double rate = run->epochs[i].images_per_second,
           time = run->epochs[i].seconds;
    if (!isfinite(rate) || !isfinite(time)) continue;
    seconds += time;
    images += rate * time;
  }
  if (!(seconds > 0)) return;
  add_fact(page, "training time", text_duration(seconds).text);
  add_fact(page, "images a second",
           text_count((uint64_t)(images / seconds)).text);
}

static void add_accuracy(html *page, const numeral_evaluation *e) {
  char text[128];
  if (e->count == 0) return;
  snprintf(text, sizeof text, "%s (95%% interval %s to %s, Wilson)",
           text_percent(e->accuracy).text, text_percent(e->accuracy_low).text,
           text_percent(e->accuracy_high).text);
  add_fact(page, "accuracy", text);
}

void report_facts_run(html *page, const report_run *run) {
  const char *command = report_run_text(run, NULL, "command");
  begin_facts(page, "The run");
  add_fact(page, "folder", run->folder);
  add_accuracy(page, &run->measure.evaluation);
  add_speed(page, run);
  add_fact(page, "data", report_run_text(run, "data", "name"));
  add_fact(page, "data checksum", report_run_text(run, "data", "checksum"));
  add_number_fact(page, run, "data", "train", "training images");
  add_number_fact(page, run, "data", "validation", "validation images");
  add_number_fact(page, run, "data", "test", "test images");
  add_fact(page, "processor", report_run_text(run, NULL, "cpu"));
  add_fact(page, "instruction set",
           report_run_text(run, NULL, "instruction_set"));
  add_number_fact(page, run, NULL, "threads", "threads");
  add_fact(page, "numeral", report_run_text(run, NULL, "version"));
  add_fact(page, "started", report_run_text(run, NULL, "started"));
  add_fact(page, "finished", report_run_text(run, "result", "finished"));
  end_facts(page);
  if (command != NULL) {
    text_add(page,
             "<p class=\"after\">The same again, to the last bit on "
             "the same kind of processor:</p>\n<pre><code>");
    html_text(page, command);
    text_add(page, "</code></pre>\n");
  }
  text_add(page, "</section>\n");
}

/* ---- Figures as tables
 * --------------------------------------------------------- */

static size_t images_of(const numeral_evaluation *e, int digit) {
  size_t count = 0;
  for (int i = 0; i < NUMERAL_CLASSES; ++i) count += e->confusion[digit][i];
  return count;
}

static void add_share(html *page, const char *figure, int digit, double share) {
  text_add(page,
           "<td class=\"number\" data-figure=\"%s.%d\" data-value=\"%.6f\">%s"
           "</td>",
           figure, digit, share, text_percent(share).text);
}

void report_facts_classes(html *page, const numeral_evaluation *e) {
  text_add(page,
           "<details><summary>As numbers</summary><div class=\"scroll\">"
           "<table><thead><tr><th>digit</th><th class=\"number\">images</th>"
           "<th class=\"number\">precision</th><th class=\"number\">recall</th>"
           "<th class=\"number\">F1</th></tr></thead><tbody>\n");
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    text_add(page,
             "<tr><th scope=\"row\">%d</th><td class=\"number\" "
             "data-figure=\"count.%d\" data-value=\"%zu\">%s</td>",
             i, i, images_of(e, i), text_count(images_of(e, i)).text);
    add_share(page, "precision", i, e->precision[i]);
    add_share(page, "recall", i, e->recall[i]);
    add_share(page, "f1", i, e->f1[i]);
    text_add(page, "</tr>\n");
  }
  text_add(page, "</tbody></table></div></details>\n");
}

void report_facts_confusion(html *page, const numeral_evaluation *e) {
  text_add(page,
           "<details><summary>As numbers</summary><div class=\"scroll\">"
           "<table><thead><tr><th>true</th>");
  for (int i = 0; i < NUMERAL_CLASSES; ++i)
    text_add(page, "<th class=\"number\">%d</th>", i);
  text_add(page, "</tr></thead><tbody>\n");
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    text_add(page, "<tr><th scope=\"row\">%d</th>", i);
    for (int j = 0; j < NUMERAL_CLASSES; ++j) {
      text_add(page,
               "<td class=\"number\" data-figure=\"confusion.%d.%d\" "
               "data-value=\"%zu\">%zu</td>",
               i, j, e->confusion[i][j], e->confusion[i][j]);
    }
    text_add(page, "</tr>\n");
  }
  text_add(page, "</tbody></table></div></details>\n");
}
