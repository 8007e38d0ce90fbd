/* Which pins of the chip lead where: boards/pins/NAME.json, checked and written as C by platform/builder/pins.py. The
   camera's have the names that esp32-camera gives them. A pin that a board does not have is NO_PIN. */
#ifndef PINS_H
#define PINS_H

enum { NO_PIN = -1 };

typedef struct {
    int pwdn, reset, xclk, sccb_sda, sccb_scl;
    int d7, d6, d5, d4, d3, d2, d1, d0; /* Y9 to Y2 in drawings */
    int vsync, href, pclk;
} camera_pins;

typedef struct {
    const char *board; /* "ai-thinker", ... */
    camera_pins camera;
    int display_sda, display_scl;
    int button; /* ties the pin to ground */
    int light;  /* shines while the pin is high */
} board_pins;

extern const board_pins pins;

#endif
