"""Serial port and USB device of an ESP32-C3 and an ESP32-S3 as registers see their drivers.

Lengths, dividers and resets are those of ESP-IDF's (commit 102122904ade) esp_hal_uart/CHIP/include/hal's
uart_ll.h (uart_ll_set_baudrate, uart_ll_get_rxfifo_len, uart_ll_rxfifo_rst, uart_ll_is_tx_idle) and
esp_hal_usb/CHIP/include/hal's usb_serial_jtag_ll.h, for both chips. A computer which does not read
is waited for once: esp_driver_usb_serial_jtag/src/usb_serial_jtag_vfs.c (TX_FLUSH_TIMEOUT_US,
usb_serial_jtag_tx_char_no_driver); the ROM waits a tenth of it.
"""

import ctypes

import pytest

from tests.support.register_model import Registers
from tests.support.usb_chips import BOTH, Chip

FIFO, INT_RAW, INT_CLR, CLKDIV, STATUS = 0x60000000, 0x60000004, 0x60000010, 0x60000014, 0x6000001C
CONF0, FSM_STATUS, CLK_CONF = 0x60000020, 0x6000006C, 0x60000078
ROOM, INPUT = 1 << 1, 1 << 2


@BOTH
@pytest.mark.parametrize(
    ("baud", "divider", "before"),
    [
        (115200, 3 << 20 | 347, 1),
        (921600, 6 << 20 | 43, 1),
        (2_000_000, 20, 1),
        (9769, 9 << 20 | 4094, 1),
        (9768, 8 << 20 | 2047, 2),
        (9600, 5 << 20 | 2083, 2),
    ],
)
def test_divider_is_set_once_the_line_is_quiet(kind: Chip, baud: int, divider: int, before: int) -> None:
    chip = kind.registers()
    chip.values |= {CLK_CONF: 0x03700000 | 0xFF << 12, STATUS: 3 << 16, FSM_STATUS: 2 << 4}
    left = [3, 2, 1, 0]
    chip.on_read[STATUS] = lambda: (left.pop(0) if left else 0) << 16
    still = [2, 2, 0]
    chip.on_read[FSM_STATUS] = lambda: (still.pop(0) if still else 0) << 4
    assert chip.drivers.uart_set_baud(baud)
    assert (left, still) == ([], [])
    assert chip.written(CLKDIV, CLK_CONF) == [
        (CLKDIV, divider),
        (CLK_CONF, 0x03700000 | (before - 1) << 12),
    ]
    sixteenths = (divider & 0xFFF) * 16 + (divider >> 20)
    assert abs(40_000_000 * 16 / before / sixteenths / baud - 1) < 0.005


@BOTH
@pytest.mark.parametrize("baud", [0, 300, 9599, 2_000_001, 0xFFFFFFFF])
def test_other_speeds_are_refused(kind: Chip, baud: int) -> None:
    assert not kind.registers().drivers.uart_can_baud(baud)


@BOTH
def test_writing_waits_for_room_in_the_fifo_and_a_dead_line_ends_it(kind: Chip) -> None:
    chip = kind.registers()
    waiting, reads = 0, 0

    def status() -> int:
        nonlocal waiting, reads
        reads += 1
        if reads % 3 == 0 and waiting > 0:
            waiting -= 1
        return waiting << 16

    def accept(_: int) -> None:
        nonlocal waiting
        waiting += 1
        assert waiting <= 128

    chip.on_read[STATUS], chip.on_write[FIFO] = status, accept
    text = bytes(range(256)) * 2
    chip.drivers.uart_write(text, len(text))
    assert bytes(value for _, value in chip.written(FIFO)) == text

    dead = kind.registers(step=1_000_000)
    dead.values[STATUS] = 128 << 16
    dead.drivers.uart_write(b"abc", 3)
    assert [value for _, value in dead.written(FIFO)] == [*b"abc"]
    assert not dead.drivers.uart_drain()


def receiver(chip: Registers, held: bytes) -> bytearray:
    left = bytearray(held)
    chip.on_read[STATUS] = lambda: len(left)
    chip.on_read[FIFO] = lambda: left.pop(0)
    return left


@BOTH
@pytest.mark.parametrize(("held", "room"), [(0, 8), (5, 8), (128, 8), (128, 200)])
def test_a_read_takes_what_is_there(kind: Chip, held: int, room: int) -> None:
    chip = kind.registers()
    left = receiver(chip, bytes(range(held)))
    buffer = ctypes.create_string_buffer(200)
    count = min(held, room)
    assert chip.drivers.uart_read(buffer, room) == count
    assert buffer.raw[:count] == bytes(range(count))
    assert len(left) == held - count


