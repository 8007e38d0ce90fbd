/* A display of 128 x 64 pixels with an SSD1306 controller at I2C address 0x3C. */
#ifndef SSD1306_H
#define SSD1306_H

#include <stdbool.h>
#include <stdint.h>

#include "i2c.h"

/* I2C_REFUSED: there is no display. It stays dark until the first picture is there. */
i2c_result ssd1306_init(uint32_t peripheral_hz);
/* 8 pages of 128 bytes, about 26 ms. False, and nothing is sent, once three pictures in a row did not get through. */
bool ssd1306_show(const uint8_t *pixels);

#endif
