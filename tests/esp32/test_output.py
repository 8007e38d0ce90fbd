"""The pin that acts: when, for how long, and by which writes to the registers."""

import ctypes
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import labwired
import numpy as np
import pytest

from squeezenet_lib.device.hello import read_hello
from squeezenet_lib.device.protocol import BENCH, CLASSIFY, GOLDEN, HELLO, TAKE, frame, photograph, result
from squeezenet_lib.firmware.build import build_firmware
from squeezenet_lib.frame_pixels import FrameFormat
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.decision import Decision, Statistic
from tests.support.camera_desk import Desk, camera_desk
from tests.support.host_frame import Frame as CameraFrame
from tests.support.one_layer_model import CLASSES, one_layer_model
from tests.support.register_model import Registers
from tests.support.small_firmware import CLASSES as SMALL_CLASSES
from tests.support.small_firmware import FAST_SERIAL, small_model

MODEL = one_layer_model((32, 32, 1), False)
HOLD_MS = 100


def noise(seed: int) -> bytes:
    return np.random.default_rng(seed).integers(0, 256, 32 * 32, np.uint8).tobytes()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with camera_desk(MODEL.sqz, MODEL.golden) as desk:
        yield desk


def classified(desk: Desk, picture: bytes, silent_ms: int = 0) -> str:
    (answer,) = desk.say(frame(CLASSIFY, picture), silent_ms=silent_ms).frames
    return CLASSES[result(answer.payload).class_index]


def pictures_of_two_classes(desk: Desk) -> tuple[tuple[bytes, str], tuple[bytes, str]]:
    first = (noise(0), classified(desk, noise(0)))
    others = ((noise(seed), classified(desk, noise(seed))) for seed in range(1, 100))
    return first, next(other for other in others if other[1] != first[1])


def test_it_acts_for_its_class_and_for_a_while(desk: Desk) -> None:
    (picture, name), (other, _) = pictures_of_two_classes(desk)
    desk.want_output(name, HOLD_MS)
    classified(desk, other)
    assert desk.output() == (False, 0)
    classified(desk, picture)
    assert desk.output() == (True, 1)
    classified(desk, other, silent_ms=HOLD_MS - 10)
    assert desk.output() == (True, 1), "something else does not end it"
    desk.say(silent_ms=20)
    assert desk.output() == (False, 2)


def test_another_such_decision_begins_the_while_anew(desk: Desk) -> None:
    (picture, name), _ = pictures_of_two_classes(desk)
    desk.want_output(name, HOLD_MS)
    for _ in range(5):
        classified(desk, picture, silent_ms=HOLD_MS - 10)
    assert desk.output() == (True, 1)
    desk.say(silent_ms=20)
    assert desk.output() == (False, 2)


def test_without_a_while_it_acts_until_the_next_decision_for_something_else(desk: Desk) -> None:
    (picture, name), (other, _) = pictures_of_two_classes(desk)
    desk.want_output(name, 0)
    classified(desk, picture, silent_ms=60_000)
    classified(desk, picture, silent_ms=10)
    assert desk.output() == (True, 1)
    classified(desk, other)
    assert desk.output() == (False, 2)


def test_the_camera_s_pictures_and_the_button_s_count_too(desk: Desk) -> None:
    (picture, name), _ = pictures_of_two_classes(desk)
    desk.see(CameraFrame(picture, 32, 32, 32, FrameFormat.GREY))
    desk.want_output(name, HOLD_MS)
    (answer,) = desk.say(frame(TAKE)).frames
    assert CLASSES[photograph(answer.payload).result.class_index] == name
    assert desk.output() == (True, 1)
    desk.say(silent_ms=2 * HOLD_MS)
    desk.press()
    assert desk.output()[1] >= 3


def test_the_self_test_and_the_benchmark_decide_nothing(desk: Desk) -> None:
    for name in CLASSES:
        desk.want_output(name, HOLD_MS)
        desk.say(frame(GOLDEN), frame(BENCH, b"\2\0"))
        assert desk.output() == (False, 0)


def test_it_may_act_when_nothing_is_known() -> None:
    program = read_sqz(MODEL.sqz)
    unsure = replace(program.header, decision=Decision(None, 0, Statistic.SCORE, 127))
    sqz, _ = write_sqz(replace(program, header=unsure))
    with camera_desk(sqz, MODEL.golden) as desk:
        desk.want_output("unknown", HOLD_MS)
        desk.say(frame(CLASSIFY, noise(0)))
        assert desk.output() == (True, 1)


def test_info_tells_of_it(desk: Desk) -> None:
    (said,) = desk.say(frame(HELLO)).frames
    assert read_hello(said.payload).fields["output_pin"] == "none"
    desk.want_output("cat and dog", 2000)
    (said,) = desk.say(frame(HELLO)).frames
    assert read_hello(said.payload).fields["output_pin"] == "27 high 2000 cat and dog"


# --- by registers ---

GPIO, MUX, RTC_IO = 0x3FF44000, 0x3FF49000, 0x3FF48400
# esp_driver_gpio's gpio.c, gpio_config() and gpio_set_level(), with soc/esp32's gpio_periph.c and
# rtc_io_periph.c: the pin's register of IO_MUX, and register and bit that give its pad to the RTC, None: it
# has no such pad.
PADS = {4: (0x48, (0x94, 19)), 18: (0x70, None), 26: (0x28, (0x88, 17)), 33: (0x20, (0x8C, 18))}


def chip_with(pin: int, high: bool, chip: str = "esp32") -> Registers:
    registers = Registers(chip=chip)
    for name, value in (("image_output_pin", pin), ("image_output_high", int(high))):
        ctypes.c_uint32.in_dll(registers.drivers, name).value = value
    return registers