@BOTH
def test_what_an_overflowed_fifo_held_is_dropped(kind: Chip) -> None:
    chip = kind.registers()
    left = receiver(chip, bytes(128))
    chip.values |= {INT_RAW: 1 << 4, CONF0: 0x1C}

    def reset(value: int) -> None:
        if value >> 17 & 1:
            left.clear()

    chip.on_write[CONF0] = reset
    chip.on_write[INT_CLR] = lambda bits: left.extend(b"next")
    buffer = ctypes.create_string_buffer(64)
    assert chip.drivers.uart_read(buffer, 64) == 4
    assert buffer.raw[:4] == b"next"
    assert chip.written(CONF0, INT_CLR) == [(CONF0, 0x1C | 1 << 17), (CONF0, 0x1C), (INT_CLR, 1 << 4)]


class Usb:
    """The device's side: 64 bytes of room, which `reads` says whether a computer empties."""

    def __init__(self, kind: Chip, chip: Registers, reads: bool) -> None:
        self.reads, self.held, self.read = reads, bytearray(), bytearray()
        chip.on_read[kind.usb_conf] = lambda: ROOM if len(self.held) < 64 else 0
        chip.on_write[kind.usb], chip.on_write[kind.usb_conf] = self.accept, self.send

    def accept(self, byte: int) -> None:
        assert len(self.held) < 64, "there was no room"
        self.held.append(byte)
        if self.reads and len(self.held) == 64:
            self.send(1)

    def send(self, value: int) -> None:
        assert value == 1, "WR_DONE"
        if self.reads:
            self.read += self.held
            self.held.clear()


@BOTH
def test_a_computer_gets_all_and_at_once(kind: Chip) -> None:
    chip = kind.registers()
    usb = Usb(kind, chip, reads=True)
    text = bytes(range(200))
    chip.drivers.usb_write(text, len(text))
    assert bytes(usb.read) == text


@BOTH
def test_nobody_who_reads_costs_50_ms_once_and_nothing_after_that(kind: Chip) -> None:
    chip = kind.registers()
    usb = Usb(kind, chip, reads=False)
    chip.drivers.usb_write(bytes(100), 100)
    assert 50_000 * kind.mhz <= chip.cycles < 50_000 * kind.mhz + 1000 + 100 * chip.step
    before = chip.cycles
    for _ in range(100):
        chip.drivers.usb_write(bytes(100), 100)
    assert chip.cycles - before <= 200 * chip.step, "each write looks once"
    assert len(usb.held) == 64

    usb.reads = True  # now somebody opens the port
    usb.send(1)
    chip.drivers.usb_write(b"again", 5)
    assert bytes(usb.read).endswith(b"again")


@BOTH
def test_input_is_taken_byte_by_byte(kind: Chip) -> None:
    chip = kind.registers()
    left = bytearray(b"0123456789")
    chip.on_read[kind.usb_conf] = lambda: INPUT if left else 0
    chip.on_read[kind.usb] = lambda: left.pop(0)
    buffer = ctypes.create_string_buffer(16)
    assert chip.drivers.usb_read(buffer, 4) == 4
    assert chip.drivers.usb_read(buffer, 16) == 6
    assert buffer.raw[:6] == b"456789"
    assert chip.drivers.usb_read(buffer, 16) == 0


@BOTH
def test_both_lines_are_written_and_heard(kind: Chip) -> None:
    chip = kind.registers(step=1000)
    usb = Usb(kind, chip, reads=True)
    chip.drivers.board_write(b"hello", 5)
    assert bytes(usb.read) == bytes(value for _, value in chip.written(FIFO)) == b"hello"
    buffer = ctypes.create_string_buffer(8)
    chip.on_read[STATUS] = lambda: 0
    assert chip.drivers.board_read(buffer, 8, 1) == 0
    assert 40_000 <= chip.cycles < 60_000, "1 ms of the crystal's clock"
    left = bytearray(b"u")
    chip.on_read[kind.usb_conf] = lambda: INPUT if left else 0
    chip.on_read[kind.usb] = lambda: left.pop(0)
    assert chip.drivers.board_read(buffer, 8, 1) == 1
    receiver(chip, b"wire")
    assert chip.drivers.board_read(buffer, 8, 1) == 4
