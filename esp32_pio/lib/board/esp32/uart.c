#include "drivers.h"
#include "register_bits.h"

static const uint32_t TX_FIFO = 0x60000000; /* the FIFO is written at this alias and read at the other */
static const uint32_t RX_FIFO = 0x3FF40000;
static const uint32_t INT_RAW = 0x3FF40004, INT_CLR = 0x3FF40010;
static const uint32_t CLKDIV = 0x3FF40014, STATUS = 0x3FF4001C, MEM_RX_STATUS = 0x3FF40060;

static const uint32_t RX_OVERFLOW = 1u << 4, RX_PLACE = 0x7FFu;
static const uint32_t RX_COUNT = 0xFFu, TX_COUNT = 0xFFu << 16, TX_STATE = 0xFu << 24;

/* At 9600 baud and 240 MHz a full FIFO empties within 32 million cycles. */
enum { FIFO_BYTES = 128, TIMEOUT_CYCLES = 64000000, SLOWEST_BAUD = 9600, FASTEST_BAUD = 2000000 };

bool uart_drain(void) {
    return reg_wait(STATUS, TX_COUNT | TX_STATE, 0, TIMEOUT_CYCLES);
}

/* Up to the fastest, even a peripheral clock of 26 MHz is divided to within 0.5 % of the speed. */
bool uart_can_baud(uint32_t baud) {
    return baud >= SLOWEST_BAUD && baud <= FASTEST_BAUD;
}

bool uart_set_baud(uint32_t peripheral_hz, uint32_t baud) {
    const bool drained = uart_drain(); /* a change of the divider would spoil the character being sent */
    const uint32_t sixteenths = (peripheral_hz << 4) / baud; /* 80 MHz << 4 fits in 32 bits */
    reg_write(CLKDIV, sixteenths >> 4 | (sixteenths & 15u) << 20);
    return drained;
}

void uart_write(const uint8_t *bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t start = cycle_count(); /* bounded: a dead line must not stop the chip from working */
        while ((reg_read(STATUS) & TX_COUNT) >= (uint32_t)(FIFO_BYTES - 1) << 16 &&
               cycle_count() - start < TIMEOUT_CYCLES) {
        }
        reg_write(TX_FIFO, bytes[i]);
    }
}

/* Whether a byte can be read. The FIFO's count alone is not to be trusted while it is read at this address, says
   esp-idf (uart_ll.h): a byte is there, too, when the places of reading and writing differ. */
static bool waiting(void) {
    const uint32_t places = reg_read(MEM_RX_STATUS);
    return (places >> 2 & RX_PLACE) != (places >> 13 & RX_PLACE) || (reg_read(STATUS) & RX_COUNT) != 0;
}

/* A FIFO that has overflowed has to be emptied, and by reading: its reset bit does not work on this port (uart_ll.h).
   What it held is worth nothing, bytes are missing behind it. */
static void drop_overflow(void) {
    if ((reg_read(INT_RAW) & RX_OVERFLOW) == 0) {
        return;
    }
    for (uint32_t i = 0; i < 2 * FIFO_BYTES && waiting(); i++) { /* bounded: more may be coming */
        (void)reg_read(RX_FIFO);
    }
    reg_write(INT_CLR, RX_OVERFLOW);
}

uint32_t uart_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_cycles) {
    const uint32_t start = cycle_count();
    drop_overflow();
    while (!waiting()) {
        if (cycle_count() - start >= timeout_cycles) {
            return 0;
        }
    }
    uint32_t count = 0;
    while (count < bytes && waiting()) {
        buffer[count++] = (uint8_t)reg_read(RX_FIFO);
    }
    return count;
}
