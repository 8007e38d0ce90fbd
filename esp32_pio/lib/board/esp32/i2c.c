/* I2C controller 0 as the bus's only master, on GPIO21 (SDA) and GPIO22 (SCL). */
#include "i2c.h"

#include <stdbool.h>

#include "register_bits.h"

static const uint32_t DPORT_PERIP_CLK_EN = 0x3FF000C0, DPORT_PERIP_RST_EN = 0x3FF000C4;
static const uint32_t I2C_EXT0 = 1u << 7; /* in both */

static const uint32_t GPIO_OUT_SET = 0x3FF44008, GPIO_OUT_CLEAR = 0x3FF4400C, GPIO_ENABLE_SET = 0x3FF44024,
                      GPIO_IN = 0x3FF4403C;
static const uint32_t GPIO_PIN_SDA = 0x3FF440DC, GPIO_PIN_SCL = 0x3FF440E0; /* pads 21 and 22 */
static const uint32_t IO_MUX_SDA = 0x3FF4907C, IO_MUX_SCL = 0x3FF49080;
static const uint32_t OUT_SELECT_SDA = 0x3FF44584, OUT_SELECT_SCL = 0x3FF44588;
static const uint32_t IN_SELECT_SCL = 0x3FF441A4, IN_SELECT_SDA = 0x3FF441A8; /* signals 29 and 30 */

static const uint32_t SDA = 1u << 21, SCL = 1u << 22;
static const uint32_t OPEN_DRAIN = 1u << 2;
/* A pin of the GPIO matrix (function 2), drive strength 2, input on, pull-up on. */
static const uint32_t BOTH_WAYS = 2u << 12 | 2u << 10 | 1u << 9 | 1u << 8;
static const uint32_t BY_SOFTWARE = 256, SCL_SIGNAL = 29, SDA_SIGNAL = 30, FROM_PAD = 1u << 7;

static const uint32_t SCL_LOW_PERIOD = 0x3FF53000, CTR = 0x3FF53004, TIME_OUT = 0x3FF5300C,
                      FIFO_CONF = 0x3FF53018, INT_RAW = 0x3FF53020, INT_CLR = 0x3FF53024,
                      SDA_HOLD = 0x3FF53030, SDA_SAMPLE = 0x3FF53034, SCL_HIGH_PERIOD = 0x3FF53038,
                      SCL_START_HOLD = 0x3FF53040, SCL_RSTART_SETUP = 0x3FF53044, SCL_STOP_HOLD = 0x3FF53048,
                      SCL_STOP_SETUP = 0x3FF5304C, COMMAND0 = 0x3FF53058;
static const uint32_t FIFO = 0x6001301C; /* written at this alias, as the serial port's */

static const uint32_t MASTER = 1u << 4, NORMAL_OUTPUTS = 3, CLOCK_ENABLE = 1u << 8, START = 1u << 5;
static const uint32_t FIFO_RESETS = 3u << 12;
static const uint32_t DONE = 1u << 7, TIMED_OUT = 1u << 8, NOT_ACKNOWLEDGED = 1u << 10, LOST = 1u << 5;
static const uint32_t ALL = 0x1FFF;
static const uint32_t COMMAND_START = 0u << 11, COMMAND_WRITE = 1u << 11, COMMAND_STOP = 3u << 11,
                      CHECK_ACKNOWLEDGE = 1u << 8;

enum {
    BITS_PER_SECOND = 400000,
    TIMEOUT_CYCLES = 960000, /* 4 ms at 240 MHz: 32 bytes take 0.8, on the bus */
    HALF_PERIOD_CYCLES = 1200,
    PULSES = 9,
};

