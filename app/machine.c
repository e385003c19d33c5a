/* machine.c: see machine.h. */
#include "app/machine.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "numeral.h"

void machine_cpu_name(char *name, size_t size_bytes) {
  snprintf(name, size_bytes, "unknown");
  FILE *file = fopen("/proc/cpuinfo", "r");
  if (file == NULL) return;
  char line[256];
  while (fgets(line, sizeof line, file) != NULL) {
    char *value = strstr(line, ": ");
    if (strncmp(line, "model name", 10) != 0 || value == NULL) continue;
    value[strcspn(value, "\n")] = '\0';
    snprintf(name, size_bytes, "%s", value + 2);
    break;
  }
  fclose(file);
}

void machine_time(char *text, size_t size_bytes) {
  time_t now = time(NULL);
  struct tm parts;
  if (gmtime_r(&now, &parts) == NULL ||
      !strftime(text, size_bytes, "%Y-%m-%dT%H:%M:%SZ", &parts)) {
    snprintf(text, size_bytes, "unknown");
  }
}

double machine_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int machine_threads(int threads) {
  return threads > 0 ? threads : numeral_default_threads();
}
