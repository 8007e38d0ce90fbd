"""The ESP32's serial port as registers see its driver: speed, full and overflowing FIFOs, a dead line.

Lengths and reads are those of ESP-IDF's esp_hal_uart/esp32/include/hal/uart_ll.h (uart_ll_get_rxfifo_len,
uart_ll_read_rxfifo, uart_ll_rxfifo_rst); the FIFO misbehaves as the errata CPU-3.16 and UART-3.17 say.
"""

import ctypes

import pytest

from tests.support.register_model import Registers
from tests.support.uart_model import UART_STATUS, UART_TX, Uart

UART_RX, UART_CLKDIV = 0x3FF40000, 0x3FF40014
UART_INT_RAW, UART_INT_CLR, UART_MEM_RX = 0x3FF40004, 0x3FF40010, 0x3FF40060


@pytest.mark.parametrize(
    ("clock_hz", "baud", "divider"),
    [
        (80_000_000, 115200, 0x7002B6),
        (80_000_000, 921600, 0xC00056),
        (40_000_000, 115200, 0x30015B),
        (26_000_000, 115200, 0xB000E1),
        (80_000_000, 2_000_000, 0x000028),
        (80_000_000, 9600, 0x50208D),
    ],
)
def test_divider_is_set_once_the_line_is_quiet(clock_hz: int, baud: int, divider: int) -> None:
    chip = Registers()
    uart = Uart(chip, waiting=20)
    at_write: list[tuple[int, int]] = []
    chip.on_write[UART_CLKDIV] = lambda _: at_write.append((uart.waiting, chip.values[UART_STATUS] >> 24))
    assert chip.drivers.uart_set_baud(clock_hz, baud)
    assert chip.written(UART_CLKDIV) == [(UART_CLKDIV, divider)]
    assert at_write == [(0, 0)], "the divider changed while a character was being sent"


@pytest.mark.parametrize("clock_hz", [26_000_000, 40_000_000, 80_000_000])
def test_every_speed_that_can_be_set_is_met_to_within_half_a_percent(clock_hz: int) -> None:
    chip = Registers()
    for baud in (
        9600,
        9601,
        19200,
        57600,
        115_200,
        250_000,
        460_800,
        921_600,
        1_843_201,
        1_999_999,
        2_000_000,
    ):
        assert chip.drivers.uart_can_baud(baud)
        chip.drivers.uart_set_baud(clock_hz, baud)
        whole, sixteenths = chip.values[UART_CLKDIV] & 0xFFFFF, chip.values[UART_CLKDIV] >> 20
        assert abs(clock_hz / (whole + sixteenths / 16) / baud - 1) < 0.005


@pytest.mark.parametrize("baud", [0, 1, 300, 9599, 2_000_001, 0xFFFFFFFF])
def test_other_speeds_are_refused(baud: int) -> None:
    assert not Registers().drivers.uart_can_baud(baud)


def test_a_line_that_never_drains_is_reported_and_passed_over() -> None:
    chip = Registers(step=100_000)
    chip.values[UART_STATUS] = 5 << 16
    assert not chip.drivers.uart_set_baud(80_000_000, 115200)
    assert chip.written(UART_CLKDIV) == [(UART_CLKDIV, 0x7002B6)]


def test_writing_waits_for_room_in_the_fifo() -> None:
    chip = Registers()
    uart = Uart(chip)
    text = bytes(range(256)) * 2
    chip.drivers.uart_write(text, len(text))
    assert bytes(uart.sent) == text
    assert not uart.overflowed


def test_writing_to_a_dead_line_ends() -> None:
    chip = Registers(step=1_000_000)
    chip.values[UART_STATUS] = 128 << 16
    chip.drivers.uart_write(b"abc", 3)
    assert [value for _, value in chip.written(UART_TX)] == [*b"abc"]


