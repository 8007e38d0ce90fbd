/* The parts of the classic ESP32 that the firmware drives. Each file names the functions of ESP-IDF that it follows;
   docs/first-boot.md lists where it does not. Every wait is bounded; a function that returns bool says whether all its
   waits ended well. */
#ifndef DRIVERS_H
#define DRIVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"

/* --- efuse.c: what is burnt into the chip --- */
uint32_t efuse_package(void);   /* for chip_name() */
uint32_t efuse_revision(void);  /* 100 x major + minor: 301 is v3.1 */
uint32_t efuse_rated_mhz(void); /* 160 or 240 */
bool efuse_single_core(void);
bool efuse_flash_pads(void); /* the flash is on pads of the eFuses' choice: in the package, mostly */
/* What guards the flash so that this image cannot start there: "none", "flash-encryption" or "secure-boot". */
const char *efuse_protection(void);

/* --- watchdogs.c --- */
/* RTC watchdog and the watchdog of timer group 0, both of which the ROM leaves running. */
void watchdogs_off(void);
/* Those of the timer groups off, the RTC's on: it resets the chip when no image has started a second later. */
void watchdogs_before_reset(void);

/* --- clock.c --- */
/* Crystal in MHz: what the ROM measured or an earlier run noted; 40 when neither is legible. */
uint32_t clock_crystal_mhz(void);
/* Clock of the peripherals, in Hz: the crystal's, or 80 MHz on the PLL. */
uint32_t clock_peripheral_hz(uint32_t crystal_mhz);
/* CPU to 240 or 160 MHz from the PLL, peripherals to 80 MHz; flash_mhz decides on the core's voltage. The serial port
   has to be drained before. */
bool clock_to_pll(uint32_t crystal_mhz, uint32_t cpu_mhz, uint32_t flash_mhz);
/* CPU and peripherals to the crystal; the PLL stays as it is. */
void clock_to_crystal(uint32_t crystal_mhz);
/* A chip that was reset while it ran on the PLL: to the crystal, PLL off. Does nothing after power-on. */
void clock_leave_pll(uint32_t crystal_mhz);

/* --- power.c --- */
/* Raise the supply of a flash of 1.8 V to 1.9 V. Returns what the flash is fed: "3.3V", "1.8V, raised to 1.9V", or
   "external". */
const char *power_flash_supply(void);
/* The detector of a weak supply: it resets the chip, and the next run says so. Returns "on", or why it is not. */
const char *power_brownout_on(void);

/* --- reset.c --- */
/* Why the chip started: "power-on", "software", "brownout", ... */
const char *reset_cause(void);
const char *reset_cause_second_core(void);
bool reset_by_power(void);
/* Wait for the serial port, then reset everything but the RTC. The reset comes a few cycles after this returns. */
void reset_chip(uint32_t crystal_mhz);

/* --- button.c: the BOOT button, which ties GPIO0 to ground --- */
void button_init(void);
bool button_held(void);

/* --- output.c: the pin that acts --- */
void output_init(void); /* as an output that does not act yet */

/* --- flash.c and flash_*.c --- */
/* Configure the flash as ESP-IDF's boot loader does, map its first `pages` 64 KB pages one to one at 0x3F400000 and
   enable the cache. flash_mhz: 20, 26, 40 or 80, the clock in the image header; peripherals have to run at 80 MHz.
   Fills what is known of the flash into `flash`. */
bool flash_start(uint32_t pages, uint32_t flash_mhz, board_flash *flash);
/* It reads wrong: the next setting of all that might read right. False when there is none left; the first is back. */
bool flash_retry(board_flash *flash);

/* --- uart.c: serial port 0, 8N1 --- */
bool uart_can_baud(uint32_t baud);
/* The divider is set from the peripheral clock, after what is being sent has gone out. */
bool uart_set_baud(uint32_t peripheral_hz, uint32_t baud);
/* Wait until everything written is on the line. */
bool uart_drain(void);
void uart_write(const uint8_t *bytes, uint32_t count);
/* What has come, at least one byte and at most `bytes`; 0 when nothing comes for `timeout_cycles`. After more has come
   than the port holds, all that it held is dropped. */
uint32_t uart_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_cycles);

#endif
