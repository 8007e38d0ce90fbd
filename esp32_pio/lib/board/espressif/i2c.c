/* I2C controller 0 as the bus's only master, clocked by the crystal. ESP-IDF: esp_hal_i2c's i2c_ll.h of
   both chips (i2c_ll_master_cal_bus_clk, i2c_ll_master_set_bus_timing, i2c_ll_update) and esp_driver_i2c's
   i2c_master.c. */
#include "../ssd1306/i2c.h"

#include <stdbool.h>

#include "drivers.h"
#include "register_bits.h"
#include "soc/gpio_reg.h"
#include "soc/i2c_reg.h"
#include "soc/system_reg.h"

static const uint32_t SDA = 1u << SDA_PIN, SCL = 1u << SCL_PIN;
/* A pin of the GPIO matrix, drive strength 2, input on, pull-up on. */
static const uint32_t BOTH_WAYS = PIN_FUNC_GPIO << MCU_SEL_S | 2u << FUN_DRV_S | FUN_IE | FUN_PU;

enum {
    BITS_PER_SECOND = 400000,
    TIMEOUT_CYCLES = 4000 * CPU_MHZ, /* 4 ms: 32 bytes take 0.8, on the bus */
    HALF_PERIOD_CYCLES = 5 * CPU_MHZ,
    PULSES = 9,
};

/* A device that was left in the middle of a byte holds SDA low until it has seen the rest of the clock pulses. */
static bool free_bus(void) {
    for (uint32_t i = 0; i < PULSES && (reg_read(GPIO_IN_REG) & SDA) == 0; i++) {
        reg_write(GPIO_OUT_W1TC_REG, SCL);
        wait_cycles(HALF_PERIOD_CYCLES);
        reg_write(GPIO_OUT_W1TS_REG, SCL);
        wait_cycles(HALF_PERIOD_CYCLES);
    }
    /* A start, and with the rise of SDA a stop: whoever listened is done. */
    reg_write(GPIO_OUT_W1TC_REG, SDA);
    wait_cycles(HALF_PERIOD_CYCLES);
    reg_write(GPIO_OUT_W1TS_REG, SDA);
    wait_cycles(HALF_PERIOD_CYCLES);
    return (reg_read(GPIO_IN_REG) & (SDA | SCL)) == (SDA | SCL);
}

/* i2c_ll_master_cal_bus_clk: the time-out is 2^(bits of 5 x half, and 2) clock cycles. */
static uint32_t timeout_exponent(uint32_t half) {
    uint32_t bits = 0;
    for (uint32_t rest = 5 * half; rest != 0; rest >>= 1) {
        bits++;
    }
    return bits + 2;
}

static void set_timing(uint32_t clock_hz) {
    const uint32_t half = clock_hz / BITS_PER_SECOND / 2; /* clock cycles */
    const uint32_t wait_high = half / 2 - 2;
    reg_write(I2C_CLK_CONF_REG, I2C_SCLK_ACTIVE);
    reg_write(I2C_SCL_LOW_PERIOD_REG, half - 1);
    reg_write(I2C_SCL_HIGH_PERIOD_REG, (half - wait_high) | wait_high << I2C_SCL_WAIT_HIGH_PERIOD_S);
    reg_write(I2C_SDA_HOLD_REG, half / 4 - 1);
    reg_write(I2C_SDA_SAMPLE_REG, half / 2 - 1);
    reg_write(I2C_SCL_RSTART_SETUP_REG, half - 1);
    reg_write(I2C_SCL_STOP_SETUP_REG, half - 1);
    reg_write(I2C_SCL_START_HOLD_REG, half - 1);
    reg_write(I2C_SCL_STOP_HOLD_REG, half - 1);
    reg_write(I2C_TO_REG, timeout_exponent(half) | I2C_TIME_OUT_EN);
}

static void connect(uint32_t pin, uint32_t signal) {
    reg_write(GPIO_FUNC0_OUT_SEL_CFG_REG + 4 * pin, signal);
    reg_write(GPIO_FUNC0_IN_SEL_CFG_REG + 4 * signal, pin | GPIO_SIG0_IN_SEL);
}

