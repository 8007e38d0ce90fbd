/* The chip as the application sees it. Four implementations: esp32/ drives the classic by its registers, espressif/ an
   ESP32-C3 or ESP32-S3, with esp32c3/ or esp32s3/; qemu/ has their memory maps in an emulator, with semihosting in the
   place of the serial port, espidf/ is a board with a camera, on ESP-IDF. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

/* How an earlier run ended; see panic.c. */
typedef struct {
    uint32_t vector, cause, pc, address;
    uint32_t core; /* whose run it was; 1: the second one's, where the cores have the numbers of the chip */
} board_crash;

/* What the chip tells about itself. */
typedef struct {
    const char *name;              /* as esptool names it: "ESP32-D0WD-V3", ... */
    uint32_t revision;             /* 100 x major + minor: 301 is v3.1 */
    uint32_t rated_mhz;            /* the fastest that the maker warrants */
    const char *second_core_reset; /* as board_report's reset_cause, of core 1 */
    const char *brownout;          /* "on": a weak supply resets the chip and is named; or why not */
    const char *protection;        /* "none", or which eFuses guard the flash */
} board_chip;

/* The flash, and how it is read. */
typedef struct {
    const char *pins;        /* "default", "in-package", "custom": of the eFuses' choice; "octal: ..." */
    const char *rom_routing; /* "direct", or through the GPIO "matrix": as the ROM left it */
    const char *routing;     /* the same, as it is now */
    const char *supply;      /* "3.3V", "1.8V, raised to 1.9V", "external" */
    uint32_t id;             /* JEDEC: manufacturer << 16 | type << 8 | capacity; 0: none answers */
    uint32_t bytes;          /* that the id states; 0: it does not tell */
    uint32_t image_bytes;    /* for which the image was built */
    uint32_t mhz, dummy;     /* its clock; cycles to wait, more than the read mode asks for */
    bool standard;           /* these are what ESP-IDF would have set */
} board_flash;

typedef struct {
    const char *name;         /* "esp32", "qemu", or the camera board's: "ai-thinker", ... */
    const char *failed_step;  /* the first boot step that failed; NULL when none did */
    const char *reset_cause;  /* "power-on", "software", "brownout", ... */
    const char *display;      /* "ssd1306", or NULL when none answers */
    const char *camera;       /* "ov2640", ...; NULL when there is none, or none that answers */
    bool camera_expected;     /* the board is made with one, whether it answers or not */
    const char *memory;       /* what board_memory() gave: "internal" or "psram" */
    const board_chip *chip;   /* NULL in an emulator that has no chip's registers */
    const board_flash *flash; /* likewise */
    board_crash crash;
    bool crashed;                    /* the run before this one ended in a panic, and `crash` says where */
    uint32_t crystal_mhz;            /* as measured by the ROM; 0 when there is none */
    uint32_t cycles_per_microsecond; /* of board_cycles() */
    uint32_t cores;       /* that work: 2 once board_start_second_core() has got the second one to */
    const char *one_core; /* why it is 1; NULL: it is not */
} board_report;

typedef struct {
    const uint8_t *start; /* 16-byte aligned */
    uint32_t bytes;
    uint32_t crc32; /* of the file that went into the image, computed by the build */
} board_file;

/* Clock, serial port, flash mapping, display. Prints `boot step=NAME` before each step, so that the last line seen
   tells where a chip stopped. No watchdog minds how long an inference takes. */
const board_report *board_init(void);

/* What has come over the line, at least one byte and at most `bytes`; 0 when it stays silent for `timeout_ms` (at most
   10,000). */
uint32_t board_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms);
void board_write(const uint8_t *bytes, uint32_t count);
/* The line's speed, bits in a second, changed after what was written has gone out. */
bool board_can_baud(uint32_t baud);
void board_set_baud(uint32_t baud);

/* Settings of the image, as it was built. */
uint32_t board_default_baud(void);
bool board_default_light(void);      /* the light shines while a picture is taken */
bool board_default_continuous(void); /* picture after picture from the start */

