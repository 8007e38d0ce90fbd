"""The ESP32-C3's cache in a model of its registers.

Its order is that of the ROM (api1-20210207: 0x400513E8, 0x40051436) and of ESP-IDF's set_cache_and_start_app
(bootloader_utility.c), with hal/esp32c3's mmu_ll.h.
"""

import pytest

from tests.support.usb_chips import C3, MMU, boot, said

CACHE, CACHE_SHUT, SYNC, SYNC_ADDRESS, SYNC_SIZE = 0x600C4000, 0x600C4004, 0x600C4028, 0x600C402C, 0x600C4030
PRELOAD, CACHE_STATE = 0x600C4034, 0x600C40B0


def test_flash_is_mapped_page_by_page_while_the_cache_is_off() -> None:
    chip = C3.powered()
    chip.values[CACHE_SHUT] = 3
    boot(chip)
    entries = [(MMU + 4 * entry, entry if entry < 2 else 0x100) for entry in range(128)]
    watched = (CACHE, SYNC_ADDRESS, SYNC_SIZE, SYNC, CACHE_SHUT, *(address for address, _ in entries))
    assert chip.written(*watched) == [
        (CACHE, 0),
        (SYNC_ADDRESS, 0),
        (SYNC_SIZE, 0),
        (SYNC, 1),
        *entries,
        (CACHE_SHUT, 0),
        (CACHE, 1),
    ]


@pytest.mark.parametrize("stuck", [PRELOAD, SYNC, CACHE_STATE])
def test_a_cache_that_does_not_answer_is_reported_and_passed_over(stuck: int) -> None:
    chip = C3.powered()
    chip.step = 100_000
    chip.values[stuck] = 0
    chip.on_write[SYNC] = lambda value: chip.values.__setitem__(SYNC, 0 if stuck == SYNC else 2)
    report = boot(chip)
    assert report.failed_step == b"flash"
    assert said(chip).endswith("boot step=done\n")
