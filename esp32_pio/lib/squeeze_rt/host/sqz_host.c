/* Entry points of the runtime's host build (a shared library that squeezenet_lib/sqz/host_runtime.py loads). */
#include <string.h>

#include "squeeze_rt.h"

int sqz_host_open(const void *blob, size_t bytes);
int sqz_host_run(const void *blob, size_t bytes, void *arena, size_t arena_bytes, const uint8_t *pictures,
    size_t count, int8_t *scores);

int sqz_host_decide(const void *blob, size_t bytes, const int8_t *scores, size_t count, uint16_t *answers);

/* sqz_open()'s status for `blob`. */
int sqz_host_open(const void *blob, size_t bytes) {
    sqz_model model;
    return sqz_open(&model, blob, bytes);
}

/* Classifies `count` pictures one after the other; `scores` receives count x classes values. */
int sqz_host_run(const void *blob, size_t bytes, void *arena, size_t arena_bytes, const uint8_t *pictures,
    size_t count, int8_t *scores) {
    sqz_model model;
    sqz_status status = sqz_open(&model, blob, bytes);
    if (status == SQZ_OK && arena_bytes < model.arena_bytes) {
        status = SQZ_ERR_ARENA;
    }
    for (size_t i = 0; i < count && status == SQZ_OK; i++) {
        memcpy(
            (uint8_t *)arena + model.picture_offset, pictures + i * model.picture_bytes, model.picture_bytes);
        status = sqz_run(&model, arena, arena_bytes);
        memcpy(scores + i * model.classes, (uint8_t *)arena + model.scores_offset, model.classes);
    }
    return status;
}

/* The answers to `count` pictures' scores, count x classes values. */
int sqz_host_decide(const void *blob, size_t bytes, const int8_t *scores, size_t count, uint16_t *answers) {
    sqz_model model;
    const sqz_status status = sqz_open(&model, blob, bytes);
    for (size_t i = 0; i < count && status == SQZ_OK; i++) {
        answers[i] = sqz_decide(&model, scores + i * model.classes);
    }
    return status;
}
