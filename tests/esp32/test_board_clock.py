"""The ESP32's clock against a model of its registers: the values and order that ESP-IDF's functions write.

Expectations are ESP-IDF's (commit 102122904ade): esp_hw_support/port/esp32/rtc_clk.c
(rtc_clk_cpu_freq_set_config, rtc_clk_bbpll_enable, rtc_clk_bbpll_configure, rtc_clk_cpu_freq_to_pll_mhz,
rtc_clk_cpu_freq_to_xtal), rtc_clk_init.c and esp_hal_clock/esp32/include/hal/clk_tree_ll.h. Whether the PLL
locks only a board can show.
"""

import pytest

from tests.support.register_model import Registers

CPU_PERIOD, RTC_OPTIONS, RTC_ANA_CONF = 0x3FF0003C, 0x3FF48000, 0x3FF48030
RTC_CLOCK, RTC_VOLTAGE = 0x3FF48070, 0x3FF4807C
STORE4, STORE5 = 0x3FF480B0, 0x3FF480B4
SYSCLK, XTAL_TICK, PLL_TICK = 0x3FF66000, 0x3FF66004, 0x3FF66008
ANA_CONFIG, ANA_BUS = 0x6000E044, 0x6000E010
ON_PLL = 1 << 27


@pytest.mark.parametrize(
    ("store4", "store5", "megahertz"),
    [
        (0, 0x26252625, 40),  # measured by the ROM
        (0, 0x18CB18CB, 26),
        (0x001A001A, 0x4C4B4C4B, 26),  # noted before a reset
        (0x00280028, 0x4C4B4C4B, 40),
        (0x00290029, 0x4C4B4C4B, 40),  # esp-idf's flag in bit 0
        (0x00280027, 0x26252624, 40),  # illegible
        (0, 0, 40),
    ],
)
def test_crystal_is_read_from_the_notes_of_the_rom(store4: int, store5: int, megahertz: int) -> None:
    chip = Registers()
    chip.values |= {STORE4: store4, STORE5: store5}
    assert chip.drivers.clock_crystal_mhz() == megahertz


def test_peripherals_run_on_the_crystal_or_at_80_mhz() -> None:
    chip = Registers()
    assert chip.drivers.clock_peripheral_hz(26) == 26_000_000
    chip.values[RTC_CLOCK] = ON_PLL
    assert chip.drivers.clock_peripheral_hz(26) == 80_000_000


# clk_ll_bbpll_enable, then clk_ll_bbpll_set_config: write bit 24, value << 16, register << 8, block 0x66.
RESET = [0x01180066, 0x01200166, 0x019A0466, 0x01000A66, 0x01000C66]
SETTINGS = {
    (40, 160): [0x01430B66, 0x01840966, 0x01000266, 0x01200366, 0x01C60566],
    (40, 240): [0x01C30B66, 0x01740966, 0x01000266, 0x011C0366, 0x01C60566],
    (26, 160): [0x01430B66, 0x01840966, 0x01CC0266, 0x01E00366, 0x01400566],
    (26, 240): [0x01C30B66, 0x01740966, 0x01CC0266, 0x01900366, 0x01400566],
}
CPU_PERIODS = {160: 1, 240: 2}  # clk_ll_cpu_set_freq_mhz_from_pll
# DIG_DBIAS_240M, and DIG_DBIAS_80M_160M with CONFIG_ESPTOOLPY_FLASHFREQ_80M and without (soc/rtc.h).
VOLTAGES = {(240, 40): 7, (240, 80): 7, (160, 40): 4, (160, 26): 4, (160, 80): 7}
POWER_DOWN = 1 << 6 | 1 << 8 | 1 << 10


@pytest.mark.parametrize(("crystal", "cpu"), SETTINGS)
def test_pll_is_powered_programmed_given_time_and_switched_to(crystal: int, cpu: int) -> None:
    chip = Registers()
    chip.values |= {
        ANA_CONFIG: 1 << 17 | 1,
        RTC_OPTIONS: 1 << 18 | POWER_DOWN | 1,
        RTC_CLOCK: 5,
    }
    when: dict[str, int] = {}
    chip.on_write[RTC_VOLTAGE] = lambda _: when.__setitem__("raised", chip.cycles)

    def program(value: int) -> None:
        when["programmed"] = chip.cycles
        if value == SETTINGS[crystal, cpu][0]:
            when["configured"] = chip.cycles

    chip.on_write[ANA_BUS] = program
    chip.on_write[RTC_CLOCK] = lambda _: when.__setitem__("switched", chip.cycles)
    assert chip.drivers.clock_to_pll(crystal, cpu, 40)

    assert [value for _, value in chip.written(ANA_BUS)] == [*RESET, *SETTINGS[crystal, cpu]]
    assert when["configured"] - when["raised"] >= 3 * crystal, "SOC_DELAY_PLL_DBIAS_RAISE"
    assert when["switched"] - when["programmed"] >= 80 * crystal, "SOC_DELAY_PLL_ENABLE_WITH_150K"
    assert chip.cycles - when["switched"] >= (30 + 7) * cpu, "a slow cycle and 30 us"
    assert chip.values[ANA_CONFIG] == 0x1FF << 8 | 1, "the bus reaches the PLL"
    assert chip.values[RTC_OPTIONS] == 1, "bus and PLL have power"
    assert chip.values[STORE5] == 0x4C4B4C4B
    assert chip.values[STORE4] == crystal * 0x10001
    order = [address for address, _ in chip.writes]
    assert order.index(RTC_OPTIONS) < order.index(ANA_BUS) < order.index(RTC_VOLTAGE)
    assert [write for write in chip.writes if write[0] in (CPU_PERIOD, PLL_TICK, RTC_CLOCK)] == [
        (CPU_PERIOD, CPU_PERIODS[cpu]),
        (PLL_TICK, 79),
        (RTC_CLOCK, ON_PLL | 5),
    ]