/* A pin that acts when the model decides for a class, as the image was built: a relay, a lamp, an ejector. */
typedef struct {
    const char *class_name; /* or "unknown" */
    uint32_t pin;           /* GPIO */
    bool active_high;       /* its level while it acts */
    uint32_t hold_ms;       /* for how long it acts; 0: until the next decision for something else */
} board_output;
const board_output *board_default_output(void); /* NULL: none */
/* The pin acts, or no more; it does not from board_init() on. Does nothing where there is none. */
void board_act(bool on);

/* A free-running counter; at 240 MHz it wraps after 17.9 s. */
uint32_t board_cycles(void);

/* 128 x 64 pixels as the SSD1306 stores them: 8 pages of 128 columns, the lowest bit is the upper pixel. */
enum { BOARD_DISPLAY_WIDTH = 128, BOARD_DISPLAY_PAGES = 8 };
void board_display(const uint8_t pixels[BOARD_DISPLAY_PAGES][BOARD_DISPLAY_WIDTH]);

/* Whether the button is held down just now; it bounces. */
bool board_button(void);

/* What a camera does. orientation: of its frames, see frame.h: the caller of board_camera_take() heeds it. exposure: in
   lines of the sensor's, CAMERA_AUTO: by itself. white_balance: 0 by itself, 1 sunny, 2 cloudy, 3 office, 4 home. */
enum {
    CAMERA_AUTO = 0xFFFF,
    CAMERA_EXPOSURE_MOST = 1200,
    CAMERA_WHITE_BALANCES = 5,
    CAMERA_WARM_UP_MOST = 50
};
typedef struct {
    uint8_t orientation;
    uint8_t
        warm_up_frames; /* that are dropped before the first picture, and after a change of the settings */
    uint16_t exposure;
    uint8_t white_balance;
} board_camera_settings;
board_camera_settings board_default_camera(void); /* as the image was built; they hold at first */
void board_camera_set(
    const board_camera_settings *settings); /* a sensor that lacks one of them goes on as it is */

/* Take a picture. NULL: there is no camera or it failed, and board_camera_error() says why in a few words. The frame's
   pixels stay until board_camera_release(); at most one is held. */
const frame_view *board_camera_take(void);
void board_camera_release(void);
const char *board_camera_error(void); /* of the last board_camera_take(), or of the boot */

/* The white LED beside the camera; does nothing where there is none. */
void board_light(bool on);

/* Flash does not read back as the build wrote it: read it from now on in another way, board_flash says how. False when
   there is none left; then it is as at first. */
bool board_flash_retry(void);

board_file board_model(void);  /* models/model.sqz, in flash */
board_file board_golden(void); /* pictures with known scores for the self-test, in flash */

/* All RAM that code, data and stack leave free, 16-byte aligned; at least as much as the image's model needs and, where
   there is a camera, 8 KB more, in which its frames are prepared. */
uint8_t *board_memory(uint32_t *bytes);
const char *board_firmware_version(void);

/* The deepest that the stack has been, and all of it; bytes. */
uint32_t board_stack_used(void);
uint32_t board_stack_size(void);

/* --- The second core. What board_report says of it changes with these. --- */
/* Let it start, where there is one, and wait until it is there. Before anything lies in board_memory(): its ROM leaves
   traces there. */
void board_start_second_core(void);
/* While board_report.cores is 2: the second core runs work(context) beside what the caller does until it calls
   board_share_end(), which returns once that is done. False: the second core does not answer. */
void board_share(void (*work)(void *context), void *context);
bool board_share_end(void);
/* Both call it, core 0, the first, and core 1, and it returns once both have: what either wrote before, both see after.
   False: the other one does not come within three seconds; from then on all of these fail. */
bool board_meet(uint32_t core);
/* It does not answer: stop it, and do without, until the power goes. */
void board_lose_second_core(void);
uint32_t board_second_stack_used(void); /* the deepest that its stack has been, bytes */

/* Start again, and let the next run know why in its board_report. */
_Noreturn void board_restart_after(const board_crash *crash);
const char *board_crash_name(const board_crash *crash); /* "IllegalInstruction", ... */

/* Stop for good. On an emulator this ends it, with a failure code. */
_Noreturn void board_halt(void);

#endif
