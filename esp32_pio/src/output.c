/* The pin that acts: on while the model decides for the class that the image names, and for a while after. */
#include <stddef.h>
#include <string.h>

#include "application.h"

static void act(application *app, bool on) {
    app->acting = on;
    board_act(on);
}

void output_decided(application *app) {
    const board_output *output = board_default_output();
    if (output == NULL) {
        return;
    }
    if (strcmp(answer_name(&app->model, app->last.answer), output->class_name) == 0) {
        app->acting_since = elapsed_us(app);
        act(app, true);
    } else if (output->hold_ms == 0) {
        act(app, false);
    }
}

void output_poll(application *app) {
    const board_output *output = board_default_output();
    if (app->acting && output->hold_ms > 0 &&
        elapsed_us(app) - app->acting_since >= output->hold_ms * 1000u) {
        act(app, false);
    }
}
