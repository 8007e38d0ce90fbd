#include <stddef.h>

#include "application.h"
#include "screen.h"

enum { STEADY_POLLS = 2, QUIET_MS = 200 };

static void draw(const application *app, const classification *result) {
    const uint32_t per_mille = (uint32_t)(result->score + 128) * 1000u / 256u;
    screen_result(sqz_class_name(&app->model, result->best), per_mille, result->microseconds);
}

/* While the screen is drawn, 25 ms, the port holds no more than 128 bytes: wait until nobody speaks. */
static void draw_last_result(application *app, uint32_t silent_ms) {
    if (app->undrawn && silent_ms >= QUIET_MS) {
        app->undrawn = false;
        draw(app, &app->last);
    }
}

static void classify_stored(application *app) {
    const uint8_t *picture = golden_picture(app, &app->next_stored);
    if (picture == NULL) {
        screen_message("no stored", "picture");
        print(&console, "button: no stored picture that this model takes\n");
        return;
    }
    receive_picture(app, picture);
    const sqz_status status = classify(app, &app->last);
    if (status != SQZ_OK) {
        screen_message("failed", sqz_status_text(status));
        return;
    }
    app->undrawn = false;
    draw(app, &app->last);
    print(&console, "button");
    print_number(&console, "picture", app->next_stored++);
    print_number(&console, "class", app->last.best);
    print_field(&console, "name", sqz_class_name(&app->model, app->last.best));
    print_number(&console, "us", app->last.microseconds);
    print(&console, "\n");
}

/* A press counts once, when it has been steady for as long as a button bounces. */
static bool pressed(application *app) {
    app->held_polls = board_button() ? app->held_polls + (app->held_polls <= STEADY_POLLS) : 0;
    return app->held_polls == STEADY_POLLS;
}

void demo_idle(application *app, uint32_t silent_ms) {
    draw_last_result(app, silent_ms);
    if (pressed(app) && usable(app) && !app->safe) {
        classify_stored(app);
    }
}
