/* train_digits.c: trains a small network on digits that the library draws
 * itself, measures it on others, and saves it. train_digits model.safetensors
 */
#include <numeral.h>
#include <stdio.h>

static int show(const numeral_progress *progress, void *user) {
  (void)user;
  if (progress->event == NUMERAL_EVENT_EPOCH)
    printf("epoch %d of %d: loss %.4f\n", progress->epoch, progress->epochs,
           progress->loss);
  return 0; /* anything else stops the training */
}

int main(int argc, char **argv) {
  numeral_error error = {NUMERAL_OK, ""};
  numeral_dataset *train = NULL, *test = NULL;
  numeral_model *model = NULL;
  numeral_train_options options;
  numeral_evaluation evaluation;
  int result = 1;

  if (argc != 2) {
    fputs("usage: train_digits model.safetensors\n", stderr);
    return 2;
  }
  numeral_train_options_init(&options);
  options.net = "flatten, dense 64 relu, dense 10";
  options.progress = show;
  if (numeral_recipe_for(options.net, &options.recipe, &error)) goto done;
  options.recipe.epochs = 3;

  if (numeral_dataset_synthesise(5000, 1, &train, &error) ||
      numeral_dataset_synthesise(1000, 2, &test, &error) ||
      numeral_train(&options, train, NULL, &model, &error) ||
      numeral_evaluate(model, test, 0, NUMERAL_PRECISION_AUTO, &evaluation,
                       NULL, &error) ||
      numeral_model_write(model, argv[1], &error))
    goto done;
  printf("%.2f%% of %zu digits are right\n", 100 * evaluation.accuracy,
         evaluation.count);
  result = 0;
done:
  if (result) fprintf(stderr, "%s\n", error.message);
  numeral_model_destroy(model);
  numeral_dataset_destroy(test);
  numeral_dataset_destroy(train);
  return result;
}
