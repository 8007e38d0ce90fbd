"""Round and back: the camera took pictures, the pipeline trained on them, the board sees by them."""

import json
from pathlib import Path

import numpy as np

from squeezenet_lib.device.emulated_board import EmulatedBoard, Sight
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.firmware.build import build_firmware
from squeezenet_lib.frame_pixels import frame_pixels
from squeezenet_lib.images import Pixels, to_network_input
from squeezenet_lib.paths import FIRMWARE, GOLDEN, SQZ_MODEL, TFLITE_MODEL
from squeezenet_lib.sqz.header import read_header
from squeezenet_lib.sqz.program import Header
from squeezenet_lib.tflite.reference import predict_reference
from tests.pipeline.project import Project
from tests.pipeline.small_project import LIVE, PER_CLASS, scenes
from tests.pipeline.synthetic_pictures import CLASSES


def network_input(sight: Sight, header: Header) -> Pixels:
    stride = sight.width * sight.kind.pixel_bytes
    pixels = frame_pixels(sight.rows, sight.width, sight.height, stride, sight.kind, header.channels)
    return to_network_input(pixels, header.shape, header.standardise)


def test_what_the_board_sees_has_the_scores_of_the_reference(undisturbed: Project, tmp_path: Path) -> None:
    """The firmware is the flash image's, but for the board: an emulated ESP32 has no camera."""
    folder = undisturbed.folder
    sqz, tflite = (folder / SQZ_MODEL).read_bytes(), (folder / TFLITE_MODEL).read_bytes()
    assert sqz in (folder / FIRMWARE / "firmware.bin").read_bytes()
    build = build_firmware(tmp_path, "qemu", folder / SQZ_MODEL, folder / GOLDEN)
    assert build.objects == json.loads((folder / FIRMWARE / "objects.json").read_text())
    header = read_header(sqz)
    assert header.class_names == CLASSES
    answers = set()
    for sights in scenes().values():
        live = sights[PER_CLASS:]
        assert len(live) == LIVE
        board = EmulatedBoard(build.elf, sights=live)
        try:
            link = BoardLink(board)
            link.connect()
            found = [link.take().result.scores for _ in live]
        finally:
            board.close()
        expected = predict_reference(tflite, np.stack([network_input(sight, header) for sight in live]))
        assert found == [tuple(scores) for scores in expected.tolist()]
        answers |= {*found}
    assert len(answers) >= LIVE / 2, "a network that says one thing proves nothing"
