/* prediction_text.c: see prediction_text.h. */
#include "app/prediction_text.h"

#include <stdio.h>
#include <string.h>

#include "app/json_text.h"
#include "app/message.h"

const char *prediction_reason(numeral_reason reason) {
  switch (reason) {
    case NUMERAL_REASON_BLANK:
      return "blank";
    case NUMERAL_REASON_SEVERAL:
      return "several";
    default:
      return "unsure";
  }
}

int prediction_likeliest(const float probabilities[NUMERAL_CLASSES],
                         int other) {
  int best = other == 0 ? 1 : 0;
  for (int i = best + 1; i < NUMERAL_CLASSES; ++i) {
    if (i != other && probabilities[i] > probabilities[best]) best = i;
  }
  return best;
}

void prediction_print(const numeral_prediction *p) {
  if (p->digit >= 0) {
    printf("Predicted digit : %d\n", p->digit);
  } else {
    printf("Predicted digit : none (%s)\n", prediction_reason(p->reason));
  }
  printf("Confidence      : %.4f\n", (double)p->confidence);
}

static void add_word(text_buffer *text, const char *word) {
  text_add_bytes(text, word, strlen(word));
}

void prediction_write(text_buffer *text, const char *file,
                      const numeral_prediction *p) {
  add_word(text, "{");
  if (file != NULL) {
    add_word(text, "\"file\":");
    json_add_string(text, file);
    add_word(text, ",");
  }
  if (p->digit >= 0) {
    char digit = (char)('0' + p->digit);
    add_word(text, "\"digit\":");
    text_add_bytes(text, &digit, 1);
  } else {
    text_add(text, "\"digit\":null,\"reason\":\"%s\"",
             prediction_reason(p->reason));
  }
  if (p->score != 0) {
    add_word(text, ",\"score\":");
    json_add_rounded(text, p->score, 4);
  }
  if (p->digits > 1) text_add(text, ",\"digits\":%d", p->digits);
  add_word(text, ",\"confidence\":");
  json_add_rounded(text, p->confidence, 4);
  add_word(text, ",\"probabilities\":");
  for (int i = 0; i < NUMERAL_CLASSES; ++i) {
    text_add_bytes(text, i == 0 ? "[" : ",", 1);
    json_add_rounded(text, p->probabilities[i], 6);
  }
  add_word(text, "]");
}

json_t *prediction_to_json(const char *file, const numeral_prediction *p) {
  text_buffer text = {0};
  prediction_write(&text, file, p);
  add_word(&text, "}");
  json_t *value =
      text.refused ? NULL : json_loadb(text.text, text.length, 0, NULL);
  text_buffer_release(&text);
  return value;
}

int prediction_print_json(const char *file, const numeral_prediction *p) {
  text_buffer text = {0};
  prediction_write(&text, file, p);
  add_word(&text, "}");
  if (text.refused) {
    text_buffer_release(&text);
    return message_error(NULL, "out of memory while writing the results");
  }
  puts(text.text);
  text_buffer_release(&text);
  return EXIT_DONE;
}
