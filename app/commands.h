/* commands.h: the subcommands, one cmd_*.c each. argv[0] is the command's
 * name; each returns the program's exit code (message.h). */
#ifndef NUMERAL_APP_COMMANDS_H
#define NUMERAL_APP_COMMANDS_H

int cmd_train(int argc, char **argv);
int cmd_eval(int argc, char **argv);
int cmd_predict(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_draw(int argc, char **argv);
int cmd_data(int argc, char **argv);
int cmd_models(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_bench(int argc, char **argv);

#endif
