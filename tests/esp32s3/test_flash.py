"""The ESP32-S3's flash and its caches in a model of its registers and its ROM.

Expectations are ESP-IDF's (commit 102122904ade): bootloader_utility.c (set_cache_and_start_app) with
hal/esp32s3's mmu_ll.h and cache_ll.h; the ROM's functions by esp_rom/esp32s3/ld/esp32s3.rom.ld; octal flash
by efuse_ll.h (efuse_ll_get_flash_type).
"""

from tests.support.usb_chips import MMU, S3, boot, said

DISABLE_ICACHE, ENABLE_ICACHE, DISABLE_DCACHE, ENABLE_DCACHE = 0x4000186C, 0x40001878, 0x40001884, 0x40001890
DCACHE_CTRL1, NOTHING = 0x600C4004, (0,) * 6


def test_flash_is_mapped_page_by_page_while_the_caches_are_off() -> None:
    chip = S3.powered()
    chip.values[DCACHE_CTRL1] = 0x13
    boot(chip)
    entries = [(MMU + 4 * entry, entry if entry < 2 else 1 << 14) for entry in range(512)]
    rom = (DISABLE_ICACHE, DISABLE_DCACHE, ENABLE_ICACHE, ENABLE_DCACHE)
    assert chip.written(*rom, DCACHE_CTRL1, *(address for address, _ in entries)) == [
        (DISABLE_ICACHE, NOTHING),
        (DISABLE_DCACHE, NOTHING),
        *entries,
        (DCACHE_CTRL1, 0x10),
        (ENABLE_ICACHE, NOTHING),
        (ENABLE_DCACHE, NOTHING),
    ]


def test_octal_flash_is_named_as_not_supported() -> None:
    chip = S3.powered()
    chip.values[S3.efuses(0x3C)] = 1 << 9
    report = boot(chip)
    assert report.failed_step == b"flash"
    assert report.flash.contents.pins == b"octal: not supported"
    assert said(chip).endswith("boot step=done\n")


def test_flash_in_the_package_is_named() -> None:
    chip = S3.powered()
    chip.values[S3.efuses(0x50)] = 2 << 27
    assert boot(chip).flash.contents.pins == b"in-package"


def test_nothing_but_these_functions_of_the_rom_is_called() -> None:
    chip = S3.powered()
    boot(chip)
    chip.drivers.reset_chip()
    called = {address for address, _ in chip.writes if address < 0x40060000}
    assert called == {DISABLE_ICACHE, DISABLE_DCACHE, ENABLE_ICACHE, ENABLE_DCACHE, 0x40005D60, 0x40005D6C}
