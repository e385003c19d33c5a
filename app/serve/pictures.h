/* pictures.h: from a request's body to images of 28 x 28: a picture file, a
 * form with picture files, or JSON with pixels. */
#ifndef NUMERAL_APP_SERVE_PICTURES_H
#define NUMERAL_APP_SERVE_PICTURES_H
#include "app/serve/request.h"

enum {
  PICTURES_MAX = 4096,               /* in one request */
  PICTURE_QUICK_PIXELS = 512 * 1024, /* more belong in the slow lane */
  PICTURE_BRIEF_PIXELS = 128 * 128,  /* more are no work for guests */
};

/* Fills r->pictures and the images of r->work. WORK_ANSWERED: a problem is the
 * reply. */
work_state pictures_read(request *r, bool slow);

/* Room for `count` images, all of paper, that are no pictures (have no name and
 * no frame). False after a problem. */
bool pictures_make(request *r, size_t count);

/* Gives work its images. */
void pictures_hand_on(request *r);

/* An array of 784 whole numbers 0..255, or of 28 such of 28, into `image`;
 * false after a problem, which says that it is about image `index`. */
bool pictures_take_pixels(request *r, const json_t *pixels, size_t index,
                          uint8_t image[NUMERAL_IMAGE_PIXELS]);

/* Accepts an empty list, and empties it. */
void pictures_release(request_pictures *p);

#endif
