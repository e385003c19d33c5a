/* report_page.h: the words around a report's pictures, as a page. Figures carry
 * data-figure and data-value, for programs that read the page. Must not know
 * how pictures are drawn, or files. */
#ifndef NUMERAL_APP_REPORT_REPORT_PAGE_H
#define NUMERAL_APP_REPORT_REPORT_PAGE_H
#include "app/html.h"
#include "app/report/report_data.h"
#include "app/report/report_pictures.h"

/* The page of one run; html_release ends *page. */
void report_page_run(html *page, const report_run *run,
                     const report_pictures *pictures);
/* The page of several: curves over one another, and a table. */
void report_page_runs(html *page, const chart_runs *runs,
                      const report_pictures *pictures);

/* ---- What the two share (report_page.c) */

/* The head and the beginning, with the stylesheet of reports. */
void report_page_begin(html *page, const char *title);
void report_page_notice(html *page, const char *text);
/* A picture with its caption, the beginning of a constant; nothing where it is
 * not there. */
void report_page_picture(html *page, const report_pictures *pictures,
                         picture_kind kind, const char *alt);

/* Tables of facts (report_facts.c): the network's layers, the recipe, and where
 * and when. */
void report_facts_network(html *page, const report_run *run);
void report_facts_recipe(html *page, const report_run *run);
void report_facts_run(html *page, const report_run *run);
/* Each digit's figures, and the confusion matrix, as tables to unfold. */
void report_facts_classes(html *page, const numeral_evaluation *e);
void report_facts_confusion(html *page, const numeral_evaluation *e);

#endif
