"""The code of an ESP32-C3 and an ESP32-S3 at their addresses on QEMU's cores: scores, and what was run."""

from squeezenet_lib.device.emulator import run_pictures
from squeezenet_lib.firmware.build import EMULATED
from tests.support.small_firmware import firmware, small_model
from tests.support.usb_chips import BOTH, Chip


@BOTH
def test_pictures_come_out_as_the_reference_says(kind: Chip) -> None:
    model = small_model()
    run = run_pictures(firmware(EMULATED[kind.name]).elf, model.images[:4])
    assert run.scores.tolist() == model.expected[:4].tolist()
    assert 0 < run.stack_bytes < 8192
    assert len(set(run.instructions)) <= 4
    assert min(run.instructions) > 10_000


@BOTH
def test_objects_are_those_of_the_chip_s_image(kind: Chip) -> None:
    chip, emulated = firmware(kind.name).objects, firmware(EMULATED[kind.name]).objects
    assert chip == emulated
    assert len(chip) > 40
