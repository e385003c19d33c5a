/* models_calibrate.h: numeral models calibrate: makes a model say how sure it
 * is, and refuse. */
#ifndef NUMERAL_APP_MODELS_CALIBRATE_H
#define NUMERAL_APP_MODELS_CALIBRATE_H

/* A subcommand of numeral models (app/options.h). */
int models_calibrate(int argc, char **argv);

#endif