@pytest.mark.parametrize("pin", PADS)
@pytest.mark.parametrize("high", [True, False])
def test_an_esp32_s_pin_has_its_level_before_it_drives(pin: int, high: bool) -> None:
    chip = chip_with(pin, high)
    mux, rtc = PADS[pin]
    if rtc is not None:
        chip.values[RTC_IO + rtc[0]] = 0xFFFFFFFF
    chip.drivers.output_init()
    upper, bit = pin >= 32, 1 << pin % 32
    set_level, clear_level = (GPIO + (0x14 if upper else 0x08), bit), (GPIO + (0x18 if upper else 0x0C), bit)
    enable = (GPIO + (0x30 if upper else 0x24), bit)
    assert chip.writes[0] == (clear_level if high else set_level)
    assert chip.writes.index(enable) > chip.writes.index((GPIO + 0x530 + 4 * pin, 256))
    assert chip.writes[-1] == (MUX + mux, 2 << 12 | 2 << 10)
    if rtc is not None:
        assert chip.values[RTC_IO + rtc[0]] == 0xFFFFFFFF & ~(1 << rtc[1])
    else:
        assert all(not RTC_IO <= address < RTC_IO + 0x100 for address, _ in chip.writes)
    chip.writes.clear()
    chip.drivers.board_act(True)
    chip.drivers.board_act(False)
    assert chip.writes == ([set_level, clear_level] if high else [clear_level, set_level])


@pytest.mark.parametrize("high", [True, False])
def test_an_esp32_c3_s_pin_has_its_level_before_it_drives(high: bool) -> None:
    chip = chip_with(4, high, "esp32c3")
    chip.drivers.output_init()
    set_level, clear_level = (0x60004008, 1 << 4), (0x6000400C, 1 << 4)
    assert chip.writes == [
        clear_level if high else set_level,
        (0x60004074 + 16, 0),
        (0x60004554 + 16, 128),
        (0x60004024, 1 << 4),
        (0x60009004 + 16, 1 << 12 | 2 << 10),
    ]
    chip.writes.clear()
    chip.drivers.board_act(True)
    assert chip.writes == [set_level if high else clear_level]


# RTC_IO_TOUCH_PAD4_REG, RTC_IO_RTC_PAD21_REG and the bit MUX_SEL of both (soc/esp32s3's rtc_io_reg.h).
@pytest.mark.parametrize(("pin", "rtc_pad"), [(4, 0x60008494), (21, 0x600084D8), (38, None), (48, None)])
@pytest.mark.parametrize("high", [True, False])
def test_an_esp32_s3_s_pin_has_its_level_before_it_drives(pin: int, rtc_pad: int | None, high: bool) -> None:
    chip = chip_with(pin, high, "esp32s3")
    if rtc_pad is not None:
        chip.values[rtc_pad] = 0xFFFFFFFF
    chip.drivers.output_init()
    upper, bit = pin >= 32, 1 << pin % 32
    set_level, clear_level = (
        (0x60004014 if upper else 0x60004008, bit),
        (0x60004018 if upper else 0x6000400C, bit),
    )
    assert chip.writes == [
        clear_level if high else set_level,
        *([(rtc_pad, 0xFFF7FFFF)] if rtc_pad is not None else []),
        (0x60004074 + 4 * pin, 0),
        (0x60004554 + 4 * pin, 256),
        (0x60004030 if upper else 0x60004024, bit),
        (0x60009004 + 4 * pin, 1 << 12 | 2 << 10),
    ]
    chip.writes.clear()
    chip.drivers.board_act(True)
    chip.drivers.board_act(False)
    assert chip.writes == ([set_level, clear_level] if high else [clear_level, set_level])


@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
def test_an_image_without_such_a_pin_touches_none(chip: str) -> None:
    registers = Registers(chip=chip)
    registers.drivers.output_init()
    registers.drivers.board_act(True)
    assert registers.writes == []


@pytest.mark.full
def test_the_flashed_firmware_s_pin_acts_on_the_emulated_chip(tmp_path: Path) -> None:
    """labwired's ESP32: the button classifies the stored picture, whose class is the pin's."""
    name = SMALL_CLASSES[int(small_model().expected[0].argmax())]
    settings = replace(FAST_SERIAL, output={"pin": 27, "class": name, "active": "low", "hold_ms": 20})
    elf = build_firmware(tmp_path, "esp32", small_model().sqz, small_model().golden, settings).elf
    button = "{id: boot_button, kind: button, peripheral: gpio, pin: 0, signal: input, active_high: false}"
    chip_file = Path(labwired.__file__).parent / "configs/chips/esp32.yaml"
    system = tmp_path / "desk.yaml"
    system.write_text(f"name: desk\nchip: {chip_file}\nboard_io:\n  - {button}\n")
    with labwired.Sim(str(elf), system=str(system)) as chip:
        chip.expect(r"class=.*\n", timeout="2s")
        assert f"\noutput_pin=27 low 20 {name}\n" in chip.uart_transcript()
        assert chip.read_u32(GPIO + 0x04) & 1 << 27, "high: it does not act"
        assert chip.read_u32(GPIO + 0x20) & 1 << 27, "an output"
        chip.run_for("5ms")
        chip.set_pin("boot_button", True)
        chip.expect(r"button picture=.*\n", timeout="1s")
        assert not chip.read_u32(GPIO + 0x04) & 1 << 27
        chip.set_pin("boot_button", False)
        chip.run_for("10ms")
        assert not chip.read_u32(GPIO + 0x04) & 1 << 27
        chip.run_for("20ms")
        assert chip.read_u32(GPIO + 0x04) & 1 << 27
