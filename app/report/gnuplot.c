/* gnuplot.c: see gnuplot.h. Script and output are files without names: the
 * child can be slow, end early or write much without anybody waiting, and a
 * pipe for its messages tells when it has ended. */
#include "app/report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "app/machine.h"
#include "formats/format_fail.h"

static const char package[] = "gnuplot-nox";
/* Written by the script between pictures; no picture holds it. */
static const char between[] = "\nnumeral: the end of a picture 5be2d7c1\n";

enum { MESSAGE_BYTES = 1024, OUTPUT_LIMIT_BYTES = 1 << 28 };

/* ---- Finding it
 * ---------------------------------------------------------------- */

static bool can_run(const char *path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISREG(found.st_mode) &&
         access(path, X_OK) == 0;
}

const char *gnuplot_find(const char *program, char *path, size_t size_bytes) {
  const char *places = getenv("PATH");
  if (strchr(program, '/') != NULL) {
    int length = snprintf(path, size_bytes, "%s", program);
    return length < (int)size_bytes && can_run(path) ? path : NULL;
  }
  for (const char *at = places; at != NULL && *at != '\0';) {
    int length = (int)strcspn(at, ":");
    int written = snprintf(path, size_bytes, "%.*s/%s", length, at, program);
    /* an empty part means the folder we are in: nobody wants gnuplot of there
     */
    if (length > 0 && written < (int)size_bytes && can_run(path)) return path;
    at += length + (at[length] == ':');
  }
  return NULL;
}

numeral_status gnuplot_open(gnuplot_job *job, numeral_error *error) {
  *job = (gnuplot_job){.messages = -1, .seconds_limit = 60};
  if (gnuplot_find("gnuplot", job->program, sizeof job->program) == NULL) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "gnuplot is not installed: the charts need the package "
                       "%s",
                       package);
  }
  job->script = tmpfile();
  job->output = tmpfile();
  if (job->script != NULL && job->output != NULL) {
    fprintf(job->script, "set print \"-\"\n");
    return NUMERAL_OK;
  }
  return format_fail(error, NUMERAL_ERROR_IO,
                     "no temporary file can be made for gnuplot: %s",
                     strerror(errno));
}

void gnuplot_next_picture(gnuplot_job *job) {
  /* print ends the line itself */
  fprintf(job->script, "print \"\\n%.*s\"\n", (int)strlen(between) - 2,
          between + 1);
  ++job->pictures;
}

/* ---- The child
 * ----------------------------------------------------------------- */

/* In the child: only calls that are safe between fork and exec. */
static void become_gnuplot(const gnuplot_job *job, int messages, pid_t parent) {
  static char name[] = "gnuplot", defaults[] = "--default-settings",
              standard_input[] = "-";
  char *const words[] = {name, defaults, standard_input, NULL};
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
#else
  (void)parent;
#endif
  if (dup2(fileno(job->script), STDIN_FILENO) < 0 ||
      dup2(fileno(job->output), STDOUT_FILENO) < 0 ||
      dup2(messages, STDERR_FILENO) < 0)
    _exit(127);
  execv(job->program, words);
  _exit(127);
}

static void close_on_exec(int file) { fcntl(file, F_SETFD, FD_CLOEXEC); }

numeral_status gnuplot_start(gnuplot_job *job, numeral_error *error) {
  int ends[2];
  if (fflush(job->script) != 0 || ferror(job->script) ||
      lseek(fileno(job->script), 0, SEEK_SET) != 0) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "no room for gnuplot's temporary files");
  }
  close_on_exec(fileno(job->script));
  close_on_exec(fileno(job->output));
  if (pipe(ends) != 0) {
    return format_fail(error, NUMERAL_ERROR_IO, "gnuplot cannot be started: %s",
                       strerror(errno));
  }
  close_on_exec(ends[0]);
  close_on_exec(ends[1]);
  pid_t parent = getpid();
  job->child = fork();
  if (job->child == 0) become_gnuplot(job, ends[1], parent);
  int reason = errno;
  close(ends[1]);
  job->messages = ends[0];
  if (job->child > 0) return NUMERAL_OK;
  job->child = 0;
  return format_fail(error, NUMERAL_ERROR_IO, "gnuplot cannot be started: %s",
                     strerror(reason));
}

/* Takes the beginning of what it says until it has ended; false where that took
 * too long. */
