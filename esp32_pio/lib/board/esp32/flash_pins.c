/* The flash's pins, led through the GPIO matrix or straight to the controller. ESP-IDF: bootloader_flash_gpio_config
   (bootloader_flash_config_esp32.c) with esp_rom_gpio_connect_out_signal and esp_rom_gpio_connect_in_signal
   (esp_rom_gpio.c); for the way back esp_restart_noos (system_internal.c). */
#include "../portable/chip_name.h"
#include "../portable/flash_facts.h"
#include "drivers.h"
#include "flash_parts.h"
#include "register_bits.h"
#include "soc/gpio_reg.h"
#include "soc/io_mux_reg.h"
#include "soc/spi_reg.h"

typedef struct {
    uint32_t io_mux;
    uint8_t gpio, signal; /* the signal has the same number in and out */
} flash_pin;

/* In the order of ESP-IDF's connecting; CS0 is no input. */
enum { CS0, Q, D, WP, HD, PINS };
static const flash_pin PIN[PINS] = {
    [CS0] = {PERIPHS_IO_MUX_SD_CMD_U, 11, SPICS0_OUT_IDX},
    [Q] = {PERIPHS_IO_MUX_SD_DATA0_U, 7, SPIQ_IN_IDX},
    [D] = {PERIPHS_IO_MUX_SD_DATA1_U, 8, SPID_IN_IDX},
    [WP] = {PERIPHS_IO_MUX_SD_DATA3_U, 10, SPIWP_IN_IDX},
    [HD] = {PERIPHS_IO_MUX_SD_DATA2_U, 9, SPIHD_IN_IDX},
};
/* In the order of ESP-IDF's choosing their function. */
static const uint8_t SELECTED[PINS] = {Q, D, HD, WP, CS0};

static bool in_package(void) {
    return chip_has_flash(efuse_package());
}

const char *flash_pins_name(void) {
    return in_package() ? FLASH_PINS_IN_PACKAGE : efuse_flash_pads() ? FLASH_PINS_CUSTOM : FLASH_PINS_DEFAULT;
}

/* Where the eFuses name pads, the ROM has led all signals through the matrix (SelectSpiFunction). */
bool flash_pins_direct(void) {
    const uint32_t function = (reg_read(PERIPHS_IO_MUX_SD_DATA0_U) & MCU_SEL_M) >> MCU_SEL_S;
    return !efuse_flash_pads() && function == MSPI_FUNC_NUM;
}

static void connect_out(const flash_pin *pin) {
    reg_write(GPIO_FUNC0_OUT_SEL_CFG_REG + 4u * pin->gpio, pin->signal);
    reg_write(GPIO_ENABLE_W1TS_REG, 1u << pin->gpio);
}

static void connect_in(const flash_pin *pin) {
    reg_write(GPIO_FUNC0_IN_SEL_CFG_REG + 4u * pin->signal, pin->gpio | GPIO_SIG0_IN_SEL);
}

static void drive(uint32_t io_mux, uint32_t strength) {
    reg_field(io_mux, FUN_DRV_M, strength << FUN_DRV_S);
}

/* The clock comes straight from the controller, whatever the other pins do. */
static void route_clock(uint32_t strength) {
    reg_field(PERIPHS_IO_MUX_SD_CLK_U, MCU_SEL_M, MSPI_FUNC_NUM << MCU_SEL_S);
    drive(PERIPHS_IO_MUX_SD_CLK_U, strength);
}

void flash_pins_route(uint32_t flash_mhz, uint32_t flash_id) {
    const uint32_t strength = flash_mhz == 80 ? 3 : 2;
    if (in_package()) { /* the ROM has done the rest */
        route_clock(strength);
        return;
    }
    if (efuse_flash_pads()) { /* pads of a board's own: ESP-IDF leaves them as the ROM set them, too */
        return;
    }
    for (uint32_t i = 0; i < PINS; i++) {
        connect_out(&PIN[i]);
        if (i != CS0) {
            connect_in(&PIN[i]);
        }
    }
    for (uint32_t i = 0; i < PINS; i++) {
        reg_field(PIN[SELECTED[i]].io_mux, MCU_SEL_M, PIN_FUNC_GPIO << MCU_SEL_S);
    }
    route_clock(strength);
    if (flash_id == FLASH_ID_GD25LQ32C) { /* of 1.8 V: weaker edges */
        for (uint32_t i = 0; i < PINS; i++) {
            drive(PIN[i].io_mux, 3);
        }
        drive(PERIPHS_IO_MUX_SD_CLK_U, 3);
    }
}

void flash_pins_restore(void) {
    const uint32_t unused = 0x30; /* and not from the matrix: the signal comes straight from IO_MUX again */
    for (uint32_t signal = 0; signal <= SPICS0_OUT_IDX; signal++) {
        reg_write(GPIO_FUNC0_IN_SEL_CFG_REG + 4 * signal, unused);
    }
}
