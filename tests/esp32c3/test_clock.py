"""The ESP32-C3's clock and voltage against a model of its registers.

Expectations are ESP-IDF's (commit 102122904ade): esp_hw_support/port/esp32c3/rtc_clk_init.c (rtc_clk_init),
rtc_clk.c (rtc_clk_bbpll_configure, rtc_clk_cpu_freq_to_pll_mhz, rtc_clk_cpu_freq_to_xtal), rtc_init.c
(set_rtc_dig_dbias), esp_hal_clock/esp32c3/include/hal/clk_tree_ll.h (clk_ll_bbpll_set_config).
Whether the PLL locks only a board can show.
"""

import pytest

from tests.support.analogue_bus import CONTROL, REACHED, AnalogueBus
from tests.support.register_model import Registers
from tests.support.usb_chips import C3, boot, said

OPTIONS, CPU_PERIOD, SYSCLK = 0x60008000, 0x600C0008, 0x600C0058
CALIBRATION, STORE5 = 0x6000E040, 0x600080BC
EFUSE_3, EFUSE_4, EFUSE_5 = 0x60008850, 0x60008854, 0x60008858
PLL, DIG = 0x66, 0x6D
POWER_DOWN = 1 << 6 | 1 << 8 | 1 << 10
ON_PLL = 1 << 10

# clk_ll_bbpll_set_config(480, 40), on registers that were 0xFF: whole writes and masks, in its order.
SETTINGS = [
    (PLL, 4, 0x6B),
    (PLL, 2, 0x50),
    (PLL, 3, 8),
    (PLL, 5, 0xF8),  # OC_DR1
    (PLL, 5, 0x88),  # OC_DR3
    (PLL, 6, 0x93),
    (PLL, 9, 0xFE),  # OC_VCO_DBIAS
    (PLL, 6, 0xA3),  # OC_DHREF_SEL
    (PLL, 6, 0x63),  # OC_DLREF_SEL
]


def power_on() -> tuple[Registers, AnalogueBus]:
    """As the ROM leaves it: the crystal, halved; everything else as it may be."""
    chip = Registers(chip="esp32c3")
    bus = AnalogueBus(chip)
    bus.values |= {(block, register): 0xFF for block in (PLL, DIG) for register in range(16)}
    chip.values |= {
        OPTIONS: POWER_DOWN | 1,
        CPU_PERIOD: 0xF0,
        SYSCLK: 1,
        CALIBRATION: 1 << 2 | 0x80,
        REACHED: 1 << 17 | 1,
    }
    return chip, bus


def test_pll_is_powered_calibrated_programmed_and_switched_to() -> None:
    chip, bus = power_on()
    chip.drivers.regi2c_enable()
    assert chip.written(REACHED) == [(REACHED, 0x3FF << 8 | 1), (REACHED, 0x1FF << 8 | 1)]
    assert chip.drivers.clock_to_pll()
    assert [write for write in bus.writes if write[0] == PLL] == SETTINGS
    assert chip.values[OPTIONS] == 1
    assert chip.values[CALIBRATION] == 0x80 | 1 << 3, "started, and never stopped"
    assert chip.values[STORE5] == 0x4C4B4C4B, "80 MHz >> 12, twice"
    order = [write for write in chip.writes if write[0] in (OPTIONS, CPU_PERIOD, CALIBRATION, SYSCLK)]
    assert order == [
        (OPTIONS, 1),
        (CPU_PERIOD, 0xF4),
        (CALIBRATION, 0x80),
        (CALIBRATION, 0x80 | 1 << 3),
        (CPU_PERIOD, 0xF5),
        (SYSCLK, 0),
        (SYSCLK, ON_PLL),
    ]
    last_setting = max(index for index, (address, _) in enumerate(chip.writes) if address == CONTROL)
    assert last_setting < chip.writes.index((CPU_PERIOD, 0xF5))


def test_a_cpu_that_a_watchdog_reset_on_the_pll_stays_there() -> None:
    chip, bus = power_on()
    chip.values[SYSCLK] = ON_PLL
    chip.drivers.regi2c_enable()
    assert chip.drivers.clock_to_pll()
    assert [write for write in bus.writes if write[0] == PLL] == []
    assert chip.written(OPTIONS, CALIBRATION) == []
    assert chip.values[SYSCLK] == ON_PLL


