/* The report: what the chip says of itself at the end of the boot and in LINK_HELLO's answer. */
#include <stddef.h>

#include "application.h"
#include "model_header.h"

static void line(text_sink *sink, const char *key, const char *value) {
    print(sink, key);
    print(sink, "=");
    print(sink, value);
    print(sink, "\n");
}

static void number_line(text_sink *sink, const char *key, uint32_t value) {
    print(sink, key);
    print(sink, "=");
    print_unsigned(sink, value);
    print(sink, "\n");
}

static void hex_line(text_sink *sink, const char *key, uint32_t value) {
    print(sink, key);
    print(sink, "=");
    print_hex(sink, value);
    print(sink, "\n");
}

static void print_crash(const board_report *board, text_sink *sink) {
    if (!board->crashed) {
        line(sink, "crash", "none");
        return;
    }
    print(sink, "crash=");
    print(sink, board_crash_name(&board->crash));
    print_number(sink, "cause", board->crash.cause);
    print_field(sink, "pc", "");
    print_hex(sink, board->crash.pc);
    print_field(sink, "address", "");
    print_hex(sink, board->crash.address);
    if (board->crash.core != 0) {
        print_number(sink, "core", board->crash.core);
    }
    print(sink, "\n");
}

/* How many work, and why it is one. */
static void print_cores(const board_report *board, text_sink *sink) {
    print(sink, "cores=");
    print_unsigned(sink, board->cores);
    if (board->one_core != NULL) {
        print(sink, ": ");
        print(sink, board->one_core);
    }
    print(sink, "\n");
}

static void print_chip(const board_chip *chip, text_sink *sink) {
    line(sink, "chip", chip->name);
    print(sink, "revision=v");
    print_unsigned(sink, chip->revision / 100);
    print(sink, ".");
    print_unsigned(sink, chip->revision % 100);
    print(sink, "\n");
    number_line(sink, "rated_mhz", chip->rated_mhz);
    line(sink, "reset_core1", chip->second_core_reset);
    line(sink, "brownout", chip->brownout);
    line(sink, "protection", chip->protection);
}

/* The size that the flash has, beside the one that the image needs. */
static void print_flash_size(const board_flash *flash, text_sink *sink) {
    if (flash->bytes == 0) {
        line(sink, "flash_size", "unknown");
        return;
    }
    print(sink, "flash_size=");
    print_unsigned(sink, flash->bytes >> 20);
    print(sink, "MB");
    if (flash->bytes < flash->image_bytes) {
        print(sink, ", the image is built for ");
        print_unsigned(sink, flash->image_bytes >> 20);
        print(sink, "MB");
    }
    print(sink, "\n");
}

static void print_flash(const board_flash *flash, text_sink *sink) {
    line(sink, "flash_pins", flash->pins);
    line(sink, "flash_rom_routing", flash->rom_routing);
    line(sink, "flash_routing", flash->routing);
    line(sink, "flash_supply", flash->supply);
    hex_line(sink, "flash_id", flash->id);
    print_flash_size(flash, sink);
    number_line(sink, "flash_freq", flash->mhz);
    number_line(sink, "flash_dummy", flash->dummy);
    line(sink, "flash_timing", flash->standard ? "standard" : "other: the standard one misread");
}

static void print_camera(const board_report *board, text_sink *sink) {
    if (board->camera != NULL) {
        line(sink, "camera", board->camera);
        return;
    }
    print(sink, "camera=none: ");
    print(sink, board_camera_error());
    print(sink, "\n");
}

/* As platformio.ini has it. */
static void print_output(text_sink *sink) {
    const board_output *output = board_default_output();
    if (output == NULL) {
        line(sink, "output_pin", "none");
        return;
    }
    print(sink, "output_pin=");
    print_unsigned(sink, output->pin);
    print(sink, output->active_high ? " high " : " low ");
    print_unsigned(sink, output->hold_ms);
    print(sink, " ");
    print(sink, output->class_name);
    print(sink, "\n");
}

