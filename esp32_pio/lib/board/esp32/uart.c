/* Serial port 0. ESP-IDF: esp_hal_uart/esp32/include/hal/uart_ll.h. */
#include "drivers.h"
#include "register_bits.h"
#include "soc/uart_reg.h"

/* At 9600 baud and 240 MHz a full FIFO empties within 32 million cycles. */
enum { FIFO_BYTES = 128, TIMEOUT_CYCLES = 64000000, SLOWEST_BAUD = 9600, FASTEST_BAUD = 2000000 };

bool uart_drain(void) {
    return reg_wait(UART_STATUS_REG, UART_TXFIFO_CNT_M | UART_ST_UTX_OUT_M, 0, TIMEOUT_CYCLES);
}

/* Up to the fastest, even a peripheral clock of 26 MHz is divided to within 0.5 % of the speed. */
bool uart_can_baud(uint32_t baud) {
    return baud >= SLOWEST_BAUD && baud <= FASTEST_BAUD;
}

bool uart_set_baud(uint32_t peripheral_hz, uint32_t baud) {
    const bool drained = uart_drain(); /* a change of the divider would spoil the character being sent */
    const uint32_t sixteenths = (peripheral_hz << 4) / baud; /* 80 MHz << 4 fits in 32 bits */
    reg_write(UART_CLKDIV_REG, sixteenths >> 4 | (sixteenths & 15u) << UART_CLKDIV_FRAG_S);
    return drained;
}

void uart_write(const uint8_t *bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t start = cycle_count(); /* bounded: a dead line must not stop the chip from working */
        while ((reg_read(UART_STATUS_REG) & UART_TXFIFO_CNT_M) >= (uint32_t)(FIFO_BYTES - 1)
                                                                      << UART_TXFIFO_CNT_S &&
               cycle_count() - start < TIMEOUT_CYCLES) {
        }
        reg_write(UART_FIFO_AHB_REG, bytes[i]);
    }
}

/* Bytes that can be read: uart_ll_get_rxfifo_len. The FIFO's count does not tell (erratum UART-3.17), the places of
   writing and reading do; where they are equal the FIFO is empty or full, and the count says which. */
static uint32_t waiting(void) {
    const uint32_t count = reg_read(UART_STATUS_REG) & UART_RXFIFO_CNT;
    const uint32_t places = reg_read(UART_MEM_RX_STATUS_REG);
    const uint32_t written = places >> UART_MEM_RX_WR_ADDR_S & UART_MEM_RX_ADDR,
                   read = places >> UART_MEM_RX_RD_ADDR_S & UART_MEM_RX_ADDR;
    if (written == read) {
        return count != 0 ? FIFO_BYTES : 0;
    }
    return written > read ? written - read : written + FIFO_BYTES - read;
}

static uint8_t take(void) {
    const uint32_t byte = reg_read(UART_FIFO_REG);
    fifo_read_pause();
    return (uint8_t)byte;
}

/* A FIFO that has overflowed has to be emptied, and by reading: its reset bit does not work on this port
   (uart_ll_rxfifo_rst). What it held is worth nothing, bytes are missing behind it. */
static void drop_overflow(void) {
    if ((reg_read(UART_INT_RAW_REG) & UART_RXFIFO_OVF_INT_RAW) == 0) {
        return;
    }
    for (uint32_t i = 0; i < 2 * FIFO_BYTES && waiting() != 0; i++) { /* bounded: more may be coming */
        take();
    }
    reg_write(UART_INT_CLR_REG, UART_RXFIFO_OVF_INT_RAW);
}

uint32_t uart_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_cycles) {
    const uint32_t start = cycle_count();
    drop_overflow();
    uint32_t there;
    while ((there = waiting()) == 0) {
        if (cycle_count() - start >= timeout_cycles) {
            return 0;
        }
    }
    const uint32_t count = there < bytes ? there : bytes;
    for (uint32_t i = 0; i < count; i++) {
        buffer[i] = take();
    }
    return count;
}
