/* compare_train.h: one training of a comparison: trained, tested, timed. Must
 * not know files. */
#ifndef NUMERAL_APP_COMPARE_COMPARE_TRAIN_H
#define NUMERAL_APP_COMPARE_COMPARE_TRAIN_H
#include "app/compare/comparison.h"
#include "app/train_data.h"

/* Trains with the network's recipe and `seed` on sets->train, and measures on
 * the source's test set. Shows its progress on a terminal. A training that
 * diverges is OK, with result->trouble; STOPPED where a signal came
 * (stop_signal.h). */
numeral_status compare_train(const compare_network *network, uint64_t seed,
                             int threads, const train_data *sets,
                             compare_training *result, numeral_error *error);

#endif
