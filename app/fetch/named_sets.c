/* named_sets.c: the data sets that have a name, and who publishes them. */
#include "app/fetch/fetch.h"

static const fetch_file mnist_files[MNIST_FILES] = {
    [MNIST_TRAIN_IMAGES] = {"train-images-idx3-ubyte", 47040016,
                            "ba891046e6505d7aadcbbe25680a0738"
                            "ad16aec93bde7f9b65e87a2fc25776db"},
    [MNIST_TRAIN_LABELS] = {"train-labels-idx1-ubyte", 60008,
                            "65a50cbbf4e906d70832878ad85ccda5"
                            "333a97f0f4c3dd2ef09a8a9eef7101c5"},
    [MNIST_TEST_IMAGES] = {"t10k-images-idx3-ubyte", 7840016,
                           "0fa7898d509279e482958e8ce81c8e77"
                           "db3f2f8254e26661ceb7762c4d494ce7"},
    [MNIST_TEST_LABELS] = {"t10k-labels-idx1-ubyte", 10008,
                           "ff7bcfd416de33731a308c3f266cc351"
                           "222c34898ecbeaf847f06e48f7ec33f2"}};

static const char *const mnist_mirrors[] = {
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/", NULL};

const fetch_set fetch_mnist = {"mnist", mnist_files, MNIST_FILES,
                               mnist_mirrors};
