/* One inference: the picture into the arena, the scores out of it, and the time between. */
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

sqz_status classify(const application *app, classification *result) {
    const uint32_t start = board_cycles();
    const sqz_status status = sqz_run(&app->model, app->memory, app->model.arena_bytes);
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
