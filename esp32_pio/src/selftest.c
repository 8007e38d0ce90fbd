#include <string.h>

#include "application.h"
#include "print.h"

/* golden.bin: this header, then `count` times a picture and its scores, without padding. */
typedef struct {
    char magic[4]; /* "SQGV" */
    uint32_t count, picture_bytes, classes;
} golden_header;

static void fail(const char *why) {
    print("selftest fail");
    print_field("reason", why);
    print("\n");
}

void run_selftest(const application *app) {
    const sqz_model *model = &app->model;
    const board_file file = board_golden();
    golden_header header;
    if (file.bytes < sizeof header) {
        fail("truncated");
        return;
    }
    memcpy(&header, file.start, sizeof header);
    if (memcmp(header.magic, "SQGV", 4) != 0 || header.picture_bytes != model->picture_bytes ||
        header.classes != model->classes) {
        fail("golden pictures of another model");
        return;
    }
    const uint32_t step = header.picture_bytes + header.classes;
    if (header.count > file.bytes / step || sizeof header + header.count * step > file.bytes) {
        fail("truncated");
        return;
    }
    const uint8_t *next = file.start + sizeof header;
    for (uint32_t i = 0; i < header.count; i++, next += step) {
        memcpy(app->arena + model->picture_offset, next, model->picture_bytes);
        const sqz_status status = sqz_run(model, app->arena, app->arena_bytes);
        if (status != SQZ_OK) {
            fail(sqz_status_text(status));
            return;
        }
        const uint8_t *scores = app->arena + model->scores_offset;
        const uint8_t *expected = next + model->picture_bytes;
        if (memcmp(scores, expected, model->classes) != 0) {
            print("selftest fail reason=scores");
            print_number("picture", i);
            print_field("expected", "");
            print_scores((const int8_t *)expected, model->classes);
            print_field("got", "");
            print_scores((const int8_t *)scores, model->classes);
            print("\n");
            return;
        }
    }
    print("selftest pass");
    print_number("pictures", header.count);
    print("\n");
}
