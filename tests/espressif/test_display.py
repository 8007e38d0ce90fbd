"""The I2C controller of an ESP32-C3 and an ESP32-S3 as registers see its driver.

Expectations are ESP-IDF's (commit 102122904ade) esp_hal_i2c/CHIP/include/hal/i2c_ll.h of both
(i2c_ll_master_cal_bus_clk, i2c_ll_master_set_bus_timing, i2c_ll_update, i2c_ll_hw_cmd_t), of a crystal of
40 MHz and 400 kHz on the bus.
"""

import pytest

from tests.support.register_model import Registers
from tests.support.usb_chips import BOTH, C3, S3, Chip

CTR, TIMEOUT, FIFO_CONF, DATA, RAW, CLEAR = (
    *(0x60013004, 0x6001300C, 0x60013018, 0x6001301C, 0x60013020, 0x60013024),
)
COMMAND_0, CLOCK = 0x60013058, 0x60013054
GPIO_IN, SET, CLEAR_PIN, ENABLE = 0x6000403C, 0x60004008, 0x6000400C, 0x60004024
# Pins SDA and SCL, their signals, no signal and the bit of the matrix: soc/CHIP's gpio_sig_map.h, gpio_reg.h.
PINS = {C3: (5, 6, 54, 53, 128, 1 << 6), S3: (8, 9, 90, 89, 256, 1 << 7)}
START, UPDATE = 1 << 5, 1 << 11
DONE, REFUSED, STUCK = 0, 1, 2


def quiet(kind: Chip, outcome: int = 1 << 7) -> Registers:
    """A bus that nobody holds; each transfer ends with these bits of INT_RAW."""
    chip = kind.registers()
    chip.values[GPIO_IN] = 0x3FFFFF

    def control(value: int) -> None:
        if value & START:
            chip.values[RAW] = outcome
        chip.values[CTR] = value & ~(START | UPDATE)

    chip.on_write[CTR] = control
    chip.on_write[CLEAR] = lambda bits: chip.values.__setitem__(RAW, chip.values.get(RAW, 0) & ~bits)
    return chip


@BOTH
def test_timing_is_that_of_400_khz_and_taken_over(kind: Chip) -> None:
    chip = quiet(kind)
    assert chip.drivers.i2c_init(40_000_000)
    half, wait_high = 50, 50 // 2 - 2
    assert [chip.values[0x60013000 + offset] for offset in (0x00, 0x38, 0x30, 0x34)] == [
        *(half - 1, half - wait_high | wait_high << 9, half // 4 - 1, half // 2 - 1)
    ]
    assert [chip.values[0x60013000 + offset] for offset in (0x40, 0x44, 0x48, 0x4C)] == [half - 1] * 4
    assert chip.values[TIMEOUT] == 1 << 5 | (250).bit_length() + 2
    assert chip.values[CLOCK] == 1 << 21, "from the crystal, not divided"
    assert chip.written(CTR)[-1][1] & UPDATE
    assert chip.written(kind.peripheral_clock, kind.peripheral_reset) == [
        (kind.peripheral_clock, 1 << 7),
        (kind.peripheral_reset, 1 << 7),
        (kind.peripheral_reset, 0),
    ]


@BOTH
def test_pins_are_open_drains_led_through_the_matrix(kind: Chip) -> None:
    chip = quiet(kind)
    chip.drivers.i2c_init(40_000_000)
    sda, scl, sda_signal, scl_signal, none, through_matrix = PINS[kind]
    for pin, signal in ((sda, sda_signal), (scl, scl_signal)):
        assert chip.values[0x60004074 + 4 * pin] == 1 << 2
        assert chip.values[0x60009004 + 4 * pin] == 1 << 12 | 2 << 10 | 1 << 9 | 1 << 8
        assert [value for _, value in chip.written(0x60004554 + 4 * pin)] == [none, signal]
        assert chip.values[0x60004154 + 4 * signal] == pin | through_matrix
    assert chip.values[ENABLE] == 1 << sda | 1 << scl


@BOTH
@pytest.mark.parametrize("pulses", [1, 9])
def test_a_device_that_holds_the_line_gets_clock_pulses(kind: Chip, pulses: int) -> None:
    chip = quiet(kind)
    sda, scl = PINS[kind][:2]
    chip.values[GPIO_IN] = 0x3FFFFF & ~(1 << sda)

    def fall(pins: int) -> None:
        falls = sum(value == 1 << scl for _, value in chip.written(CLEAR_PIN))
        if pins == 1 << scl and falls == pulses:
            chip.values[GPIO_IN] = 0x3FFFFF

    chip.on_write[CLEAR_PIN] = fall
    assert chip.drivers.i2c_init(40_000_000)
    assert sum(value == 1 << scl for _, value in chip.written(CLEAR_PIN)) == pulses


@BOTH
def test_a_line_that_stays_low_is_reported(kind: Chip) -> None:
    chip = quiet(kind)
    chip.values[GPIO_IN] = 0x3FFFFF & ~(1 << PINS[kind][1])
    assert not chip.drivers.i2c_init(40_000_000)


@BOTH
def test_a_transfer_is_start_bytes_stop(kind: Chip) -> None:
    chip = quiet(kind)
    assert chip.drivers.i2c_write(0x3C, bytes(range(31)), 31) == DONE
    assert [value for _, value in chip.written(DATA)] == [0x3C << 1, *range(31)]
    commands = [chip.values[COMMAND_0 + 4 * number] for number in range(3)]
    assert commands == [6 << 11, 1 << 11 | 1 << 8 | 32, 2 << 11]
    assert [value for _, value in chip.written(FIFO_CONF)] == [3 << 12, 0]
    ctr = [value & (START | UPDATE) for _, value in chip.written(CTR)]
    assert ctr == [UPDATE, START]


@BOTH
def test_a_refusal_ends_with_a_stop(kind: Chip) -> None:
    chip = quiet(kind, outcome=1 << 10)
    assert chip.drivers.i2c_write(0x3C, b"\0", 1) == REFUSED
    assert chip.values[COMMAND_0] == 2 << 11
    assert sum(bool(value & START) for _, value in chip.written(CTR)) == 2


@BOTH
@pytest.mark.parametrize("outcome", [0, 1 << 8, 1 << 5])
def test_a_bus_that_does_not_move_is_stuck(kind: Chip, outcome: int) -> None:
    chip = quiet(kind, outcome)
    assert chip.drivers.i2c_write(0x3C, b"\0", 1) == STUCK
    assert chip.cycles <= 4000 * kind.mhz + 1000