static void drive_by_hand(uint32_t pin) {
    reg_write(GPIO_PIN0_REG + 4 * pin, GPIO_PIN0_PAD_DRIVER);
    reg_write(GPIO_FUNC0_OUT_SEL_CFG_REG + 4 * pin, SIG_GPIO_OUT_IDX);
}

bool i2c_init(uint32_t peripheral_hz) {
    reg_write(GPIO_OUT_W1TS_REG, SDA | SCL);
    drive_by_hand(SDA_PIN);
    drive_by_hand(SCL_PIN);
    reg_write(GPIO_ENABLE_W1TS_REG, SDA | SCL);
    reg_write(IO_MUX_GPIO0_REG + 4 * SDA_PIN, BOTH_WAYS);
    reg_write(IO_MUX_GPIO0_REG + 4 * SCL_PIN, BOTH_WAYS);
    wait_cycles(HALF_PERIOD_CYCLES);
    const bool idle = free_bus();

    reg_set(SYSTEM_PERIP_CLK_EN0_REG, SYSTEM_I2C_EXT0_CLK_EN);
    reg_set(SYSTEM_PERIP_RST_EN0_REG, SYSTEM_I2C_EXT0_RST);
    reg_clear(SYSTEM_PERIP_RST_EN0_REG, SYSTEM_I2C_EXT0_RST);
    reg_write(I2C_CTR_REG, I2C_MS_MODE | I2C_SDA_FORCE_OUT | I2C_SCL_FORCE_OUT | I2C_CLK_EN);
    set_timing(peripheral_hz);
    reg_set(I2C_CTR_REG, I2C_CONF_UPGATE);
    connect(SDA_PIN, I2CEXT0_SDA_IN_IDX);
    connect(SCL_PIN, I2CEXT0_SCL_IN_IDX);
    return idle;
}

static i2c_result outcome(void) {
    const uint32_t start = cycle_count();
    do {
        const uint32_t raw = reg_read(I2C_INT_RAW_REG);
        if ((raw & I2C_NACK_INT_RAW) != 0) {
            return I2C_REFUSED;
        }
        if ((raw & (I2C_TIME_OUT_INT_RAW | I2C_ARBITRATION_LOST_INT_RAW)) != 0) {
            return I2C_STUCK;
        }
        if ((raw & I2C_TRANS_COMPLETE_INT_RAW) != 0) {
            return I2C_DONE;
        }
    } while (cycle_count() - start < TIMEOUT_CYCLES);
    return I2C_STUCK;
}

/* Let the controller do its list of commands. */
static i2c_result run(void) {
    reg_write(I2C_INT_CLR_REG, I2C_ALL_INT);
    reg_set(I2C_CTR_REG, I2C_CONF_UPGATE);
    reg_set(I2C_CTR_REG, I2C_TRANS_START);
    return outcome();
}

/* After a refusal the controller waits in the middle of the transfer (i2c_master.c, s_i2c_send_commands): the bus is
   free only after a stop. */
static void stop(void) {
    reg_write(I2C_COMD0_REG, I2C_CMD_STOP);
    (void)run();
}

i2c_result i2c_write(uint32_t address, const uint8_t *bytes, uint32_t count) {
    reg_set(I2C_FIFO_CONF_REG, I2C_RX_FIFO_RST | I2C_TX_FIFO_RST);
    reg_clear(I2C_FIFO_CONF_REG, I2C_RX_FIFO_RST | I2C_TX_FIFO_RST);
    reg_write(I2C_DATA_REG, address << 1); /* lowest bit 0: a write */
    for (uint32_t i = 0; i < count; i++) {
        reg_write(I2C_DATA_REG, bytes[i]);
    }
    reg_write(I2C_COMD0_REG, I2C_CMD_RESTART);
    reg_write(I2C_COMD0_REG + 4, I2C_CMD_WRITE | I2C_CMD_ACK_EN | (count + 1));
    reg_write(I2C_COMD0_REG + 8, I2C_CMD_STOP);
    const i2c_result result = run();
    if (result == I2C_REFUSED) {
        stop();
    }
    return result;
}
