/* transfer.h: one file from one URL, through libcurl. Must not know data sets,
 * mirrors, or where the file belongs. */
#ifndef NUMERAL_APP_CURL_TRANSFER_H
#define NUMERAL_APP_CURL_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum transfer_result {
  TRANSFER_FAILED = 0, /* `message` says why */
  TRANSFER_DONE,
  TRANSFER_HTTP_ERROR, /* `http_status` says which */
  TRANSFER_NO_RANGE    /* the server cannot go on where we stopped */
} transfer_result;

typedef struct transfer {
  /* what is wanted */
  const char *url;
  FILE *stream;         /* stands behind what an earlier transfer left */
  size_t resumed_bytes; /* that is what it left */
  size_t limit_bytes;   /* with it */
  long connect_ms, stall_seconds, stall_bytes_per_second;
  void (*show)(const char *name, int *percent, size_t now_bytes,
               size_t all_bytes);
  const char *name; /* for `show` */
  int percent;      /* shown last; -1: none */
  /* what came of it */
  transfer_result result;
  size_t size_bytes; /* with what an earlier one left */
  long http_status;  /* 0: there was no answer */
  int disk_errno;    /* why the disk refused; 0: it did not */
  bool too_long;     /* more came than the file can have */
  char message[256];
} transfer;

/* Adds to the stream what is missing. In module "curl". */
typedef void transfer_fn(transfer *t);
transfer_fn transfer_run;

#endif
