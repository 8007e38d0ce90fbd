/* What the chip does while nobody speaks: button, display, picture after picture. */
#include <stddef.h>

#include "application.h"
#include "model_header.h"
#include "screen.h"

/* Polls are 5 ms apart. The host, told of a damaged frame, asks again after 0.25 s: that has to get through. */
enum { STEADY_POLLS = 2, QUIET_MS = 200, REPEAT_QUIET_MS = 400, RETRY_POLLS = 200 };

static screen_score score_of(const application *app) {
    const int32_t score = app->last.score;
    const bool probability = app->model.probabilities;
    return (screen_score){probability, probability ? (score + 128) * 1000 / 256 : score};
}

/* The name in ASCII where the file has some: one NUL, then as many names, right in front of the class names. Whatever
   stands there, a NUL of the class names ends it at the latest. */
static const char *display_name(const sqz_model *model, uint16_t index) {
    const sqz_header *header = model_header(model);
    const char *blob = (const char *)model->blob;
    const char *at = blob + ((header->flags & SQZ_FLAG_DISPLAY_NAMES) != 0 ? header->names : 0);
    uint32_t names_between = (uint32_t)header->classes - index;
    while (at > blob) {
        if (*--at == '\0' && names_between-- == 0) {
            return at + 1;
        }
    }
    return answer_name(model, index);
}

static void draw(application *app) {
    const classification *result = &app->last;
    const drawing wanted = app->undrawn;
    app->undrawn = DRAWN;
    if (wanted == DRAW_NO_PICTURE) {
        screen_message("no picture", app->no_picture);
        return;
    }
    const char *name = display_name(&app->model, result->answer);
    const screen_score score = score_of(app);
    if (result->photographed) {
        screen_photograph(name, score, result->capture_us, result->prepare_us, result->microseconds);
    } else {
        screen_result(name, score, result->microseconds);
    }
}

static void print_result(const application *app) {
    if (app->last.answer == SQZ_UNKNOWN) {
        print_field(&board_console, "class", "unknown");
    } else {
        print_number(&board_console, "class", app->last.answer);
        print_field(&board_console, "name", sqz_class_name(&app->model, app->last.answer));
    }
    if (app->model.decision != NULL) { /* the highest score's class may be another */
        print_field(&board_console, "scores", "");
        print_scores(&board_console, app->last.scores, app->model.classes);
    }
    if (app->last.photographed) {
        print_number(&board_console, "capture_us", app->last.capture_us);
        print_number(&board_console, "prepare_us", app->last.prepare_us);
    }
    print_number(&board_console, "us", app->last.microseconds);
    print(&board_console, "\n");
}

static void classify_stored(application *app) {
    const uint8_t *picture = golden_picture(app, &app->next_stored);
    if (picture == NULL) {
        screen_message("no stored", "picture");
        print(&board_console, "button: no stored picture that this model takes\n");
        return;
    }
    receive_picture(app, picture);
    const sqz_status status = classify(app, &app->last);
    if (status != SQZ_OK) {
        screen_message("failed", sqz_status_text(status));
        return;
    }
    output_decided(app);
    app->undrawn = DRAW_RESULT;
    draw(app);
    print(&board_console, "button");
    print_number(&board_console, "picture", app->next_stored++);
    print_result(app);
}

/* `who` wanted it. */
static void classify_camera(application *app, const char *who) {
    sqz_status detail;
    const link_reason reason = take_picture(app, &detail);
    print(&board_console, who);
    if (reason == LINK_OK) {
        app->undrawn = DRAW_RESULT;
        draw(app);
        print(&board_console, " camera");
        print_result(app);
        return;
    }
    const bool no_picture = reason == LINK_NO_CAMERA;
    const char *why = no_picture ? app->no_picture : sqz_status_text(detail);
    print(&board_console, no_picture ? ": no picture: " : ": failed: ");
    print(&board_console, why);
    print(&board_console, "\n");
    screen_message(no_picture ? "no picture" : "failed", why);
    app->undrawn = DRAWN;
    app->pause_polls = RETRY_POLLS;
}

static void end_continuous(application *app) {
    app->continuous = false;
    print(&board_console, "button: no more pictures\n");
}

/* A press counts once, when it has been steady for as long as a button bounces. While picture after picture is taken,
   polls are as far apart as pictures: there the first one counts. */
static bool pressed(application *app) {
    const bool held = board_button();
    const uint32_t before = app->held_polls, steady = app->continuous ? 1 : STEADY_POLLS;
    app->held_polls = held ? before + (before <= STEADY_POLLS) : 0;
    if (app->held_polls != steady) {
        return false;
    }
    app->held_polls = STEADY_POLLS;
    return true;
}

void demo_idle(application *app, uint32_t silent_ms) {
    /* While it draws, 25 ms, the port holds just 128 bytes. */
    if (app->undrawn != DRAWN && silent_ms >= QUIET_MS) {
        draw(app);
    }
    const bool press = pressed(app) && !host_takes_press(app);
    app->pause_polls -= app->pause_polls > 0;
    if (!usable(app) || app->safe) {
        return;
    }
    if (press && app->continuous) {
        end_continuous(app);
    } else if (press && app->board->camera_expected) {
        classify_camera(app, "button");
    } else if (press) {
        classify_stored(app);
    } else if (app->continuous && app->pause_polls == 0 && silent_ms >= REPEAT_QUIET_MS) {
        classify_camera(app, "repeat");
    }
}
