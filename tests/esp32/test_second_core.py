"""The second core of a classic ESP32: started, parked, held and lost, as registers see it; its ROM's RAM.

Expectations are ESP-IDF's (commit 102122904ade): cpu_utility_ll.h of hal/esp32, start_other_core
(cpu_start.c), esp_restart_noos (system_internal.c); of errata CPU-3.10 and CPU-3.16 that one core reads no
register of DPORT while the other reads one of DPORT or APB. Beside ESP-IDF's steps: test_board_boot.py.
"""

import ctypes

import pytest
from elftools.elf.elffile import ELFFile

from tests.support.register_model import SECOND_ENTRY, Crash, Registers, Report
from tests.support.rom_state import flash_chip
from tests.support.small_firmware import firmware

CONTROL_A, CONTROL_B, CONTROL_C, BOOT_ADDRESS = 0x3FF0002C, 0x3FF00030, 0x3FF00034, 0x3FF00038
APP_CACHE, OPTIONS, STALL, EFUSES_3 = 0x3FF00058, 0x3FF48000, 0x3FF480AC, 0x3FF5A00C
RESET_STATE, STORES = 0x3FF48034, (0x3FF4804C, 0x3FF48050, 0x3FF48054, 0x3FF48058)
SOFTWARE = 3
UNSTALLED = [(OPTIONS, 0x40), (STALL, 5)]
STALLED = [(OPTIONS, 0x42), (STALL, 0x21 << 20 | 5)]
HELD = [(CONTROL_A, 1), (CONTROL_B, 0), (BOOT_ADDRESS, 0), *UNSTALLED]
WORK = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
# In the ROM of revision 3: from its data (memory_layout.c: rom_app_data) to the top of its stack.
ROM_WRITES = range(0x3FFE3F20, 0x3FFE7E30)


def booted(joins: bool = True) -> tuple[Registers, Report]:
    """A chip that was stalled in an earlier run, behind its board_init(). joins: its second core runs."""
    chip = flash_chip()
    chip.values |= {OPTIONS: 0x42, STALL: 0x21 << 20 | 5, RESET_STATE: SOFTWARE, APP_CACHE: 0x100}
    report = chip.drivers.board_init().contents
    chip.values |= {OPTIONS: 0x42}  # the clock has had its part
    chip.writes.clear()

    def reset(value: int) -> None:
        if value == 0 and joins:
            chip.step = 10  # the thread may need some time
            chip.drivers.model_second_core()

    chip.on_write[CONTROL_A] = reset
    return chip, report


def control(chip: Registers) -> list[tuple[int, int]]:
    return chip.written(CONTROL_A, CONTROL_B, CONTROL_C, BOOT_ADDRESS, OPTIONS, STALL)


def test_the_boot_address_is_there_before_the_release_and_none_after() -> None:
    chip, report = booted()
    assert (report.cores, report.one_core) == (1, b"the image's model is for one")
    chip.drivers.board_start_second_core()
    assert control(chip) == [
        *UNSTALLED,
        (BOOT_ADDRESS, SECOND_ENTRY),
        (CONTROL_B, 1),
        (CONTROL_C, 0),
        (CONTROL_A, 1),
        (CONTROL_A, 0),
        (BOOT_ADDRESS, 0),
        *STALLED,  # parked, until there is work
    ]
    assert (report.cores, report.one_core) == (2, None)


def test_no_register_is_read_while_the_second_core_s_rom_reads_its_boot_address() -> None:
    chip, _ = booted()
    reads: list[int] = []
    during: list[list[int]] = []
    read = chip._read

    def noting(address: int) -> int:
        reads.append(address)
        return read(address)

    chip._callbacks = (
        callback := ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32)(noting),
        *chip._callbacks,
    )
    address = ctypes.cast(callback, ctypes.c_void_p).value
    ctypes.c_void_p.in_dll(chip.drivers, "model_read").value = address
    released = chip.on_write[CONTROL_A]

    def release(value: int) -> None:
        reads.clear()
        released(value)

    chip.on_write[CONTROL_A] = release
    chip.on_write[BOOT_ADDRESS] = lambda value: during.append([] if value else reads.copy())
    chip.drivers.board_start_second_core()
    assert during == [[], []]
    assert reads, "the stall is read and written behind that"


