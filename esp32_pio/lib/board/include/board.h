/* The chip as the application sees it. Two implementations: esp32/ drives a classic ESP32 by its registers, qemu/ is
   the same memory map in an emulator, with semihosting in the place of the serial port. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

typedef struct {
    const char *name;                /* "esp32" or "qemu" */
    const char *failed_step;         /* the first boot step that timed out; NULL when none did */
    uint32_t crystal_mhz;            /* as measured by the ROM; 0 when there is none */
    uint32_t cycles_per_microsecond; /* of board_cycles() */
} board_report;

typedef struct {
    const uint8_t *start; /* 16-byte aligned */
    uint32_t bytes;
    uint32_t crc32; /* of the file that went into the image, computed by the build */
} board_file;

/* Clock, serial port and flash mapping. Prints `boot step=NAME` before each step, so that the last line seen tells
   where a chip stopped. The watchdogs are off before main() is called. */
const board_report *board_init(void);

/* Read up to `bytes`; fewer when the line stays silent for `timeout_ms` (at most 10,000). */
uint32_t board_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms);
void board_write(const char *text, uint32_t bytes);

/* A free-running counter; at 240 MHz it wraps after 17.9 s. */
uint32_t board_cycles(void);

board_file board_model(void);  /* models/model.sqz, in flash */
board_file board_golden(void); /* pictures with known scores for the self-test, in flash */
uint8_t *board_arena(uint32_t *bytes);
const char *board_firmware_version(void);

/* The deepest that the stack has been, and all of it; bytes. */
uint32_t board_stack_used(void);
uint32_t board_stack_size(void);

/* Stop for good. On an emulator this ends it, with a failure code. */
_Noreturn void board_halt(void);

#endif
