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

void receive_picture(const application *app, const uint8_t *picture) {
    memcpy(app->memory + app->model.picture_offset, picture, app->model.picture_bytes);
}

sqz_status classify(const application *app, classification *result) {
    const uint32_t start = board_cycles();
    const sqz_status status = sqz_run(&app->model, app->memory, app->model.arena_bytes);
    const uint32_t cycles = board_cycles() - start;
    const int8_t *scores = (const int8_t *)app->memory + app->model.scores_offset;
    *result = (classification){
        .cycles = cycles, .microseconds = cycles / app->board->cycles_per_microsecond, .scores = scores};
    for (uint16_t i = 1; status == SQZ_OK && i < app->model.classes; i++) {
        if (scores[i] > scores[result->best]) {
            result->best = i;
        }
    }
    result->score = scores[result->best];
    return status;
}
