/* The parts of the classic ESP32 that the firmware drives. Sequences: ESP32 Technical Reference Manual; what the
   manual leaves out is found in esp-idf (rtc_clk.c, cache_flash_mmu_set in the ROM, bootloader_flash_config_esp32.c).
   Every wait is bounded; a function that returns bool says whether all its waits ended well. */
#ifndef DRIVERS_H
#define DRIVERS_H

#include <stdbool.h>
#include <stdint.h>

/* RTC watchdog and the watchdog of timer group 0, both of which the ROM leaves running. */
void watchdogs_off(void);

/* Crystal in MHz: what the ROM measured or an earlier run noted; 40 when neither is legible. */
uint32_t clock_crystal_mhz(void);
/* Clock of the peripherals, in Hz: the crystal's until clock_to_240_mhz(), 80 MHz after it (or before, when the chip
   was reset while it ran on the PLL). */
uint32_t clock_peripheral_hz(uint32_t crystal_mhz);
/* CPU to 240 MHz from the 480 MHz PLL, peripherals to 80 MHz. The serial port has to be drained before. */
bool clock_to_240_mhz(uint32_t crystal_mhz);
/* CPU and peripherals to the crystal, PLL off, as after power-on. */
void clock_to_crystal(uint32_t crystal_mhz);

/* Why the chip started: "power-on", "software", "brownout", ... */
const char *reset_cause(void);
bool reset_by_power(void);
/* Wait for the serial port, then reset everything but the RTC. The reset comes a few cycles after this returns. */
void reset_chip(uint32_t crystal_mhz);

/* The BOOT button, which ties GPIO0 to ground. */
void button_init(void);
bool button_held(void);

/* Map the first `pages` 64 KB pages of flash one to one at 0x3F400000 and enable the cache. `flash_mhz`: 20, 26, 40
   or 80, the clock in the image header, which the ROM set up for a peripheral clock of 80 MHz. */
bool flash_map(uint32_t pages, uint32_t flash_mhz);

/* Serial port 0, 8N1. The divider is set from the peripheral clock, after what is being sent has gone out. */
bool uart_can_baud(uint32_t baud);
bool uart_set_baud(uint32_t peripheral_hz, uint32_t baud);
/* Wait until everything written is on the line. */
bool uart_drain(void);
void uart_write(const uint8_t *bytes, uint32_t count);
/* What has come, at least one byte and at most `bytes`; 0 when nothing comes for `timeout_cycles`. After more has come
   than the port holds, all that it held is dropped. */
uint32_t uart_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_cycles);

#endif
