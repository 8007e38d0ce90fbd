/* The parts of an ESP32-C3 or ESP32-S3 that the firmware drives. What differs by no more than the places of registers
   and the numbers of pins lies in espressif/, the rest in the chip's folder with soc/ (its registers) and chip.h. Each
   file names the functions of ESP-IDF that it follows; docs/esp32c3.md and docs/esp32s3.md list where it does not.
   Every wait of ours is bounded; a function that returns bool says whether all its waits ended well. */
#ifndef DRIVERS_H
#define DRIVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "chip.h"

/* --- efuse.c and the chip's efuse_NAME.c: what is burnt into the chip --- */
const char *efuse_chip_name(void);   /* as esptool has it */
uint32_t efuse_revision(void);       /* 100 x major + minor: 3 is v0.3 */
uint32_t efuse_minor_revision(void); /* as it is burnt */
uint32_t efuse_major_revision(void); /* likewise */
const char *efuse_one_core(void);    /* why there is one core; NULL: there are two */
bool efuse_flash_supported(void);    /* whether this firmware reads flash of this kind */
const char *efuse_flash_pins(void);  /* as board_flash has it */
uint32_t efuse_watchdog_delay(void); /* the RTC watchdog's first stage lasts 2^(1 + this) times longer */
/* What guards the flash so that this image cannot start there: "none", "flash-encryption" or "secure-boot". */
const char *efuse_protection(void);

typedef struct {
    uint32_t rtc, digital;
} core_voltage; /* settings of the two regulators */
/* For the CPU's full speed or, where that makes a difference, for less. */
core_voltage efuse_core_voltage(bool fastest);

/* --- regulator.c --- */
typedef struct {
    int32_t middle, step; /* at setting 20 and for each step, 0.1 mV */
} regulator;
/* What is burnt of a regulator added to what all have: the voltage in 2 mV, 7 bits and a sign; the step in 0.1 mV,
   6 bits and a sign. */
regulator regulator_calibrated(regulator all, uint32_t middle, uint32_t step);
int32_t regulator_voltage(regulator which, uint32_t setting);   /* 0.1 mV */
uint32_t regulator_setting(regulator which, int32_t voltage);   /* the lowest that reaches it, 15 to 31 */
uint32_t regulator_rtc_setting(regulator rtc, int32_t digital); /* that goes with the digital voltage */

/* --- watchdogs.c --- */
/* RTC, super and both timer groups' watchdogs; the ROM leaves three of them running. */
void watchdogs_off(void);
/* Those of the timer groups off, the RTC's on: it resets the chip when no image has started a second later. */
void watchdogs_before_reset(void);

/* --- the chip's regi2c.c: the analogue blocks' registers --- */
void regi2c_enable(void);
bool regi2c_write(uint32_t block, uint32_t reg, uint32_t value);
/* Bits `msb` to `lsb` of a register, the others as they are. */
bool regi2c_write_mask(uint32_t block, uint32_t reg, uint32_t msb, uint32_t lsb, uint32_t value);

/* --- the chip's clock.c --- */
/* The core's voltage, then PLL at 480 MHz, CPU at CPU_MHZ and peripherals at 80. regi2c_enable() comes first. */
bool clock_to_pll(void);
/* CPU and peripherals to the crystal; the PLL goes on, for USB. */
void clock_to_crystal(void);

/* --- power.c --- */
/* The detector of a weak supply: it resets the chip, and the next run says so. Returns "on", or why it is not. */
const char *power_brownout_on(void);

/* --- reset.c --- */
const char *reset_cause(void);             /* "power-on", "software-cpu", "brownout", ... */
const char *reset_cause_second_core(void); /* likewise; "none" where there is none */
bool reset_by_power(void);
/* Wait for the serial port, then reset CPU and peripherals; USB stays. It comes a few cycles after this returns. */
void reset_chip(void);

/* --- button.c: the BOOT button, which ties BUTTON_PIN to ground --- */
void button_init(void);
bool button_held(void);

/* --- the chip's output.c: the pin that acts --- */
void output_init(void); /* as an output that does not act yet */

/* --- flash.c --- */
/* Map the first `pages` 64 KB pages of flash one to one at DROM_BASE and enable the cache. How flash is read, the ROM
   has set from the image's header, and it stays. Fills what is known of the flash into `flash`. */
bool flash_start(uint32_t pages, uint32_t flash_mhz, board_flash *flash);

/* --- the chip's flash_cache.c --- */
bool flash_cache_off(void);
/* Nothing but these pages in the table; then the cache is on, and empty. It has to be off before. */
bool flash_cache_map(uint32_t pages);

/* --- uart.c: serial port 0, 8N1, clocked by the crystal --- */
bool uart_can_baud(uint32_t baud);
bool uart_set_baud(uint32_t baud); /* after what is being sent has gone out */
bool uart_drain(void);             /* wait until everything written is on the line */
void uart_write(const uint8_t *bytes, uint32_t count);
/* What is there, at most `bytes`. After more has come than the port holds, all that it held is dropped. */
uint32_t uart_read(uint8_t *buffer, uint32_t bytes);

/* --- usb.c: the USB device that is a serial port --- */
/* Waits once for a computer that does not read; from then on all is dropped until there is room again. */
void usb_write(const uint8_t *bytes, uint32_t count);
uint32_t usb_read(uint8_t *buffer, uint32_t bytes); /* what is there, at most `bytes` */

#endif
