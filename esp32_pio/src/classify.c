#include "application.h"
#include "print.h"

void print_scores(const int8_t *scores, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            print(",");
        }
        print_signed(scores[i]);
    }
}

void classify_received(const application *app) {
    const uint32_t start = board_cycles();
    const sqz_status status = sqz_run(&app->model, app->arena, app->arena_bytes);
    const uint32_t cycles = board_cycles() - start;
    if (status != SQZ_OK) {
        print("error reason=model");
        print_field("why", sqz_status_text(status));
        print("\n");
        return;
    }
    const int8_t *scores = (const int8_t *)app->arena + app->model.scores_offset;
    uint16_t best = 0; /* of equal scores, the first */
    for (uint16_t i = 1; i < app->model.classes; i++) {
        if (scores[i] > scores[best]) {
            best = i;
        }
    }
    print("result");
    print_number("class", best);
    print_field("name", sqz_class_name(&app->model, best));
    print_field("scores", "");
    print_scores(scores, app->model.classes);
    print_number("us", cycles / app->board->cycles_per_microsecond);
    print_number("cycles", cycles);
    print("\n");
}
