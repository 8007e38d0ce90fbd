"""The ESP32's serial port as registers see its driver: speed, full and overflowing FIFOs, a dead line."""

import ctypes

import pytest

from tests.register_model import Registers

UART_TX, UART_RX, UART_CLKDIV, UART_STATUS = 0x60000000, 0x3FF40000, 0x3FF40014, 0x3FF4001C
UART_INT_RAW, UART_INT_CLR, UART_MEM_RX = 0x3FF40004, 0x3FF40010, 0x3FF40060


class Uart:
    """A port whose FIFO loses one character each `pace` reads of the status."""

    def __init__(self, chip: Registers, pace: int = 3, waiting: int = 0) -> None:
        self.chip, self.pace, self.reads = chip, pace, 0
        self.waiting, self.overflowed = waiting, False
        self.sent = bytearray()
        chip.on_read[UART_STATUS] = self.status
        chip.on_write[UART_TX] = self.accept

    def status(self) -> int:
        self.reads += 1
        if self.waiting > 0 and self.reads % self.pace == 0:
            self.waiting -= 1
        sending = 0x2 if self.waiting > 0 or self.reads % self.pace else 0
        return self.waiting << 16 | sending << 24

    def accept(self, value: int) -> None:
        self.waiting += 1
        self.overflowed |= self.waiting > 128
        self.sent.append(value)


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
    """A receiver of 128 bytes whose count of them is wrong: it tells full from empty, and nothing else."""

    def __init__(self, chip: Registers, held: bytes = b"", first: int = 0) -> None:
        self.chip, self.held, self.first = chip, bytearray(held), first
        self.more = bytearray()  # one byte comes for each that is read
        chip.on_read[UART_STATUS] = lambda: 128 if len(self.held) == 128 else 0
        chip.on_read[UART_MEM_RX] = self.places
        chip.on_read[UART_RX] = self.take

    def places(self) -> int:
        return self.first % 128 << 2 | (self.first + len(self.held)) % 128 << 13

    def take(self) -> int:
        assert self.held, "the FIFO was read while empty"
        self.first += 1
        byte = self.held.pop(0)
        if self.more:
            self.held.append(self.more.pop(0))
        return byte


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
