"""The ESP32-S3's clock and voltage against a model of its registers and its ROM.

Expectations are ESP-IDF's (commit 102122904ade): esp_hw_support/port/esp32s3/rtc_clk_init.c (rtc_clk_init),
rtc_clk.c (rtc_clk_bbpll_configure, rtc_clk_cpu_freq_to_pll_mhz, rtc_clk_cpu_freq_to_xtal), rtc_init.c
(rtc_init, rtc_set_stored_dbias), esp_hal_clock/esp32s3/include/hal/clk_tree_ll.h (clk_ll_bbpll_set_config),
hal/esp32s3/efuse_hal.c (is_eco0). Whether the PLL locks only a board can show.
"""

import pytest

from tests.support.analogue_bus import REACHED, ROM_WRITE, ROM_WRITE_MASK, RomBus
from tests.support.register_model import Registers
from tests.support.usb_chips import S3, boot, said

OPTIONS, CALIBRATION, DATE = 0x60008000, 0x6000E040, 0x600081FC
CPU_PERIOD, SYSCLK = S3.cpu_period, S3.sysclk
EFUSE_3, EFUSE_4, EFUSE_5, EFUSE_BLOCK = S3.efuses(0x50), S3.efuses(0x54), S3.efuses(0x58), S3.efuses(0x6C)
PLL, DIG = 0x66, 0x6D
POWER_DOWN = 1 << 6 | 1 << 8 | 1 << 10
ON_PLL, CALIBRATED = 1 << 10, 1 << 24

# clk_ll_bbpll_set_config(480, 40), on registers that were 0xFF: whole writes and masks, in its order.
SETTINGS = [
    (PLL, 4, 0x6B),
    (PLL, 2, 0x50),
    (PLL, 3, 8),
    (PLL, 5, 0xF8),  # OC_DR1
    (PLL, 5, 0x88),  # OC_DR3
    (PLL, 6, 0x73),
    (PLL, 9, 0xFF),  # OC_VCO_DBIAS
]


def power_on() -> tuple[Registers, RomBus]:
    """As the ROM leaves it: the crystal, halved; everything else as it may be."""
    chip = S3.registers()
    bus = RomBus(chip)
    bus.values |= {(block, register): 0xFF for block in (PLL, DIG) for register in range(16)}
    chip.values |= {
        OPTIONS: POWER_DOWN | 1,
        CPU_PERIOD: 0xF0,
        SYSCLK: 1,
        CALIBRATION: 1 << 2 | 0x80 | CALIBRATED,
        REACHED: 1 << 17 | 1,
        DATE: 7 << 13 | 0x1021,
    }
    return chip, bus


def test_pll_is_powered_calibrated_programmed_and_switched_to() -> None:
    chip, bus = power_on()
    chip.drivers.regi2c_enable()
    assert chip.written(REACHED) == [(REACHED, 0x3FF << 8 | 1), (REACHED, 0x1FF << 8 | 1)]
    assert chip.drivers.clock_to_pll()
    assert [write for write in bus.writes if write[0] == PLL] == SETTINGS
    order = [
        write if write[0] not in (ROM_WRITE, ROM_WRITE_MASK) else write[1][0]
        for write in chip.writes
        if write[0] in (OPTIONS, CPU_PERIOD, CALIBRATION, SYSCLK, DATE, ROM_WRITE, ROM_WRITE_MASK)
    ]
    assert order == [
        *(DIG, DIG),  # the regulators are on
        (OPTIONS, 1),
        (CPU_PERIOD, 0xF4),
        (CALIBRATION, 0x80 | CALIBRATED),
        (CALIBRATION, 0x88 | CALIBRATED),
        *[PLL] * len(SETTINGS),
        (CALIBRATION, 0x80 | CALIBRATED),
        (CALIBRATION, 0x84 | CALIBRATED),
        *(DIG, DIG),  # the voltage
        (DATE, 0x1021),
        (CPU_PERIOD, 0xF6),
        (SYSCLK, 0),
        (SYSCLK, ON_PLL),
    ]


def test_the_voltage_is_there_40_us_before_the_speed_and_calibration_has_10() -> None:
    chip, _ = power_on()
    at: dict[str, int] = {}
    chip.on_read[CALIBRATION] = lambda: at.setdefault("calibrated", chip.cycles) * 0 + CALIBRATED
    chip.on_write[CALIBRATION] = lambda value: at.__setitem__("stopped", chip.cycles)
    chip.on_write[DATE] = lambda _: at.setdefault("parts", chip.cycles)
    assert chip.drivers.clock_to_pll()
    assert at["parts"] - at["stopped"] >= 40 * 240
    assert at["stopped"] - at["calibrated"] >= 10 * 240


def test_a_cpu_that_a_watchdog_reset_on_the_pll_stays_there() -> None:
    chip, bus = power_on()
    chip.values[SYSCLK] = ON_PLL
    assert chip.drivers.clock_to_pll()
    assert [write for write in bus.writes if write[0] == PLL] == []
    assert chip.written(OPTIONS, CALIBRATION) == []
    assert chip.values[SYSCLK] == ON_PLL


