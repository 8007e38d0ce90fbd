/* The self-test: pictures with known scores, classified and compared bit for bit. */
#include <string.h>

#include "application.h"
#include "model_header.h"

/* golden.bin: this header, then `count` times a picture and its scores, without padding. */
typedef struct {
    char magic[4]; /* "SQGV" */
    uint32_t count, picture_bytes, classes;
} golden_header;

/* The header when the file is whole and holds at least one picture, else `count` 0. */
static golden_header read_header(board_file file) {
    golden_header header = {.count = 0};
    if (file.bytes < sizeof header) {
        return header;
    }
    memcpy(&header, file.start, sizeof header);
    const uint32_t room = file.bytes - (uint32_t)sizeof header;
    const bool whole = memcmp(header.magic, "SQGV", 4) == 0 && header.picture_bytes <= room &&
                       header.classes <= room && header.picture_bytes + header.classes > 0 &&
                       header.count <= room / (header.picture_bytes + header.classes);
    header.count = whole ? header.count : 0;
    return header;
}

static const uint8_t *entry(const golden_header *header, uint32_t index) {
    return board_golden().start + sizeof *header + index * (header->picture_bytes + header->classes);
}

const uint8_t *golden_picture(const application *app, uint32_t *index) {
    const golden_header header = read_header(board_golden());
    if (!app->flash_golden_ok || header.count == 0 || header.picture_bytes != app->model.picture_bytes) {
        return NULL;
    }
    *index %= header.count;
    return entry(&header, *index);
}

static golden_result fail(const char *why, uint32_t pictures) {
    return (golden_result){.tested = true, .passed = false, .pictures = (uint16_t)pictures, .why = why};
}

static void show(const application *app, uint32_t picture, const uint8_t *expected, const uint8_t *scores) {
    print(&board_console, "golden");
    print_number(&board_console, "picture", picture);
    print_field(&board_console, "expected", "");
    print_scores(&board_console, (const int8_t *)expected, app->model.classes);
    print_field(&board_console, "got", "");
    print_scores(&board_console, (const int8_t *)scores, app->model.classes);
    print(&board_console, "\n");
}

static bool same_model(const sqz_model *one, const sqz_model *other) {
    return other->blob != NULL && model_header(one)->crc32 == model_header(other)->crc32;
}

static golden_result check(const application *app) {
    const golden_header header = read_header(board_golden());
    const sqz_model *model = &app->model;
    if (!usable(app)) {
        return fail("no model", 0);
    }
    if (app->from_ram && !same_model(model, &app->image_model)) {
        return fail("the golden pictures are the image's model's, not this one's", 0);
    }
    if (header.count == 0) {
        return fail("no golden pictures", 0);
    }
    if (header.picture_bytes != model->picture_bytes || header.classes != model->classes) {
        return fail("golden pictures of another model", 0);
    }
    for (uint32_t i = 0; i < header.count; i++) {
        const uint8_t *picture = entry(&header, i);
        classification result;
        receive_picture(app, picture);
        const sqz_status status = classify(app, &result);
        if (status != SQZ_OK) {
            return fail(sqz_status_text(status), i);
        }
        const uint8_t *expected = picture + model->picture_bytes;
        if (memcmp(result.scores, expected, model->classes) != 0) {
            show(app, i, expected, (const uint8_t *)result.scores);
            return fail("other scores", i);
        }
    }
    return (golden_result){.tested = true, .passed = true, .pictures = (uint16_t)header.count};
}

void check_golden(application *app) {
    app->golden = check(app);
}

void print_golden(const golden_result *result, text_sink *sink) {
    if (!result->tested) {
        print(sink, "untested");
        return;
    }
    print(sink, result->passed ? "pass " : "fail after ");
    print_unsigned(sink, result->pictures);
    if (!result->passed) {
        print(sink, ": ");
        print(sink, result->why);
    }
}
