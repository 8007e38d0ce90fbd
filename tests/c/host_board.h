/* The firmware on this machine: board.h with a stream of bytes for a line, so that src/ runs under sanitizers. */
#ifndef HOST_BOARD_H
#define HOST_BOARD_H

#include <stdint.h>

#include "board.h"

/* The camera, whose state the test sets and reads. */
typedef struct {
    const frame_view *frame;        /* what it sees; NULL: it fails */
    const char *error;              /* why */
    uint32_t left;                  /* so many pictures until it fails */
    bool held;                      /* a frame is not released yet */
    bool light;                     /* is on */
    board_camera_settings settings; /* set last */
    uint32_t taken, lit;            /* pictures; of them with the light on */
} host_camera;

/* The flash: it reads right with one of its settings, as the test says. */
typedef struct {
    uint32_t right;    /* number of that setting; 0: as the board starts */
    uint32_t settings; /* how many there are beside the first */
    uint32_t now;
    uint32_t reads; /* how often the model was looked at */
} host_flash;

/* The pin that acts. */
typedef struct {
    board_output wanted; /* class_name NULL: there is none */
    bool acts;
    uint32_t changes;
} host_output;

/* The second core: a thread, see host_second_core.c. */
typedef struct {
    bool there, starts; /* burnt into the chip; and it joins when it is started */
    bool silent_before; /* an earlier run has noted that it did not answer */
    int32_t
        looks_left; /* so often it looks at the clock, as it does in each wait, then it is dead; below 0: it lives */
    board_crash record; /* of this run, for the next */
} host_second_core;

/* The desk around the board. */
typedef struct {
    host_camera camera;
    host_flash flash;
    host_output output;
    host_second_core second;
    bool button;
    bool wants_light, wants_continuous; /* how the image was built */
    bool has_camera;                    /* it answered at boot */
    uint8_t display[BOARD_DISPLAY_PAGES][BOARD_DISPLAY_WIDTH];
} host_desk;

extern host_desk desk;

/* Before the application starts. The files stay the caller's; `memory_bytes` of RAM are free. */
void host_board_start(board_file model, board_file golden, uint32_t memory_bytes);

/* Let the application read `count` bytes and be left waiting for `silent_ms`. `received` gets what it wrote; returns
   how many bytes that was. */
uint32_t host_board_exchange(
    const uint8_t *bytes, uint32_t count, uint32_t silent_ms, uint8_t *received, uint32_t room);

#endif