def test_without_a_calibrated_pll_it_goes_on_with_the_whole_crystal() -> None:
    chip = S3.powered()
    chip.step = 100_000
    chip.values[CALIBRATION] = 0
    report = boot(chip)
    assert (report.failed_step, report.cycles_per_microsecond) == (b"clock", 40)
    assert chip.values[SYSCLK] == 0
    assert said(chip).endswith("boot step=done\n")


def test_to_the_crystal_with_less_voltage_and_the_pll_goes_on_for_usb() -> None:
    """rtc_clk_cpu_freq_to_xtal(40, 1)"""
    chip, bus = power_on()
    chip.values |= {SYSCLK: ON_PLL | 0x3FF, OPTIONS: 1, DATE: 0x1021}
    chip.drivers.clock_to_crystal()
    assert chip.written(SYSCLK, OPTIONS, DATE) == [(SYSCLK, ON_PLL), (SYSCLK, 0), (DATE, 7 << 13 | 0x1021)]
    assert bus.writes == [(DIG, 4, 0xE0 | 27), (DIG, 6, 0xE0 | 27)]


def reference_bias(words: tuple[int, int], block: tuple[int, int], more: int) -> tuple[int, int]:
    """rtc_set_stored_dbias and what it calls, line by line. more: 3 at 240 MHz, 2 below."""
    word, following = words
    major, minor = block
    burnt = following >> 11 & 31
    if not ((major <= 1 and minor == 1) or major > 1 or (major == 1 and minor >= 2)) or burnt == 0:
        return 25 + more, 25 + more
    k_rtc, k_dig = word >> 13 & 127, word >> 20 & 127
    v_rtc, v_dig = ((following & 7) << 5) + (word >> 27 & 31), following >> 3 & 255
    k_rtc = -(k_rtc & 63) if k_rtc & 64 else k_rtc
    k_dig = -(k_dig & 63) if k_dig & 64 else k_dig
    v_rtc = -(v_rtc & 127) if v_rtc & 128 else v_rtc
    v_dig = -(v_dig & 127) if v_dig & 128 else v_dig
    v_rtc_20, v_dig_20 = 10181 + v_rtc * 10000 // 500, 10841 + v_dig * 10000 // 500
    for most in range(15, 32):
        if most == 31 or v_dig_20 + (211 + k_dig) * (most - 20) >= 13000:
            break
    digital = min(most, burnt + more)
    wanted = v_dig_20 + (211 + k_dig) * (digital - 20)
    for rtc in range(15, 32):
        if rtc == 31 or v_rtc_20 + (198 + k_rtc) * (rtc - 20) >= wanted - 250:
            break
    return rtc, digital


@pytest.mark.parametrize("block", [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (1, 3), (2, 0)])
@pytest.mark.parametrize(
    "words",
    [
        (0, 0),
        (0, 20 << 11),
        (0, 31 << 11),
        (5 << 13 | 9 << 20 | 12 << 27, 22 << 11 | 7 << 3 | 1),
        (0x45 << 13 | 0x49 << 20 | 0x1C << 27, 24 << 11 | 0x91 << 3 | 5),
        (0x7F << 13 | 0x3F << 20 | 0x1F << 27, 27 << 11 | 0x0F << 3 | 7),
        (0x3F << 13 | 0x7F << 20 | 0x1F << 27, 1 << 11 | 0x1F << 3 | 3),
    ],
)
def test_the_core_gets_the_voltage_that_its_speed_needs(
    words: tuple[int, int], block: tuple[int, int]
) -> None:
    chip, bus = power_on()
    chip.values |= {
        EFUSE_3: block[1] << 24,
        EFUSE_4: words[0] & 0xFFFFFFFF,
        EFUSE_5: words[1],
        EFUSE_BLOCK: 0x54 | block[0],
    }
    assert chip.drivers.clock_to_pll()
    chip.drivers.clock_to_crystal()
    word = words[0] & 0xFFFFFFFF, words[1]
    (rtc, digital), (slow_rtc, slow_digital) = (reference_bias(word, block, more) for more in (3, 2))
    assert [write for write in bus.writes if write[0] == DIG] == [
        (DIG, 13, 0xFB),  # XPD_RTC_REG
        (DIG, 13, 0xF3),  # XPD_DIG_REG
        (DIG, 4, 0xE0 | rtc),
        (DIG, 6, 0xE0 | digital),
        (DIG, 4, 0xE0 | slow_rtc),
        (DIG, 6, 0xE0 | slow_digital),
    ]


@pytest.mark.parametrize(
    ("low", "block", "revision"), [(0, (1, 1), 0), (1, (1, 1), 109), (0, (1, 2), 108), (0, (0, 1), 108)]
)
def test_the_first_chips_have_something_else_in_the_revision_s_place(
    low: int, block: tuple[int, int], revision: int
) -> None:
    chip = S3.powered()
    chip.values |= {
        EFUSE_3: low << 18 | block[1] << 24,
        EFUSE_5: 1 << 23 | 1 << 24,
        EFUSE_BLOCK: block[0],
    }
    assert boot(chip).chip.contents.revision == revision
