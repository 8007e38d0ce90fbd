/* The display's driver: the SSD1306 set up, and pictures sent into its memory. */
#include "ssd1306.h"

enum { ADDRESS = 0x3C, PICTURE_BYTES = 1024, CHUNK = 16, MOST_FAILURES = 3 };
enum { COMMANDS = 0x00, PIXELS = 0x40 }; /* the first byte of a transfer: what the others are */

/* SSD1306 data sheet, command table and the application note's start of a 128 x 64 panel with its charge pump. */
static const uint8_t SET_UP[] = {
    COMMANDS,
    0xAE, /* display off */
    0xD5,
    0x80, /* clock: the usual frequency, undivided */
    0xA8,
    0x3F, /* 64 rows */
    0xD3,
    0x00, /* not moved up or down */
    0x40, /* memory starts at the top */
    0x8D,
    0x14, /* charge pump on */
    0x20,
    0x00, /* bytes go along a page, then to the next */
    0xA1, /* columns left to right */
    0xC8, /* rows top to bottom: the connector is above */
    0xDA,
    0x12, /* rows are wired in two halves */
    0x81,
    0xCF, /* contrast */
    0xD9,
    0xF1, /* pre-charge for a charge pump */
    0xDB,
    0x40, /* level of unselected rows */
    0xA4, /* show what is in memory */
    0xA6, /* not inverted */
};
static const uint8_t FROM_THE_START[] = {COMMANDS, 0x21, 0, 127, 0x22, 0, 7}; /* all columns, all pages */
static const uint8_t ON[] = {COMMANDS, 0xAF};

static uint32_t failures; /* in a row */
static uint32_t clock_hz;

i2c_result ssd1306_init(uint32_t peripheral_hz) {
    failures = 0;
    clock_hz = peripheral_hz;
    return i2c_init(peripheral_hz) ? i2c_write(ADDRESS, SET_UP, sizeof SET_UP) : I2C_STUCK;
}

static bool send_picture(const uint8_t *pixels) {
    i2c_result result = i2c_write(ADDRESS, FROM_THE_START, sizeof FROM_THE_START);
    for (uint32_t sent = 0; sent < PICTURE_BYTES && result == I2C_DONE; sent += CHUNK) {
        uint8_t bytes[1 + CHUNK] = {PIXELS};
        for (uint32_t i = 0; i < CHUNK; i++) {
            bytes[1 + i] = pixels[sent + i];
        }
        result = i2c_write(ADDRESS, bytes, sizeof bytes);
    }
    return result == I2C_DONE && i2c_write(ADDRESS, ON, sizeof ON) == I2C_DONE;
}

bool ssd1306_show(const uint8_t *pixels) {
    if (failures == MOST_FAILURES) {
        return false;
    }
    if (send_picture(pixels)) {
        failures = 0;
    } else {
        failures++;
        i2c_init(clock_hz);
    }
    return failures < MOST_FAILURES;
}
