/* The checks at boot: flash, model, RAM, self-test; and the second core, where the model is for two. */
#include <stddef.h>

#include "application.h"
#include "crc32.h"
#include "ram_test.h"
#include "screen.h"

static bool reads_back(board_file file) {
    return sqz_crc32(0, file.start, file.bytes) == file.crc32;
}

/* Whether flash reads back as the build wrote it: tells a wrong mapping or bad timing from a bad model. */
static bool flash_reads(application *app) {
    app->flash_model_ok = reads_back(board_model());
    app->flash_golden_ok = reads_back(board_golden());
    return app->flash_model_ok && app->flash_golden_ok;
}

/* A flash that misreads may answer later than ESP-IDF's setting waits for, or it may have been written badly. */
static bool look_for_timing(application *app) {
    while (board_flash_retry()) {
        if (flash_reads(app)) {
            return true;
        }
    }
    return flash_reads(app); /* as at first */
}

static void open_model(application *app) {
    const board_file model = board_model();
    app->status = sqz_open(&app->image_model, model.start, model.bytes);
    if (app->status == SQZ_OK && app->image_model.arena_bytes > app->memory_bytes) {
        app->status = SQZ_ERR_ARENA; /* a module with less memory than the build counted on */
        app->image_model = (sqz_model){.blob = NULL};
    }
    app->model = app->image_model;
}

void boot(application *app) {
    screen_boot("clock and flash", app->board->failed_step == NULL);

    if (app->board->camera_expected) {
        screen_boot("camera", app->board->camera != NULL);
    }

    print_boot_step("model");
    screen_boot("flash content", flash_reads(app) || look_for_timing(app));
    open_model(app);
    screen_boot("model", app->status == SQZ_OK);

    if (app->model.cores == 2) { /* before the RAM test, for its ROM overwrites some of it */
        print_boot_step("second-core");
        board_start_second_core();
    }

    print_boot_step("ram");
    app->bad_word = ram_test((uint32_t *)(void *)app->memory, app->memory_bytes / 4u);
    screen_boot("RAM", app->bad_word == NULL);

    print_boot_step("golden");
    check_golden(app);
    screen_boot("self-test", app->golden.passed);
    app->continuous = board_default_continuous() && app->board->camera != NULL;
    print_boot_step("ready");
}
