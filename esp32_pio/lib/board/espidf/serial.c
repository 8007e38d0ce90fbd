/* Serial port 0, by ESP-IDF's UART driver. */
#include <stddef.h>

#include "board.h"
#include "driver/uart.h"
#include "drivers.h"
#include "esp_log.h"
#include "esp_rom_sys.h"
#include "esp_rom_uart.h"
#include "freertos/FreeRTOS.h"

enum {
    PORT = UART_NUM_0,
    RECEIVE_BYTES = 4096, /* a picture goes on coming while a chunk of it is looked at */
    SLOWEST_BAUD = 9600,
    FASTEST_BAUD = 2000000,
    DRAIN_MS = 1000,
};

/* Rounded up: 0 ticks would not wait at all. */
static TickType_t ticks(uint32_t milliseconds) {
    return (milliseconds + portTICK_PERIOD_MS - 1) / portTICK_PERIOD_MS;
}

bool serial_start(uint32_t baud) {
    const uart_config_t config = {
        .baud_rate = (int)baud,
        .data_bits = UART_DATA_8_BITS,
        .parity = UART_PARITY_DISABLE,
        .stop_bits = UART_STOP_BITS_1,
        .flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
        .source_clk = UART_SCLK_DEFAULT,
    };
    serial_drain(); /* what the boot loader and ESP-IDF have said, at their speed */
    return uart_param_config(PORT, &config) == ESP_OK &&
           uart_driver_install(PORT, RECEIVE_BYTES, 0, 0, NULL, 0) == ESP_OK;
}

bool serial_drain(void) {
    if (uart_is_driver_installed(PORT)) {
        return uart_wait_tx_done(PORT, ticks(DRAIN_MS)) == ESP_OK;
    }
    esp_rom_output_tx_wait_idle(PORT);
    return true;
}

void serial_silence_log(void) {
    esp_log_level_set("*", ESP_LOG_NONE);
    esp_rom_install_channel_putc(1, NULL);
}

uint32_t board_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms) {
    size_t waiting = 0;
    if (uart_read_bytes(PORT, buffer, 1, ticks(timeout_ms)) != 1) {
        return 0;
    }
    if (uart_get_buffered_data_len(PORT, &waiting) != ESP_OK || waiting == 0 || bytes == 1) {
        return 1;
    }
    const uint32_t more = waiting < bytes - 1 ? (uint32_t)waiting : bytes - 1;
    const int got = uart_read_bytes(PORT, buffer + 1, more, 0);
    return got > 0 ? 1 + (uint32_t)got : 1;
}

void board_write(const uint8_t *bytes, uint32_t count) {
    uart_write_bytes(PORT, bytes, count);
}

bool board_can_baud(uint32_t baud) {
    return baud >= SLOWEST_BAUD && baud <= FASTEST_BAUD;
}

void board_set_baud(uint32_t baud) {
    serial_drain(); /* a change of the divider would spoil the character being sent */
    uart_set_baudrate(PORT, baud);
}
