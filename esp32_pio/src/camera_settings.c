/* What the camera does, told and set over the line until the next reset: LINK_CAMERA. */
#include "application.h"

enum { SETTINGS_BYTES = 5 };

static bool possible(const board_camera_settings *settings) {
    return settings->orientation < FRAME_ORIENTATIONS && settings->warm_up_frames <= CAMERA_WARM_UP_MOST &&
           (settings->exposure == CAMERA_AUTO || settings->exposure <= CAMERA_EXPOSURE_MOST) &&
           settings->white_balance < CAMERA_WHITE_BALANCES;
}

void print_camera_settings(const board_camera_settings *settings, text_sink *sink) {
    static const char *const WHITE_BALANCES[CAMERA_WHITE_BALANCES] = {
        "auto", "sunny", "cloudy", "office", "home"};
    /* Both sides changed are half a turn. */
    const uint32_t sides = settings->orientation & (FRAME_MIRROR | FRAME_FLIP);
    const uint32_t degrees = ((settings->orientation & FRAME_TURN) != 0 ? 90u : 0u) +
                             (sides == (FRAME_MIRROR | FRAME_FLIP) ? 180u : 0u);
    print(sink, "camera_settings=flip=");
    print(sink, sides == FRAME_FLIP ? "yes" : "no");
    print_field(sink, "mirror", sides == FRAME_MIRROR ? "yes" : "no");
    print_number(sink, "rotate", degrees);
    print_number(sink, "warmup_frames", settings->warm_up_frames);
    if (settings->exposure == CAMERA_AUTO) {
        print_field(sink, "exposure", "auto");
    } else {
        print_number(sink, "exposure", settings->exposure);
    }
    print_field(sink, "white_balance", WHITE_BALANCES[settings->white_balance]);
    print(sink, "\n");
}

void answer_camera(application *app, const link_header *request, const uint8_t *payload) {
    if (request->length != 0) {
        const board_camera_settings wanted = {payload[0], payload[1], link_u16(payload + 2), payload[4]};
        if (!possible(&wanted)) {
            answer_error(request->sequence, LINK_VALUE, SQZ_OK);
            return;
        }
        app->camera = wanted;
        board_camera_set(&wanted);
    }
    uint8_t told[SETTINGS_BYTES] = {app->camera.orientation, app->camera.warm_up_frames};
    link_put_u16(told + 2, app->camera.exposure);
    told[4] = app->camera.white_balance;
    link_sender *sender = answer_start(request, sizeof told);
    link_send(sender, told, sizeof told);
    link_send_end(sender);
}