def test_a_bus_that_does_not_answer_leaves_the_chip_on_its_crystal() -> None:
    chip = Registers(step=10_000, chip="esp32c3")
    chip.on_read[CONTROL] = lambda: 1 << 25
    assert not chip.drivers.clock_to_pll()
    assert chip.written(CPU_PERIOD, SYSCLK) == []


def test_to_the_crystal_and_the_pll_goes_on_for_usb() -> None:
    """rtc_clk_cpu_freq_to_xtal(40, 1)"""
    chip = Registers(chip="esp32c3")
    chip.values |= {SYSCLK: ON_PLL | 0x3FF, OPTIONS: 1}
    chip.drivers.clock_to_crystal()
    assert chip.writes == [(SYSCLK, ON_PLL), (SYSCLK, 0), (STORE5, 0x26252625)]


def reference_bias(words: tuple[int, int], revision: int) -> tuple[int, int]:
    """set_rtc_dig_dbias and get_rtc_dbias_by_efuse, line by line."""
    word, following = words
    rtc, digital = 28, 28
    if revision >= 3:
        burnt = following >> 5 & 31
        if burnt != 0:
            digital = 31 if burnt + 4 > 31 else burnt + 4
            k_rtc, k_dig = word >> 7 & 127, word >> 14 & 127
            v_rtc, v_dig = word >> 21 & 255, ((following & 31) << 3) + (word >> 29 & 7)
            k_rtc = -(k_rtc & 63) if k_rtc & 64 else k_rtc
            k_dig = -(k_dig & 63) if k_dig & 64 else k_dig
            v_rtc = -(v_rtc & 127) if v_rtc & 128 else v_rtc
            v_dig = -(v_dig & 127) if v_dig & 128 else v_dig
            wanted = 10860 + v_dig * 10000 // 500 + (213 + k_dig) * (digital - 20)
            for rtc in range(15, 32):
                if rtc == 31 or 10800 + v_rtc * 10000 // 500 + (215 + k_rtc) * (rtc - 20) >= wanted - 250:
                    break
    return rtc, digital


@pytest.mark.parametrize("revision", [0, 2, 3, 4, 101])
@pytest.mark.parametrize(
    "words",
    [
        (0, 0),
        (0, 20 << 5),
        (0, 31 << 5),
        (5 << 7 | 9 << 14 | 12 << 21 | 3 << 29, 22 << 5 | 1),
        (0x45 << 7 | 0x49 << 14 | 0x8C << 21 | 5 << 29, 24 << 5 | 0x11),
        (0x7F << 7 | 0x3F << 14 | 0xFF << 21 | 7 << 29, 27 << 5 | 0x0F),
        (0x3F << 7 | 0x7F << 14 | 0x7F << 21, 1 << 5 | 0x1F),
    ],
)
def test_the_core_gets_the_voltage_that_160_mhz_need(words: tuple[int, int], revision: int) -> None:
    chip, bus = power_on()
    chip.values |= {
        EFUSE_3: (revision % 100 & 7) << 18,
        EFUSE_4: words[0] & 0xFFFFFFFF,
        EFUSE_5: words[1] | revision % 100 >> 3 << 23 | revision // 100 << 24,
    }
    chip.drivers.regi2c_enable()
    assert chip.drivers.clock_to_pll()
    rtc, digital = reference_bias(words, revision)
    assert [write for write in bus.writes if write[0] == DIG] == [
        (DIG, 13, 0xF7),  # XPD_DIG_REG
        (DIG, 13, 0xF3),  # XPD_RTC_REG
        (DIG, 4, 0xE0 | rtc),
        (DIG, 6, 0xE0 | digital),
    ]
    assert bus.writes.index((DIG, 6, 0xE0 | digital)) < bus.writes.index(SETTINGS[0])


def test_without_the_pll_it_goes_on_with_the_whole_crystal() -> None:
    chip = C3.powered()
    chip.step = 100_000
    chip.on_read[CONTROL] = lambda: 1 << 25
    report = boot(chip)
    assert (report.failed_step, report.cycles_per_microsecond) == (b"clock", 40)
    assert report.chip.contents.brownout == b"off: its threshold cannot be set"
    assert chip.values[SYSCLK] == 0
    assert said(chip).endswith("boot step=done\n")
