/* answers.h: what each route answers with; routes.c has the table. */
#ifndef NUMERAL_APP_SERVE_ANSWERS_H
#define NUMERAL_APP_SERVE_ANSWERS_H
#include "app/serve/request.h"

/* answer_api.c: numeral's own, /v1 */
work_state read_predict(work *w, bool slow);
void finish_predict(work *w);
void answer_models(request *r);
void answer_model(request *r);
work_state read_sample(work *w, bool slow);
void finish_sample(work *w);

/* answer_explain.c */
work_state read_explain(work *w, bool slow);
void finish_explain(work *w);

/* open_inference.c: the Open Inference Protocol, /v2 */
void answer_server(request *r);
void answer_live(request *r);
void answer_ready(request *r);
void answer_model_ready(request *r);
void answer_model_metadata(request *r);
work_state read_infer(work *w, bool slow);
void finish_infer(work *w);

/* answer_site.c: the page, metrics, and what is no route */
void answer_file(request *r);
void answer_metrics(request *r);

#endif
