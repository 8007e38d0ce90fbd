/* The second core of a chip whose registers are a model: a thread that joins, and ends. */
#include <pthread.h>
#include <stddef.h>

#include "two_cores/second_core.h"

void model_second_core(void);

static void *serve(void *none) {
    second_core_serve();
    return none;
}

/* To be called where the model lets it run. */
void model_second_core(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, serve, NULL);
    pthread_detach(thread);
}

void second_core_idle(void) {
    pthread_exit(NULL);
}

void second_core_turn(void) {}

uint32_t second_core_stack_used(void) {
    return 0;
}
