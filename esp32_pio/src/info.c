#include <stddef.h>

#include "application.h"
#include "crc32.h"
#include "print.h"

void print_banner(const application *app) {
    print("squeezenet-esp32 ");
    print(board_firmware_version());
    print(" on ");
    print(app->board->name);
    print("\n");
}

/* Whether flash reads back as the build wrote it: tells a wrong mapping or bad timing from a bad model. */
static const char *read_back(board_file file) {
    return sqz_crc32(0, file.start, file.bytes) == file.crc32 ? "ok" : "corrupt";
}

static void print_model(const application *app) {
    const sqz_model *model = &app->model;
    print_field("producer", sqz_producer(model));
    print_number("height", model->height);
    print_number("width", model->width);
    print_number("channels", model->channels);
    print_number("classes", model->classes);
    print_number("arena", model->arena_bytes);
    for (uint16_t i = 0; i < model->classes; i++) {
        print("\ninfo");
        print_number("class", i);
        print_field("name", sqz_class_name(model, i));
    }
}

void print_info(const application *app) {
    const board_report *board = app->board;
    const char *failed = board->failed_step;
    print("info");
    print_field("version", board_firmware_version());
    print_field("board", board->name);
    print_number("crystal_mhz", board->crystal_mhz);
    print_number("cycles_per_us", board->cycles_per_microsecond);
    print_field("boot", failed == NULL ? "ok" : "timeout");
    if (failed != NULL) {
        print_field("step", failed);
    }
    print_number("stack", board_stack_used());
    print_number("stack_size", board_stack_size());
    print("\ninfo");
    print_field("flash_model", read_back(board_model()));
    print_field("flash_golden", read_back(board_golden()));
    print("\ninfo");
    print_field("model", app->status == SQZ_OK ? "ok" : "refused");
    print_number("bytes", board_model().bytes);
    if (app->status == SQZ_OK) {
        print_model(app);
    } else {
        print_field("code", "");
        print_signed(app->status);
        print_field("why", sqz_status_text(app->status));
    }
    print("\n");
}
