/* The emulated board's camera. */
#ifndef CAMERA_H
#define CAMERA_H

#include <stdbool.h>

/* Whether the host has given it something to see. */
bool camera_start(void);

#endif