static void print_model(const application *app, text_sink *sink) {
    const sqz_model *model = &app->model;
    line(sink, "source", app->from_ram ? "ram" : "flash");
    line(sink, "producer", sqz_producer(model));
    number_line(sink, "model_bytes", model->blob_bytes);
    hex_line(sink, "model_crc32", model_header(model)->crc32);
    number_line(sink, "height", model->height);
    number_line(sink, "width", model->width);
    number_line(sink, "channels", model->channels);
    number_line(sink, "standardise", (model_header(model)->flags & SQZ_FLAG_STANDARDISE) != 0);
    line(sink, "output", model->probabilities ? "probabilities" : "logits");
    number_line(sink, "arena", model->arena_bytes);
}

/* The record of sqz_format.h in words: `class_score=1:-20`, `unknown=margin<12`. */
static void print_decision(const sqz_decision *decision, text_sink *sink) {
    if (decision->class_index != SQZ_NO_CLASS) {
        print(sink, "class_score=");
        print_unsigned(sink, decision->class_index);
        print(sink, ":");
        print_signed(sink, decision->class_score);
        print(sink, "\n");
    }
    if (decision->statistic != SQZ_STATISTIC_NONE) {
        print(sink, decision->statistic == SQZ_STATISTIC_SCORE ? "unknown=score<" : "unknown=margin<");
        print_signed(sink, decision->threshold);
        print(sink, "\n");
    }
}

static void print_classes(const sqz_model *model, text_sink *sink) {
    number_line(sink, "classes", model->classes);
    for (uint16_t i = 0; i < model->classes; i++) {
        line(sink, "class", sqz_class_name(model, i));
    }
}

void report(const application *app, text_sink *sink) {
    const board_report *board = app->board;
    number_line(sink, "protocol", LINK_VERSION);
    line(sink, "name", "squeezenet-esp32");
    line(sink, "version", board_firmware_version());
    line(sink, "engine", sqz_engine());
    line(sink, "board", board->name);
    if (board->chip != NULL) {
        print_chip(board->chip, sink);
    }
    line(sink, "reset", board->reset_cause);
    number_line(sink, "crystal_mhz", board->crystal_mhz);
    number_line(sink, "cycles_per_us", board->cycles_per_microsecond);
    print_cores(board, sink);
    line(sink, "boot", board->failed_step == NULL ? "ok" : board->failed_step);
    number_line(sink, "stack", app->stack_used);
    number_line(sink, "stack_size", board_stack_size());
    if (board->cores == 2) {
        number_line(sink, "stack_core1", board_second_stack_used());
    }
    print_crash(board, sink);
    line(sink, "mode", app->safe ? "safe" : "serve");
    number_line(sink, "memory", app->memory_bytes);
    line(sink, "memory_kind", board->memory);
    number_line(sink, "chunk", LINK_CHUNK);
    number_line(sink, "baud", app->baud);
    line(sink, "display", board->display == NULL ? "none" : board->display);
    print_output(sink);
    if (board->flash != NULL) {
        print_flash(board->flash, sink);
    }
    if (app->safe) { /* nothing was looked at */
        return;
    }
    print_camera(board, sink);
    if (board->camera_expected) {
        print_camera_settings(&app->camera, sink);
    }
    if (app->bad_word == NULL) {
        line(sink, "ram", "ok");
    } else {
        hex_line(sink, "ram", (uint32_t)(uintptr_t)app->bad_word);
    }
    line(sink, "flash_model", app->flash_model_ok ? "ok" : "corrupt");
    line(sink, "flash_golden", app->flash_golden_ok ? "ok" : "corrupt");
    if (app->status == SQZ_OK) {
        line(sink, "model", "ok");
    } else {
        print(sink, "model=refused: ");
        print(sink, sqz_status_text(app->status));
        print(sink, "\n");
    }
    print(sink, "golden=");
    print_golden(&app->golden, sink);
    print(sink, "\n");
    if (usable(app)) {
        print_model(app, sink);
        if (app->model.decision != NULL) {
            print_decision(app->model.decision, sink);
        }
        print_classes(&app->model, sink);
    }
}
