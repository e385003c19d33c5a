/* service_life.h: what the two halves of the service share. */
#ifndef NUMERAL_APP_SERVE_SERVICE_LIFE_H
#define NUMERAL_APP_SERVE_SERVICE_LIFE_H
#include "app/serve/service.h"

/* What the HTTP server calls. */
http_calls service_calls(service *s);

#endif