class Fifo:
    """A receiver of 128 bytes as the errata describe it.

    UART-3.17: its count of bytes is wrong, it only tells full from empty. CPU-3.16: its read pointer moves
    late, so that a read or a look at the places before the pause of seven nops sees the byte before.
    """

    def __init__(self, chip: Registers, held: bytes = b"", first: int = 0) -> None:
        self.chip, self.held, self.first = chip, bytearray(held), first
        self.more = bytearray()  # one byte comes for each that is read
        self.moving = False  # the pointer is on its way
        chip.on_read[UART_STATUS] = lambda: 128 if len(self.held) == 128 else 0
        chip.on_read[UART_MEM_RX] = self.places
        chip.on_read[UART_RX] = self.take
        chip.on_pause = self.move

    def places(self) -> int:
        """MEM_RX_STATUS: bits 12:2 read, bits 23:13 written (uart_reg.h)."""
        assert not self.moving, "the places were looked at right after a read"
        return self.first % 128 << 2 | (self.first + len(self.held)) % 128 << 13

    def take(self) -> int:
        assert not self.moving, "two reads without a pause between them: the second sees the first one's byte"
        assert self.held, "the FIFO was read while empty"
        self.moving = True
        return self.held[0]

    def move(self) -> None:
        assert self.moving
        self.moving = False
        self.first += 1
        self.held.pop(0)
        if self.more:
            self.held.append(self.more.pop(0))


def test_reading_ends_with_what_has_come() -> None:
    chip = Registers(step=10)
    fifo = Fifo(chip)

    def later() -> int:  # three bytes after 300 cycles, then silence
        if chip.cycles >= 300 and not (fifo.first or fifo.held):
            fifo.held += b"abc"
        return fifo.places()

    chip.on_read[UART_MEM_RX] = later
    buffer = ctypes.create_string_buffer(8)
    assert chip.drivers.uart_read(buffer, 8, 400) == 3
    assert buffer.raw == b"abc\0\0\0\0\0"
    assert 300 <= chip.cycles < 400, "it waited for more"
    assert chip.drivers.uart_read(buffer, 8, 400) == 0
    assert 700 <= chip.cycles < 800


@pytest.mark.parametrize("first", [0, 1, 100, 127])
@pytest.mark.parametrize("count", [0, 1, 28, 127, 128])
def test_bytes_are_found_by_the_places_in_the_fifo(first: int, count: int) -> None:
    chip = Registers()
    sent = bytes(range(count))
    Fifo(chip, sent, first)
    buffer = ctypes.create_string_buffer(200)
    assert chip.drivers.uart_read(buffer, 200, 1000) == count
    assert buffer.raw[:count] == sent


@pytest.mark.parametrize("room", [1, 27, 128])
def test_a_read_takes_as_many_as_there_were_when_it_looked(room: int) -> None:
    """uart_ll_get_rxfifo_len once, then so many reads: more may come meanwhile, and is left for the next."""
    chip = Registers()
    fifo = Fifo(chip, bytes(range(100)), first=77)
    fifo.more = bytearray(range(100, 150))
    buffer = ctypes.create_string_buffer(200)
    looks = 0

    def look() -> int:
        nonlocal looks
        looks += 1
        return fifo.places()

    chip.on_read[UART_MEM_RX] = look
    assert chip.drivers.uart_read(buffer, room, 1000) == min(room, 100)
    assert buffer.raw[: min(room, 100)] == bytes(range(min(room, 100)))
    assert looks == 1


def test_reading_goes_on_after_an_overflow() -> None:
    chip = Registers()
    fifo = Fifo(chip, bytes(128))
    chip.values[UART_INT_RAW] = 1 << 4

    def clear(bits: int) -> None:
        chip.values[UART_INT_RAW] &= ~bits
        fifo.held += b"next"

    chip.on_write[UART_INT_CLR] = clear
    buffer = ctypes.create_string_buffer(64)
    assert chip.drivers.uart_read(buffer, 64, 1000) == 4
    assert buffer.raw[:4] == b"next"
    assert chip.written(UART_INT_CLR) == [(UART_INT_CLR, 1 << 4)], "no other condition is cleared"


def test_an_overflow_that_goes_on_does_not_stick() -> None:
    chip = Registers()
    fifo = Fifo(chip, bytes(128))
    fifo.more = bytearray(10_000)
    chip.values[UART_INT_RAW] = 1 << 4
    buffer = ctypes.create_string_buffer(64)
    assert chip.drivers.uart_read(buffer, 64, 1000) == 64
    assert 10_000 - len(fifo.more) == 256 + 64
