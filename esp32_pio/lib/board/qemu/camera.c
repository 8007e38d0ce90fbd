/* The emulated board's camera: it sees the frames of a file, which the host has made, one by one, and begins anew. */
#include "camera.h"

#include <stddef.h>

#include "board.h"
#include "simulator.h"

/* squeezenet_lib/device/emulated_board.py writes it: before each frame's rows, numbers of 32 bits. */
static const char FRAMES[] = "camera.frames";
typedef struct {
    uint32_t width, height, format, bytes;
} frame_head;

static int32_t file = -1;
static const char *error = "this board has none";
static frame_view view;

bool camera_start(void) {
    file = simulator_open_file(FRAMES);
    return file >= 0;
}

/* False when there is not all of it. */
static bool read_frame(void) {
    frame_head head;
    if (simulator_read_file(file, (uint8_t *)&head, sizeof head) != sizeof head || head.bytes == 0 ||
        head.bytes > CAMERA_MEMORY_BYTES) {
        return false;
    }
    uint8_t *pixels = (uint8_t *)(uintptr_t)CAMERA_MEMORY;
    view = (frame_view){.pixels = pixels,
        .bytes = head.bytes,
        .width = head.width,
        .height = head.height,
        .stride = head.height != 0 ? head.bytes / head.height : 0,
        .format = (frame_format)head.format};
    return simulator_read_file(file, pixels, head.bytes) == head.bytes;
}

const frame_view *board_camera_take(void) {
    if (file < 0) {
        return NULL;
    }
    if (!read_frame()) {
        simulator_rewind(file);
        if (!read_frame()) {
            error = "its file holds no frame";
            return NULL;
        }
    }
    return &view;
}

void board_camera_release(void) {}

const char *board_camera_error(void) {
    return error;
}

void board_camera_set(const board_camera_settings *settings) {
    (void)settings;
}

void board_light(bool on) {
    (void)on;
}
