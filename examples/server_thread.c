/* server_thread.c: numeral inside a server. The threads share one model, which
 * never changes; each has a session of its own. */
#include <numeral.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { THREADS = 4, REQUESTS = 200 };

typedef struct server {
  const numeral_model *model;
  const numeral_dataset *digits; /* stands for what clients send */
  atomic_int next, answered, right;
} server;

static void *work(void *user) {
  server *s = user;
  numeral_error error;
  numeral_session *session;
  float probabilities[NUMERAL_CLASSES];
  if (numeral_session_create(s->model, NULL, &session, &error)) return NULL;
  for (int i; (i = atomic_fetch_add(&s->next, 1)) < REQUESTS;) {
    const uint8_t *image =
        numeral_dataset_images(s->digits) + (size_t)i * NUMERAL_IMAGE_PIXELS;
    int best = 0;
    if (numeral_session_predict(session, image, 1, probabilities, &error))
      break;
    for (int k = 1; k < NUMERAL_CLASSES; k++)
      if (probabilities[k] > probabilities[best]) best = k;
    atomic_fetch_add(&s->right, best == numeral_dataset_labels(s->digits)[i]);
    atomic_fetch_add(&s->answered, 1);
  }
  numeral_session_destroy(session);
  return NULL;
}

int main(void) {
  numeral_error error = {NUMERAL_OK, ""};
  numeral_model *model = NULL;
  numeral_dataset *digits = NULL;
  pthread_t threads[THREADS];
  server s = {0};
  int started = 0;
  if (numeral_model_builtin(&model, &error) ||
      numeral_dataset_synthesise(REQUESTS, 1, &digits, &error))
    fprintf(stderr, "%s\n", error.message);
  s.model = model;
  s.digits = digits;
  while (digits && started < THREADS &&
         pthread_create(&threads[started], NULL, work, &s) == 0)
    started++;
  for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
  printf("%d requests answered by %d threads, %d right\n", s.answered, started,
         s.right);
  numeral_dataset_destroy(digits);
  numeral_model_destroy(model);
  return s.answered == REQUESTS ? 0 : 1;
}