@pytest.mark.parametrize(("joins", "flushes"), [(False, True), (True, False)])
def test_a_core_that_does_not_start_is_held(joins: bool, flushes: bool) -> None:
    chip, report = booted(joins)
    if not flushes:
        chip.on_read[APP_CACHE] = lambda: 0x100
    chip.drivers.board_start_second_core()
    assert control(chip)[-5:] == HELD
    assert chip.written(APP_CACHE)[-1] == (APP_CACHE, 0x100), "its cache is off"
    assert (report.cores, report.one_core) == (1, b"the second did not start")


def test_a_single_core_part_is_left_alone() -> None:
    chip = flash_chip()
    chip.values[EFUSES_3] |= 1
    report = chip.drivers.board_init().contents
    chip.writes.clear()
    chip.drivers.board_start_second_core()
    assert chip.writes == []
    assert (report.cores, report.one_core) == (1, b"single-core part")


@pytest.mark.parametrize(
    ("crash", "crashed", "why"),
    [
        ((1, 9, 0x40081234, 0x3FFB0001, 0), True, b"not started after a crash"),
        ((1, 0, 0x40081234, 0, 1), True, b"not started after a crash"),
        ((9, 0, 0, 0, 1), False, b"the second did not answer in an earlier run"),
    ],
)
def test_after_a_crash_or_a_silent_core_there_is_one(
    crash: tuple[int, ...], crashed: bool, why: bytes
) -> None:
    chip = flash_chip()
    chip.drivers.crash_record_write(ctypes.byref(Crash(*crash)))
    chip.values[RESET_STATE] = SOFTWARE
    report = chip.drivers.board_init().contents
    chip.writes.clear()
    chip.drivers.board_start_second_core()
    assert chip.writes == []
    assert (report.crashed, report.cores, report.one_core) == (crashed, 1, why)


def test_a_silent_core_is_held_and_on_record() -> None:
    chip, report = booted()
    chip.drivers.board_start_second_core()
    chip.writes.clear()
    chip.drivers.board_lose_second_core()
    assert control(chip) == HELD
    assert chip.writes.index((CONTROL_A, 1)) == 0, "before anything else"
    assert chip.values[STORES[0]] == 0xC4A4 << 16 | 1 << 16 | 9 << 12
    assert (report.cores, report.one_core) == (1, b"the second does not answer")


def test_it_runs_while_there_is_work_and_a_core_that_does_not_come_is_given_up() -> None:
    chip, _ = booted()
    chip.drivers.board_start_second_core()  # it has joined, and ends
    chip.writes.clear()
    chip.drivers.board_share(WORK(lambda _: None), None)
    assert chip.writes == UNSTALLED
    chip.step = 10_000
    before = chip.cycles
    assert not chip.drivers.board_meet(0)
    assert 720_000_000 <= chip.cycles - before < 720_100_000, "three seconds"
    before = chip.cycles
    assert not chip.drivers.board_share_end(), "whoever gave up once does not wait again"
    assert chip.cycles - before < 100_000
    assert chip.writes == UNSTALLED, "it is not parked, but lost"


def test_the_second_core_s_rom_overwrites_nothing_but_the_arena() -> None:
    """Where the arena is not in use yet: boot() starts that core before the RAM test."""
    with firmware("esp32").elf.open("rb") as file:
        program = ELFFile(file)
        symbols = program.get_section_by_name(".symtab")
        arena = symbols.get_symbol_by_name("image_arena")[0]["st_value"]
        assert arena <= ROM_WRITES.start
        section = next(
            s for s in program.iter_sections() if s["sh_addr"] <= arena < s["sh_addr"] + s["sh_size"]
        )
        hit = {
            symbol.name
            for symbol in symbols.iter_symbols()
            if symbol["st_size"] and symbol["st_value"] < ROM_WRITES.stop
            if symbol["st_value"] + symbol["st_size"] > ROM_WRITES.start and symbol["st_value"] >= 0x3FFAE000
        }
        assert hit <= {"image_arena"}
        assert section["sh_type"] == "SHT_NOBITS", "nothing is loaded there"