@pytest.mark.parametrize(("cpu", "flash"), VOLTAGES)
def test_the_core_gets_the_voltage_that_cpu_and_flash_need(cpu: int, flash: int) -> None:
    chip = Registers()
    chip.values[RTC_VOLTAGE] = 0xFFFFFFFF
    assert chip.drivers.clock_to_pll(40, cpu, flash)
    assert chip.values[RTC_VOLTAGE] == 0xFFFFC7FF | VOLTAGES[cpu, flash] << 11


def test_the_note_of_the_crystal_keeps_the_flag_that_silences_the_rom() -> None:
    """clk_ll_xtal_store_freq_mhz: RTC_DISABLE_ROM_LOG, bit 0 of both halves."""
    chip = Registers()
    chip.values[STORE4] = 0x00290029
    assert chip.drivers.clock_to_pll(40, 240, 40)
    assert chip.values[STORE4] == 0x00290029


def test_to_the_crystal_and_with_less_voltage() -> None:
    """rtc_clk_cpu_freq_to_xtal: divider, tick, source, note, DIG_DBIAS_XTAL. The PLL goes on."""
    chip = Registers()
    chip.values |= {SYSCLK: 0xFFF, RTC_CLOCK: ON_PLL | 5, RTC_VOLTAGE: 0xFFFFFFFF, RTC_OPTIONS: 1}
    chip.drivers.clock_to_crystal(26)
    assert chip.writes == [
        (SYSCLK, 0xC00),
        (XTAL_TICK, 25),
        (RTC_CLOCK, 5),
        (STORE5, 0x18CB18CB),
        (RTC_VOLTAGE, 0xFFFFE7FF),
    ]
    assert chip.cycles >= 7 * 26, "rtc_clk_wait_for_slow_cycle"


@pytest.mark.parametrize("other_pll_off", [True, False])
def test_a_chip_that_was_reset_on_the_pll_returns_to_the_crystal_first(other_pll_off: bool) -> None:
    """rtc_clk_init, rtc_clk_bbpll_disable: the bus goes, too, unless the audio PLL needs it."""
    chip = Registers()
    chip.values |= {RTC_CLOCK: ON_PLL | 5, RTC_ANA_CONF: other_pll_off << 23}
    chip.drivers.clock_leave_pll(26)
    assert [address for address, _ in chip.writes[:5]] == [SYSCLK, XTAL_TICK, RTC_CLOCK, STORE5, RTC_VOLTAGE]
    off = [POWER_DOWN, POWER_DOWN | 1 << 18] if other_pll_off else [POWER_DOWN]
    assert [value for _, value in chip.written(RTC_OPTIONS)] == off
    assert chip.drivers.clock_to_pll(26, 240, 40)
    assert chip.values[RTC_CLOCK] == ON_PLL | 5
    assert chip.values[RTC_OPTIONS] == 0


def test_a_chip_on_its_crystal_stays_as_it_is() -> None:
    chip = Registers()
    chip.values[RTC_CLOCK] = 5
    chip.drivers.clock_leave_pll(40)
    assert chip.writes == []


def test_the_pll_is_never_set_up_while_the_cpu_runs_on_it() -> None:
    chip = Registers()
    chip.values[RTC_CLOCK] = ON_PLL
    assert chip.drivers.clock_to_pll(40, 240, 40)
    order = [address for address, _ in chip.writes]
    assert order.index(RTC_CLOCK) < order.index(RTC_OPTIONS) < order.index(ANA_BUS)


def test_a_pll_that_does_not_answer_leaves_the_chip_on_its_crystal() -> None:
    chip = Registers(step=10_000)
    chip.on_read[ANA_BUS] = lambda: 1 << 25
    assert not chip.drivers.clock_to_pll(40, 240, 40)
    assert chip.written(CPU_PERIOD, RTC_CLOCK) == []
