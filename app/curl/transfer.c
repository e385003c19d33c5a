/* transfer.c: see transfer.h. */
#include "app/curl/transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "formats/module.h"

static size_t take_bytes(char *bytes, size_t one, size_t count, void *user) {
  transfer *t = user;
  (void)one; /* is 1 */
  t->too_long = count > t->limit_bytes - t->size_bytes;
  if (t->too_long) return 0;
  errno = 0;
  size_t written = fwrite(bytes, 1, count, t->stream);
  if (written < count) t->disk_errno = errno ? errno : EIO;
  t->size_bytes += written;
  return written;
}

static int show_progress(void *user, curl_off_t all, curl_off_t now,
                         curl_off_t up_all, curl_off_t up_now) {
  transfer *t = user;
  (void)up_all, (void)up_now;
  if (all <= 0) return 0;
  t->show(t->name, &t->percent, t->resumed_bytes + (size_t)now,
          t->resumed_bytes + (size_t)all);
  return 0;
}

static void set_options(CURL *curl, transfer *t) {
  bool secure = strncmp(t->url, "https:", 6) == 0;
  curl_easy_setopt(curl, CURLOPT_URL, t->url);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR,
                   secure ? "https" : "https,http");
#else /* Ubuntu 22.04's */
  const long web = CURLPROTO_HTTP | CURLPROTO_HTTPS;
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, web);
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS,
                   secure ? (long)CURLPROTO_HTTPS : web);
#endif
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "numeral");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, t->connect_ms);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, t->stall_bytes_per_second);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, t->stall_seconds);
  curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE,
                   (curl_off_t)t->resumed_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, show_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
}

static transfer_result result_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return TRANSFER_DONE;
    case CURLE_HTTP_RETURNED_ERROR:
      return TRANSFER_HTTP_ERROR;
    case CURLE_RANGE_ERROR:
      return TRANSFER_NO_RANGE;
    default:
      return TRANSFER_FAILED;
  }
}

MODULE_EXPORT void transfer_run(transfer *t) {
  CURLcode code = CURLE_FAILED_INIT;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *curl = curl_easy_init();
  if (curl) {
    set_options(curl, t);
    code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &t->http_status);
  }
  t->result = result_of(code);
  snprintf(t->message, sizeof t->message, "%s", curl_easy_strerror(code));
  curl_easy_cleanup(curl);
  curl_global_cleanup();
}
