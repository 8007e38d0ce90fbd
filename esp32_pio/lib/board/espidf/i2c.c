/* The display's bus, by ESP-IDF's driver. The camera's is another one: esp32-camera takes port 1. */
#include "../ssd1306/i2c.h"

#include <stddef.h>

#include "driver/i2c_master.h"
#include "pins.h"

enum { BITS_PER_SECOND = 400000, TIMEOUT_MS = 20, GLITCH_CYCLES = 7 };

static i2c_master_bus_handle_t bus;
static i2c_master_dev_handle_t device;

bool i2c_init(uint32_t peripheral_hz) {
    (void)peripheral_hz; /* the driver knows */
    if (pins.display_sda == NO_PIN) {
        return true;
    }
    if (bus != NULL) {
        return i2c_master_bus_reset(bus) == ESP_OK;
    }
    const i2c_master_bus_config_t config = {
        .i2c_port = I2C_NUM_0,
        .sda_io_num = pins.display_sda,
        .scl_io_num = pins.display_scl,
        .clk_source = I2C_CLK_SRC_DEFAULT,
        .glitch_ignore_cnt = GLITCH_CYCLES,
        .flags.enable_internal_pullup = true,
    };
    return i2c_new_master_bus(&config, &bus) == ESP_OK;
}

/* There is one device on the bus: it is looked for with the first transfer, and stays. */
static i2c_result add_device(uint32_t address) {
    const i2c_device_config_t config = {
        .dev_addr_length = I2C_ADDR_BIT_LEN_7,
        .device_address = (uint16_t)address,
        .scl_speed_hz = BITS_PER_SECOND,
    };
    switch (i2c_master_probe(bus, config.device_address, TIMEOUT_MS)) {
    case ESP_OK:
        return i2c_master_bus_add_device(bus, &config, &device) == ESP_OK ? I2C_DONE : I2C_STUCK;
    case ESP_ERR_NOT_FOUND:
        return I2C_REFUSED;
    default:
        return I2C_STUCK;
    }
}

i2c_result i2c_write(uint32_t address, const uint8_t *bytes, uint32_t count) {
    if (bus == NULL) {
        return I2C_REFUSED;
    }
    const i2c_result found = device == NULL ? add_device(address) : I2C_DONE;
    if (found != I2C_DONE) {
        return found;
    }
    return i2c_master_transmit(device, bytes, count, TIMEOUT_MS) == ESP_OK ? I2C_DONE : I2C_REFUSED;
}
