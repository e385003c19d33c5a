/* time_process.c: the wall time and the memory of whole processes.
 *
 *   time_process COUNT COMMAND [ARGUMENT ...]
 *
 * Runs the command COUNT times, one after the other, its output thrown away;
 * prints "SECONDS KILOBYTES" (from before the fork to after the wait, and the
 * largest resident set) for each. In C, for a child counts the pages of the
 * process that forked it, and Python's would hide a small program's. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int run_once(char **command, double *seconds, long *kilobytes) {
  struct rusage usage;
  int status;
  double start = now();
  pid_t child = fork();
  if (child == 0) {
    int nothing = open("/dev/null", O_WRONLY);
    if (nothing >= 0) dup2(nothing, STDOUT_FILENO);
    execvp(command[0], command);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return 0;
  *seconds = now() - start;
  *kilobytes = usage.ru_maxrss;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: time_process COUNT COMMAND [ARGUMENT ...]\n");
    return 2;
  }
  for (int i = atoi(argv[1]); i > 0; i--) {
    double seconds;
    long kilobytes;
    if (!run_once(argv + 2, &seconds, &kilobytes)) {
      fprintf(stderr, "time_process: %s failed\n", argv[2]);
      return 1;
    }
    printf("%.6f %ld\n", seconds, kilobytes);
  }
  return 0;
}
