"""I2C and the display's controller as registers see their drivers: what is sent, and no endless wait."""

from collections.abc import Iterable

import pytest

from tests.support.oled import Oled
from tests.support.register_model import Registers

DONE, REFUSED, STUCK = range(3)  # i2c_result of esp32/i2c.h
CLOCK_ENABLE, RESET_ENABLE = 0x3FF000C0, 0x3FF000C4
GPIO_OUT_SET, GPIO_OUT_CLEAR, GPIO_IN = 0x3FF44008, 0x3FF4400C, 0x3FF4403C
OUT_SDA, OUT_SCL = 0x3FF44584, 0x3FF44588
I2C, I2C_END = 0x3FF53000, 0x3FF53100
CTR, FIFO_CONF, INT_RAW, INT_CLR, COMMAND0 = 0x3FF53004, 0x3FF53018, 0x3FF53020, 0x3FF53024, 0x3FF53058
FIFO = 0x6001301C
SDA, SCL = 1 << 21, 1 << 22
STOP = 3 << 11  # a command of the controller's
FOUR_MS = 960_000  # cycles
PICTURE = bytes((i * 7 + i // 128) & 0xFF for i in range(1024))


class Bus:
    """The controller and what hangs on its lines. `answer` gives the interrupt bits at a transfer's end."""

    def __init__(self, chip: Registers, oled: Oled | None = None) -> None:
        self.chip, self.oled = chip, oled
        self.fifo = bytearray()
        self.transfers: list[bytes] = []
        self.stops = 0  # that were asked for on their own
        self.holding = 0  # clock pulses that a device holds SDA low for
        self.pulses = 0
        self.answer = self.acknowledge
        self.scl = True
        chip.on_write[FIFO] = self.fifo.append
        chip.on_write[FIFO_CONF] = lambda value: self.fifo.clear() if value & 1 << 13 else None
        chip.on_write[INT_CLR] = lambda bits: self.raw(chip.values.get(INT_RAW, 0) & ~bits)
        chip.on_write[CTR] = lambda value: self.run() if value & 1 << 5 else None
        chip.on_write[GPIO_OUT_SET] = lambda bits: self.clock(True) if bits & SCL else None
        chip.on_write[GPIO_OUT_CLEAR] = lambda bits: self.clock(False) if bits & SCL else None
        chip.on_read[GPIO_IN] = lambda: (SCL if self.scl else 0) | (0 if self.holding else SDA)

    def raw(self, bits: int) -> None:
        self.chip.values[INT_RAW] = bits

    def clock(self, high: bool) -> None:
        if high and not self.scl:
            self.pulses += 1
            self.holding = max(0, self.holding - 1)
        self.scl = high

    def run(self) -> None:
        assert self.chip.values[OUT_SDA] == 30, "the controller has the line"
        assert self.chip.values[OUT_SCL] == 29
        self.chip.values[CTR] &= ~(1 << 5)
        if self.chip.values[COMMAND0] == STOP:
            self.stops += 1
            self.raw(1 << 7)
            return
        count = self.chip.values[COMMAND0 + 4] & 0xFF
        commands = [self.chip.values[COMMAND0 + 4 * i] for i in range(3)]
        assert commands == [0, 1 << 11 | 1 << 8 | count, STOP], "start, write and look for the answer, stop"
        assert len(self.fifo) == count <= 32
        self.raw(self.answer(bytes(self.fifo)))

    def acknowledge(self, content: bytes) -> int:
        self.transfers.append(content)
        if self.oled is None or content[0] != 0x3C << 1:
            return 1 << 10 | 1 << 7
        self.oled.receive(content[1:])
        return 1 << 7


def show(chip: Registers, picture: bytes = PICTURE) -> bool:
    shown: bool = chip.drivers.ssd1306_show(picture)
    return shown


# --- the controller ---


def test_a_transfer_goes_out_whole() -> None:
    chip = Registers()
    bus = Bus(chip)
    assert chip.drivers.i2c_init(80_000_000)
    for count in (0, 1, 31):
        assert chip.drivers.i2c_write(0x55, bytes(range(count)), count) == REFUSED
        assert bus.transfers.pop() == bytes([0xAA, *range(count)])


@pytest.mark.parametrize(
    ("clock_hz", "timing"),
    [
        (
            80_000_000,
            {0x00: 99, 0x38: 92, 0x30: 50, 0x34: 50, 0x0C: 2000}
            | dict.fromkeys((0x40, 0x44, 0x48, 0x4C), 100),
        ),
        (
            40_000_000,
            {0x00: 49, 0x38: 42, 0x30: 25, 0x34: 25, 0x0C: 1000}
            | dict.fromkeys((0x40, 0x44, 0x48, 0x4C), 50),
        ),
        (
            26_000_000,
            {0x00: 31, 0x38: 24, 0x30: 16, 0x34: 16, 0x0C: 640} | dict.fromkeys((0x40, 0x44, 0x48, 0x4C), 32),
        ),
    ],
)
def test_400_khz_come_from_any_clock(clock_hz: int, timing: dict[int, int]) -> None:
    chip = Registers()
    Bus(chip)
    assert chip.drivers.i2c_init(clock_hz)
    assert {offset: chip.values[I2C + offset] for offset in timing} == timing
    # i2c_ll_master_set_bus_timing: with its filter on, as after a reset, the controller adds 8.
    assert clock_hz / (timing[0x00] + 1 + timing[0x38] + 8) == pytest.approx(400_000, rel=0.02)


def test_the_controller_is_reset_before_it_is_set_up_and_gets_its_pins_last() -> None:
    chip = Registers()
    chip.values |= {CLOCK_ENABLE: 1, RESET_ENABLE: 1}
    Bus(chip)
    assert chip.drivers.i2c_init(80_000_000)
    assert chip.written(CLOCK_ENABLE, RESET_ENABLE) == [
        (CLOCK_ENABLE, 1 << 7 | 1),
        (RESET_ENABLE, 1 << 7 | 1),
        (RESET_ENABLE, 1),
    ]
    order = [address for address, _ in chip.writes]
    set_up = [at for at, address in enumerate(order) if I2C <= address < I2C_END]
    assert order.index(CLOCK_ENABLE) < order.index(RESET_ENABLE) < set_up[0]
    assert max(set_up) < max(at for at, address in enumerate(order) if address in (OUT_SDA, OUT_SCL))
    assert chip.values[CTR] == 0x113
    assert [chip.values[pad] for pad in (0x3FF4907C, 0x3FF49080)] == [0x2B00] * 2, "pull-ups on"
    assert [chip.values[pin] for pin in (0x3FF440DC, 0x3FF440E0)] == [4] * 2, "open drain"
    assert [chip.values[select] for select in (0x3FF441A8, 0x3FF441A4)] == [21 | 1 << 7, 22 | 1 << 7]


@pytest.mark.parametrize("held", [1, 5, 9])
def test_a_device_left_in_the_middle_of_a_byte_is_clocked_out_of_it(held: int) -> None:
    chip = Registers()
    bus = Bus(chip)
    bus.holding = held
    assert chip.drivers.i2c_init(80_000_000)
    assert bus.pulses == held
    sda = [(address, value) for address, value in chip.written(GPIO_OUT_SET, GPIO_OUT_CLEAR) if value == SDA]
    assert sda == [(GPIO_OUT_CLEAR, SDA), (GPIO_OUT_SET, SDA)], "a stop, while SCL is high"


def test_a_line_that_is_held_for_ever_is_reported() -> None:
    chip = Registers(step=1000)
    bus = Bus(chip)
    bus.holding = 1_000_000
    assert not chip.drivers.i2c_init(80_000_000)
    assert bus.pulses == 9


@pytest.mark.parametrize(
    ("raw", "result"),
    [
        (1 << 7, DONE),
        (1 << 10, REFUSED),
        (1 << 10 | 1 << 7, REFUSED),
        (1 << 8, STUCK),
        (1 << 8 | 1 << 7, STUCK),
        (1 << 5, STUCK),
    ],
)
def test_how_a_transfer_ends_is_told_apart(raw: int, result: int) -> None:
    chip = Registers()
    bus = Bus(chip)
    assert chip.drivers.i2c_init(80_000_000)
    bus.answer = lambda _: raw
    assert chip.drivers.i2c_write(0x3C, b"x", 1) == result
    assert bus.stops == (result == REFUSED), "i2c_master.c: after a NACK the bus is given back by a stop"
    bus.answer = lambda _: 1 << 7
    assert chip.drivers.i2c_write(0x3C, b"x", 1) == DONE, "what the one before left is cleared"


def test_a_transfer_that_does_not_end_is_given_up_after_4_ms() -> None:
    chip = Registers(step=1000)
    bus = Bus(chip)
    assert chip.drivers.i2c_init(80_000_000)
    bus.answer = lambda _: 0
    before = chip.cycles
    assert chip.drivers.i2c_write(0x3C, b"x", 1) == STUCK
    assert FOUR_MS <= chip.cycles - before < FOUR_MS + 10_000


# --- the display ---


def test_a_picture_arrives_whole_and_only_then_the_display_is_lit() -> None:
    chip = Registers()
    oled = Oled()
    bus = Bus(chip, oled)
    assert chip.drivers.ssd1306_init(80_000_000) == DONE
    lit = []

    def watch(content: bytes) -> int:
        lit.append(oled.on)
        return bus.acknowledge(content)

    bus.answer = watch
    assert show(chip)
    assert bytes(oled.memory) == PICTURE
    assert oled.on
    assert not any(lit), "noise was shown"
    assert show(chip, bytes(1024))
    assert bytes(oled.memory) == bytes(1024)
    assert oled.on


def test_the_panel_is_set_up_for_64_rows_and_its_own_charge_pump() -> None:
    chip = Registers()
    oled = Oled()
    Bus(chip, oled)
    assert chip.drivers.ssd1306_init(80_000_000) == DONE
    assert {command: oled.settings[command] for command in (0x8D, 0xA8, 0xD3, 0xDA)} == {
        0x8D: b"\x14",
        0xA8: b"\x3f",
        0xD3: b"\x00",
        0xDA: b"\x12",
    }
    assert {0x40, 0xA1, 0xA4, 0xA6, 0xAE, 0xC8} <= oled.settings.keys()


def test_no_display_is_noticed_by_one_transfer() -> None:
    chip = Registers()
    bus = Bus(chip)
    assert chip.drivers.ssd1306_init(80_000_000) == REFUSED
    assert len(bus.transfers) == 1


def test_a_held_line_is_no_display_either() -> None:
    chip = Registers(step=1000)
    bus = Bus(chip, Oled())
    bus.holding = 1_000_000
    assert chip.drivers.ssd1306_init(80_000_000) == STUCK
    assert bus.transfers == []


def answers(bus: Bus, raws: Iterable[int | None]) -> None:
    """How the next transfers end; None: well."""
    rest = iter(raws)

    def answer(content: bytes) -> int:
        raw = next(rest, None)
        return bus.acknowledge(content) if raw is None else raw

    bus.answer = answer


@pytest.mark.parametrize("raw", [0, 1 << 8, 1 << 10])
@pytest.mark.parametrize("after", [0, 1, 40, 65])
def test_a_display_that_dies_is_given_up_after_three_pictures(raw: int, after: int) -> None:
    chip = Registers(step=1000)
    bus = Bus(chip, Oled())
    assert chip.drivers.ssd1306_init(80_000_000) == DONE
    answers(bus, [None] * after + [raw] * 1000)
    before = chip.cycles
    assert [show(chip) for _ in range(3)] == [True, True, False]
    # Each time one transfer, and the bus is cleared: some microseconds.
    assert chip.cycles - before < 3 * (FOUR_MS + 100_000) + after * 10_000
    chip.writes.clear()
    assert not show(chip)
    assert chip.writes == [], "nothing more is sent"


def test_a_disturbed_picture_is_followed_by_a_whole_one() -> None:
    chip = Registers(step=1000)
    oled = Oled()
    bus = Bus(chip, oled)
    assert chip.drivers.ssd1306_init(80_000_000) == DONE
    for _ in range(5):  # two failures in a row are forgiven, each time
        answers(bus, [None] * 20 + [1 << 10] + [None] * 30 + [1 << 8])
        assert [show(chip), show(chip), show(chip)] == [True] * 3
        assert bytes(oled.memory) == PICTURE
