"""eFuses, the flash's supply and the brownout detector as registers see their drivers.

Expectations are ESP-IDF's (commit 102122904ade): hal/esp32/efuse_hal.c and efuse_ll.h;
bootloader_common_vddsdio_configure (bootloader_support/src/bootloader_common.c) with rtc_vddsdio_get_config
(esp_hw_support/port/esp32/rtc_init.c); esp_brownout_init (esp_hw_support/power_supply/brownout.c) with
brownout_hal_config and brownout_ll.h.
"""

import pytest

from tests.support.register_model import Registers

EFUSES = [0x3FF5A000 + 4 * word for word in range(7)]
SYSCON_DATE, STRAPS = 0x3FF6607C, 0x3FF44038
SUPPLY, BROWNOUT = 0x3FF48074, 0x3FF480D4
FORCE, ENABLED, HIGH = 1 << 22, 1 << 31, 1 << 23  # of SUPPLY
EFUSE_ENABLED, EFUSE_HIGH, EFUSE_FORCE = 1 << 14, 1 << 15, 1 << 16  # of word 4
REV1, REV2, REV3 = (EFUSES[3], 1 << 15), (EFUSES[5], 1 << 20), (SYSCON_DATE, 1 << 31)


def chip_with(*bits: tuple[int, int]) -> Registers:
    chip = Registers()
    for address, value in bits:
        chip.values[address] = chip.values.get(address, 0) | value
    return chip


@pytest.mark.parametrize(
    ("bits", "revision"),
    [
        ((), 0),
        ((REV1,), 100),
        ((REV1, (EFUSES[5], 1 << 24)), 101),
        ((REV1, REV2), 200),
        ((REV1, REV2, REV3), 300),
        ((REV1, REV2, REV3, (EFUSES[5], 1 << 24)), 301),
        ((REV2,), 0),
        ((REV3,), 0),
        ((REV1, REV3), 0),
        (((EFUSES[5], 3 << 24),), 3),
    ],
)
def test_the_revision_is_put_together_from_three_places(
    bits: tuple[tuple[int, int], ...], revision: int
) -> None:
    assert chip_with(*bits).drivers.efuse_revision() == revision


@pytest.mark.parametrize("package", range(16))
def test_the_package_has_four_bits(package: int) -> None:
    chip = chip_with((EFUSES[3], (package & 7) << 9 | package >> 3 << 2))
    assert chip.drivers.efuse_package() == package


@pytest.mark.parametrize(("bits", "rated"), [(0, 240), (1 << 12, 240), (1 << 13, 240), (3 << 12, 160)])
def test_a_chip_is_rated_for_160_mhz_when_both_bits_say_so(bits: int, rated: int) -> None:
    assert chip_with((EFUSES[3], bits)).drivers.efuse_rated_mhz() == rated


@pytest.mark.parametrize(
    ("bits", "protection"),
    [
        ((), b"none"),
        (((EFUSES[0], 1 << 20),), b"flash-encryption"),
        (((EFUSES[0], 0b11 << 20),), b"none"),  # switched off again
        (((EFUSES[0], 0b111 << 20),), b"flash-encryption"),
        (((EFUSES[0], 0x7F << 20),), b"flash-encryption"),
        (((EFUSES[0], 1 << 27),), b"none"),  # UART_DOWNLOAD_DIS
        (((EFUSES[6], 1 << 4),), b"secure-boot"),
        (((EFUSES[6], 1 << 5),), b"secure-boot"),
        (((EFUSES[6], 1 << 6),), b"none"),
    ],
)
def test_what_guards_the_flash_has_a_name(bits: tuple[tuple[int, int], ...], protection: bytes) -> None:
    assert chip_with(*bits).drivers.efuse_protection() == protection


@pytest.mark.parametrize(
    ("bits", "supply"),
    [
        ((), b"3.3V"),
        (((STRAPS, 1 << 5),), b"1.8V, raised to 1.9V"),  # MTDI is high
        (((STRAPS, 1 << 5), (EFUSES[4], EFUSE_FORCE)), b"external"),
        (((STRAPS, 1 << 5), (EFUSES[4], EFUSE_FORCE | EFUSE_ENABLED | EFUSE_HIGH)), b"3.3V"),
        (((EFUSES[4], EFUSE_FORCE | EFUSE_ENABLED),), b"1.8V, raised to 1.9V"),
        (((EFUSES[4], EFUSE_ENABLED),), b"3.3V"),  # not in force
        (((SUPPLY, FORCE), (STRAPS, 1 << 5)), b"external"),
        (((SUPPLY, FORCE | ENABLED),), b"1.8V, raised to 1.9V"),  # an earlier run has raised it
        (((SUPPLY, FORCE | ENABLED | HIGH), (STRAPS, 1 << 5)), b"3.3V"),
    ],
)
def test_a_flash_of_1_8_volts_gets_a_little_more(bits: tuple[tuple[int, int], ...], supply: bytes) -> None:
    chip = chip_with(*bits)
    assert chip.drivers.power_flash_supply() == supply
    raised = [(SUPPLY, 0xFE600000)] if b"raised" in supply else []
    assert chip.writes == raised
    assert not raised or chip.cycles >= 10 * 240, "10 us until it is stable, on the PLL, too"


@pytest.mark.parametrize("revision", [(REV1,), (REV1, REV2), (REV1, REV2, REV3)])
def test_a_weak_supply_resets_the_chip(revision: tuple[tuple[int, int], ...]) -> None:
    """Threshold 0 (2.43 V, the default), reset after 0x3FF cycles, flash closed and radio off meanwhile."""
    chip = chip_with(*revision, (BROWNOUT, 0x13FF0000))
    assert chip.drivers.power_brownout_on() == b"on"
    assert chip.writes == [(BROWNOUT, 0x47FFC000)]


def test_revision_0_has_no_brownout_reset() -> None:
    """Erratum RES-3.4; ESP-IDF takes the interrupt there, which this firmware does not have."""
    chip = chip_with((BROWNOUT, 0x13FF0000))
    assert chip.drivers.power_brownout_on().startswith(b"off: ")
    assert chip.writes == []
