/* data_show.h: numeral data show: images of a data set, in the terminal or on a
 * PNG file. */
#ifndef NUMERAL_APP_DATA_SHOW_H
#define NUMERAL_APP_DATA_SHOW_H

/* As a subcommand of numeral data. */
int data_show_run(int argc, char **argv);

#endif