static bool listen_to_the_end(const gnuplot_job *job, char *text) {
  double until = machine_seconds() + job->seconds_limit;
  size_t used = 0;
  for (;;) {
    char piece[512];
    struct pollfd wait = {.fd = job->messages, .events = POLLIN};
    double left = until - machine_seconds();
    int ready = poll(&wait, 1, left > 0 ? (int)(left * 1000) + 1 : 0);
    if (ready == 0) return false;
    ssize_t got = ready > 0 ? read(job->messages, piece, sizeof piece) : -1;
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size_t kept = (size_t)got;
    if (kept > MESSAGE_BYTES - 1 - used) kept = MESSAGE_BYTES - 1 - used;
    memcpy(text + used, piece, kept);
    used += kept;
    text[used] = '\0';
  }
  return true;
}

/* The line that says what is wrong: gnuplot shows the script's line and points
 * at the place first. One line of printable characters. */
static void take_reason(char *text) {
  char *line = strstr(text, "line ");
  if (line == NULL) line = text + strspn(text, " \n\t^");
  line[strcspn(line, "\n")] = '\0';
  for (char *c = line; *c != '\0'; ++c) {
    if ((unsigned char)*c < ' ' || (unsigned char)*c > '~') *c = '?';
  }
  memmove(text, line, strlen(line) + 1);
}

static int wait_for(pid_t child) {
  int how = 0;
  while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
  return how;
}

/* ---- What it drew
 * -------------------------------------------------------------- */

static numeral_status read_output(gnuplot_job *job, size_t *size_bytes,
                                  numeral_error *error) {
  struct stat about;
  *size_bytes = 0;
  if (fstat(fileno(job->output), &about) != 0 || about.st_size <= 0 ||
      about.st_size > OUTPUT_LIMIT_BYTES) {
    return format_fail(error, NUMERAL_ERROR_IO, "gnuplot drew nothing");
  }
  job->drawn = malloc((size_t)about.st_size);
  if (job->drawn == NULL)
    return format_fail(error, NUMERAL_ERROR_MEMORY, "no memory for the charts");
  rewind(job->output);
  *size_bytes = fread(job->drawn, 1, (size_t)about.st_size, job->output);
  return NUMERAL_OK;
}

/* The first place of `between` in the bytes, or NULL. */
static char *find_end(char *bytes, size_t size_bytes) {
  size_t length = sizeof between - 1;
  for (char *at = bytes; size_bytes >= length;) {
    char *found = memchr(at, between[0], size_bytes - length + 1);
    if (found == NULL) return NULL;
    if (memcmp(found, between, length) == 0) return found;
    size_bytes -= (size_t)(found + 1 - at);
    at = found + 1;
  }
  return NULL;
}

static int split_output(char *bytes, size_t size_bytes, int wanted,
                        gnuplot_picture *pictures) {
  for (int i = 0; i < wanted; ++i) {
    char *end = find_end(bytes, size_bytes);
    if (end == NULL || end == bytes) return i;
    pictures[i] = (gnuplot_picture){bytes, (size_t)(end - bytes)};
    *end = '\0';
    size_bytes -= (size_t)(end - bytes) + sizeof between - 1;
    bytes = end + sizeof between - 1;
  }
  return wanted;
}

numeral_status gnuplot_finish(gnuplot_job *job, gnuplot_picture *pictures,
                              numeral_error *error) {
  char text[MESSAGE_BYTES] = "";
  size_t size_bytes = 0;
  bool ended = listen_to_the_end(job, text);
  if (!ended) kill(job->child, SIGKILL);
  int how = wait_for(job->child);
  job->child = 0;
  if (!ended) {
    return format_fail(error, NUMERAL_ERROR_IO,
                       "gnuplot took more than %.0f s and was ended",
                       job->seconds_limit);
  }
  take_reason(text);
  if (!WIFEXITED(how) || WEXITSTATUS(how) != 0) {
    return format_fail(error, NUMERAL_ERROR_IO, "gnuplot failed: %.300s",
                       text[0] != '\0' ? text : "it said nothing");
  }
  numeral_status status = read_output(job, &size_bytes, error);
  if (status != NUMERAL_OK) return status;
  int drawn = split_output(job->drawn, size_bytes, job->pictures, pictures);
  if (drawn == job->pictures) return NUMERAL_OK;
  return format_fail(error, NUMERAL_ERROR_IO,
                     "gnuplot drew %d of %d pictures: %.300s", drawn,
                     job->pictures, text[0] != '\0' ? text : "it said nothing");
}

void gnuplot_release(gnuplot_job *job) {
  if (job->script == NULL && job->output == NULL) return; /* never opened */
  if (job->child > 0) {
    kill(job->child, SIGKILL);
    wait_for(job->child);
  }
  if (job->script != NULL) fclose(job->script);
  if (job->output != NULL) fclose(job->output);
  if (job->messages >= 0) close(job->messages);
  free(job->drawn);
  *job = (gnuplot_job){.messages = -1};
}
