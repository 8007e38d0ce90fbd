"""The detector of a weak supply of an ESP32-C3 and an ESP32-S3 against a model of their registers.

Expectations are ESP-IDF's (commit 102122904ade): esp_hal_pmu/brownout_hal.c (brownout_hal_config) with
CHIP/include/hal/brownout_ll.h of both.
"""

from tests.support.analogue_bus import AnalogueBus, RomBus
from tests.support.usb_chips import BOTH, C3, Chip

BOD = 0x61


@BOTH
def test_a_weak_supply_resets_the_chip_and_is_named(kind: Chip) -> None:
    chip = kind.registers()
    bus = AnalogueBus(chip) if kind is C3 else RomBus(chip)
    bus.values[BOD, 5] = 0xF8
    chip.values |= {kind.brown_out: 1 << 28 | 1 << 4, kind.fib_sel: 7}
    assert chip.drivers.power_brownout_on() == b"on"
    assert chip.values[kind.fib_sel] == 5
    assert bus.writes == [(BOD, 5, 0xFF)]
    assert chip.values[kind.brown_out] == 1 << 30 | 3 << 26 | 0x3FF << 16 | 3 << 14 | 2 << 4
    counting = [value >> 29 & 1 for _, value in chip.written(kind.brown_out)]
    assert counting.count(1) == 1, "the count is cleared once"
    assert [value >> 30 for _, value in chip.written(kind.brown_out)][:-1] == [0] * (len(counting) - 1)
