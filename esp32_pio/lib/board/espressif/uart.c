/* Serial port 0. ESP-IDF: esp_hal_uart's uart_ll.h of both chips. The ROM leaves it on the crystal's clock, which
   no change of the CPU's touches. */
#include "drivers.h"
#include "register_bits.h"
#include "soc/uart_reg.h"

/* At 9600 baud a full FIFO empties within 0.14 s. */
enum { FIFO_BYTES = 128, TIMEOUT_CYCLES = 300000 * CPU_MHZ, SLOWEST_BAUD = 9600, FASTEST_BAUD = 2000000 };
static const uint32_t CLOCK_HZ = CRYSTAL_MHZ * 1000000u;

/* uart_ll_is_tx_idle */
bool uart_drain(void) {
    const bool empty = reg_wait(UART_STATUS_REG, UART_TXFIFO_CNT_M, 0, TIMEOUT_CYCLES);
    return reg_wait(UART_FSM_STATUS_REG, UART_ST_UTX_OUT_M, 0, TIMEOUT_CYCLES) && empty;
}

bool uart_can_baud(uint32_t baud) {
    return baud >= SLOWEST_BAUD && baud <= FASTEST_BAUD;
}

/* uart_ll_set_baudrate: a second divider where the first, of 12 bits, does not reach. */
bool uart_set_baud(uint32_t baud) {
    const bool drained = uart_drain(); /* a change of the divider would spoil the character being sent */
    const uint32_t before = (CLOCK_HZ + baud - 1) / baud > UART_CLKDIV_V ? 2 : 1;
    const uint32_t sixteenths = (CLOCK_HZ << 4) / (baud * before);
    reg_write(UART_CLKDIV_REG, sixteenths >> 4 | (sixteenths & 15u) << UART_CLKDIV_FRAG_S);
    reg_field(UART_CLK_CONF_REG, UART_SCLK_DIV_NUM_M, (before - 1) << UART_SCLK_DIV_NUM_S);
    return drained;
}

void uart_write(const uint8_t *bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t start = cycle_count(); /* bounded: a dead line must not stop the chip from working */
        while ((reg_read(UART_STATUS_REG) & UART_TXFIFO_CNT_M) >= (uint32_t)(FIFO_BYTES - 1)
                                                                      << UART_TXFIFO_CNT_S &&
               cycle_count() - start < TIMEOUT_CYCLES) {
        }
        reg_write(UART_FIFO_REG, bytes[i]);
    }
}

/* uart_ll_rxfifo_rst. What an overflowed FIFO held is worth nothing, bytes are missing behind it. */
static void drop_overflow(void) {
    if ((reg_read(UART_INT_RAW_REG) & UART_RXFIFO_OVF_INT_RAW) == 0) {
        return;
    }
    reg_set(UART_CONF0_REG, UART_RXFIFO_RST);
    reg_clear(UART_CONF0_REG, UART_RXFIFO_RST);
    reg_write(UART_INT_CLR_REG, UART_RXFIFO_OVF_INT_RAW);
}

uint32_t uart_read(uint8_t *buffer, uint32_t bytes) {
    drop_overflow();
    const uint32_t there = reg_read(UART_STATUS_REG) & UART_RXFIFO_CNT;
    const uint32_t count = there < bytes ? there : bytes;
    for (uint32_t i = 0; i < count; i++) {
        buffer[i] = (uint8_t)reg_read(UART_FIFO_REG);
    }
    return count;
}
