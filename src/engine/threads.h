/* threads.h: how many threads a caller gets. */
#ifndef NML_ENGINE_THREADS_H
#define NML_ENGINE_THREADS_H

enum { NML_MAX_THREADS = 1024 };

/* The processors that this process may use. */
int nml_default_threads(void);

/* `threads`, or the default where it is 0. */
int nml_threads(int threads);

#endif
