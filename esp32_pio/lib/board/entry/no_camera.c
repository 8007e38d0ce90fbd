/* The camera of a board that has none. */
#include "board.h"

#include <stddef.h>

const frame_view *board_camera_take(void) {
    return NULL;
}

void board_camera_release(void) {}

const char *board_camera_error(void) {
    return "this board has none";
}

void board_camera_set(const board_camera_settings *settings) {
    (void)settings;
}

void board_light(bool on) {
    (void)on;
}
