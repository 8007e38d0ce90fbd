#include "application.h"
#include "crc32.h"

/* Whether flash reads back as the build wrote it: tells a wrong mapping or bad timing from a bad model. */
static bool reads_back(board_file file) {
    return sqz_crc32(0, file.start, file.bytes) == file.crc32;
}

static void announce(const char *step) {
    print(&console, "boot");
    print_field(&console, "step", step);
    print(&console, "\n");
}

void boot(application *app) {
    announce("ram");

    announce("model");
    const board_file model = board_model();
    app->flash_model_ok = reads_back(model);
    app->flash_golden_ok = reads_back(board_golden());
    app->status = sqz_open(&app->image_model, model.start, model.bytes);
    app->model = app->image_model;

    announce("golden");
    check_golden(app);
    announce("ready");
}
