/* One inference: the picture into the arena, the scores out of it, and the time between. On both cores where model and
   board are for two. */
#include <string.h>

#include "application.h"

void print_scores(text_sink *sink, const int8_t *scores, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            print(sink, ",");
        }
        print_signed(sink, scores[i]);
    }
}

const char *answer_name(const sqz_model *model, uint16_t answer) {
    return answer == SQZ_UNKNOWN ? "unknown" : sqz_class_name(model, answer);
}

void receive_picture(const application *app, const uint8_t *picture) {
    memcpy(app->memory + app->model.picture_offset, picture, app->model.picture_bytes);
}

static int8_t highest(const int8_t *scores, uint32_t count) {
    int8_t found = scores[0];
    for (uint32_t i = 1; i < count; i++) {
        found = scores[i] > found ? scores[i] : found;
    }
    return found;
}

/* The second core's half of an inference. */
typedef struct {
    const application *app;
    sqz_status status;
} second_half;

static bool meet(void *core) {
    return board_meet(*(const uint32_t *)core);
}

static sqz_status run_share(const application *app, uint32_t core) {
    return sqz_run_share(&app->model, app->memory, app->model.arena_bytes, core, meet, &core);
}

static void run_second_half(void *half) {
    second_half *const mine = half;
    mine->status = run_share(mine->app, 1);
}

/* The next inference does without a core that does not answer. */
static sqz_status run_on_both(const application *app) {
    static second_half half; /* it outlives this call where the second core does not end */
    half = (second_half){.app = app, .status = SQZ_ERR_CORE};
    board_share(run_second_half, &half);
    const sqz_status status = run_share(app, 0);
    if (status == SQZ_ERR_CORE || !board_share_end()) {
        board_lose_second_core();
        return SQZ_ERR_CORE;
    }
    return status != SQZ_OK ? status : half.status;
}

static sqz_status run(const application *app) {
    return app->model.cores == 2 && app->board->cores == 2
               ? run_on_both(app)
               : sqz_run(&app->model, app->memory, app->model.arena_bytes);
}

sqz_status classify(const application *app, classification *result) {
    const uint32_t start = board_cycles();
    const sqz_status status = run(app);
    const uint32_t cycles = board_cycles() - start;
    const int8_t *scores = (const int8_t *)app->memory + app->model.scores_offset;
    *result = (classification){
        .cycles = cycles, .microseconds = cycles / app->board->cycles_per_microsecond, .scores = scores};
    if (status == SQZ_OK) {
        result->answer = sqz_decide(&app->model, scores);
        result->score =
            result->answer == SQZ_UNKNOWN ? highest(scores, app->model.classes) : scores[result->answer];
    }
    return status;
}