/* A device that was left in the middle of a byte holds SDA low until it has seen the rest of the clock pulses. */
static bool free_bus(void) {
    for (uint32_t i = 0; i < PULSES && (reg_read(GPIO_IN) & SDA) == 0; i++) {
        reg_write(GPIO_OUT_CLEAR, SCL);
        wait_cycles(HALF_PERIOD_CYCLES);
        reg_write(GPIO_OUT_SET, SCL);
        wait_cycles(HALF_PERIOD_CYCLES);
    }
    reg_write(GPIO_OUT_CLEAR, SDA); /* a start, and with the rise of SDA a stop: whoever listened is done */
    wait_cycles(HALF_PERIOD_CYCLES);
    reg_write(GPIO_OUT_SET, SDA);
    wait_cycles(HALF_PERIOD_CYCLES);
    return (reg_read(GPIO_IN) & (SDA | SCL)) == (SDA | SCL);
}

static void set_timing(uint32_t peripheral_hz) {
    const uint32_t half = peripheral_hz / BITS_PER_SECOND / 2; /* clock cycles */
    reg_write(SCL_LOW_PERIOD, half - 1);
    reg_write(SCL_HIGH_PERIOD, half - 7); /* the controller adds 7 */
    reg_write(SDA_HOLD, half / 2);
    reg_write(SDA_SAMPLE, half / 2);
    reg_write(SCL_RSTART_SETUP, half);
    reg_write(SCL_STOP_SETUP, half);
    reg_write(SCL_START_HOLD, half);
    reg_write(SCL_STOP_HOLD, half);
    reg_write(TIME_OUT, 20 * half);
}

bool i2c_init(uint32_t peripheral_hz) {
    reg_write(GPIO_OUT_SET, SDA | SCL);
    reg_write(GPIO_PIN_SDA, OPEN_DRAIN);
    reg_write(GPIO_PIN_SCL, OPEN_DRAIN);
    reg_write(OUT_SELECT_SDA, BY_SOFTWARE);
    reg_write(OUT_SELECT_SCL, BY_SOFTWARE);
    reg_write(GPIO_ENABLE_SET, SDA | SCL);
    reg_write(IO_MUX_SDA, BOTH_WAYS);
    reg_write(IO_MUX_SCL, BOTH_WAYS);
    wait_cycles(HALF_PERIOD_CYCLES);
    const bool idle = free_bus();

    reg_set(DPORT_PERIP_CLK_EN, I2C_EXT0);
    reg_set(DPORT_PERIP_RST_EN, I2C_EXT0);
    reg_clear(DPORT_PERIP_RST_EN, I2C_EXT0);
    reg_write(CTR, MASTER | NORMAL_OUTPUTS | CLOCK_ENABLE);
    set_timing(peripheral_hz);
    reg_write(OUT_SELECT_SDA, SDA_SIGNAL);
    reg_write(OUT_SELECT_SCL, SCL_SIGNAL);
    reg_write(IN_SELECT_SDA, 21u | FROM_PAD);
    reg_write(IN_SELECT_SCL, 22u | FROM_PAD);
    return idle;
}

static i2c_result outcome(void) {
    const uint32_t start = cycle_count();
    do {
        const uint32_t raw = reg_read(INT_RAW);
        if ((raw & NOT_ACKNOWLEDGED) != 0) {
            return I2C_REFUSED;
        }
        if ((raw & (TIMED_OUT | LOST)) != 0) {
            return I2C_STUCK;
        }
        if ((raw & DONE) != 0) {
            return I2C_DONE;
        }
    } while (cycle_count() - start < TIMEOUT_CYCLES);
    return I2C_STUCK;
}

i2c_result i2c_write(uint32_t address, const uint8_t *bytes, uint32_t count) {
    reg_set(FIFO_CONF, FIFO_RESETS);
    reg_clear(FIFO_CONF, FIFO_RESETS);
    reg_write(INT_CLR, ALL);
    reg_write(FIFO, address << 1); /* lowest bit 0: a write */
    for (uint32_t i = 0; i < count; i++) {
        reg_write(FIFO, bytes[i]);
    }
    reg_write(COMMAND0, COMMAND_START);
    reg_write(COMMAND0 + 4, COMMAND_WRITE | CHECK_ACKNOWLEDGE | (count + 1));
    reg_write(COMMAND0 + 8, COMMAND_STOP);
    reg_set(CTR, START);
    return outcome();
}
