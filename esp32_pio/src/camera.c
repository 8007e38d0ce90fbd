/* From the camera to scores: a picture taken, made a network input, classified. */
#include <string.h>

#include "application.h"
#include "model_header.h"

static frame_status prepare(application *app, const frame_view *frame) {
    const sqz_model *model = &app->model;
    const frame_input input = {.height = model->height,
        .width = model->width,
        .channels = model->channels,
        .standardise = (model_header(model)->flags & SQZ_FLAG_STANDARDISE) != 0};
    const size_t need = frame_scratch_bytes(frame, &input);
    uint8_t *scratch = spare_memory(app, (uint32_t)need);
    if (need > 0 && scratch == NULL) {
        return FRAME_ERR_SCRATCH;
    }
    app->generation++; /* the spare memory is overwritten */
    return frame_to_input(
        frame, &input, app->memory + model->picture_offset, model->picture_bytes, scratch, need);
}

const frame_view *capture(application *app, uint32_t *microseconds) {
    if (app->held.number != 0) {
        app->held.number = 0;
        board_camera_release();
    }
    const uint32_t start = elapsed_us(app);
    const bool light = board_default_light();
    if (light) {
        board_light(true);
    }
    const frame_view *frame = board_camera_take();
    if (light) {
        board_light(false);
    }
    *microseconds = elapsed_us(app) - start;
    if (frame == NULL) {
        return NULL;
    }
    app->seen = *frame;
    app->seen.orientation = app->camera.orientation;
    return &app->seen;
}

/* The network input is in the arena when this is LINK_OK. */
static link_reason photograph(application *app, uint32_t *capture_us, uint32_t *prepare_us) {
    const frame_view *frame = capture(app, capture_us);
    if (frame == NULL) {
        app->no_picture = board_camera_error();
        return LINK_NO_CAMERA;
    }
    const uint32_t start = elapsed_us(app);
    const frame_status status = prepare(app, frame);
    board_camera_release();
    *prepare_us = elapsed_us(app) - start;
    if (status != FRAME_OK) {
        app->no_picture = frame_status_text(status);
        return LINK_NO_CAMERA;
    }
    return LINK_OK;
}

link_reason take_picture(application *app, sqz_status *detail) {
    uint32_t capture_us = 0, prepare_us = 0;
    *detail = SQZ_OK;
    const link_reason reason = photograph(app, &capture_us, &prepare_us);
    if (reason != LINK_OK) {
        return reason;
    }
    *detail = classify(app, &app->last);
    app->last.photographed = true;
    app->last.capture_us = capture_us;
    app->last.prepare_us = prepare_us;
    if (*detail != SQZ_OK) {
        return LINK_FAILED;
    }
    output_decided(app);
    return LINK_OK;
}
