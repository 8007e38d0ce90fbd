"""Round and back: the camera takes pictures, the pipeline trains on them, the board sees by them."""

from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.device.collection import Wish, collect
from squeezenet_lib.device.emulated_board import EmulatedBoard, Sight, sights_of
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.firmware.build import build_firmware
from squeezenet_lib.frame_pixels import frame_pixels
from squeezenet_lib.images import Pixels, to_network_input
from squeezenet_lib.sqz.header import read_header
from squeezenet_lib.sqz.program import Header
from squeezenet_lib.tflite.reference import predict_reference
from tests.pipeline.project import Project, copy_project
from tests.pipeline.small_project import SMALL
from tests.pipeline.synthetic_pictures import CLASSES, CORRUPT, write_pictures
from tests.support.small_firmware import firmware, small_model

pytestmark = pytest.mark.full

PER_CLASS = 40
LIVE = 12  # pictures of each class that are classified in the end


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Sight]]:
    """What stands before the camera, by class: more than is trained on."""
    folder = tmp_path_factory.mktemp("scenes") / "scenes"
    write_pictures(folder, PER_CLASS + LIVE + 1)
    (folder / CORRUPT).unlink()
    shape = read_header(small_model().sqz.read_bytes()).shape
    return {name: sights_of(folder / name, shape) for name in CLASSES}


@pytest.fixture(scope="module")
def project(scenes: dict[str, list[Sight]], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The pipeline's results on what a board's camera took, with another model on it."""
    folder = tmp_path_factory.mktemp("round") / "project"
    for name, sights in scenes.items():
        board = EmulatedBoard(firmware("qemu").elf, sights=sights)
        try:
            link = BoardLink(board)
            assert collect(link, link.connect(), Wish(folder / "pictures", name, PER_CLASS)) == PER_CLASS
        finally:
            board.close()
    return copy_project(folder, SMALL)


def network_input(sight: Sight, header: Header) -> Pixels:
    stride = sight.width * sight.kind.pixel_bytes
    pixels = frame_pixels(sight.rows, sight.width, sight.height, stride, sight.kind, header.channels)
    return to_network_input(pixels, header.shape, header.standardise)


def test_what_the_board_sees_has_the_scores_of_the_reference(
    project: Project, scenes: dict[str, list[Sight]], tmp_path: Path
) -> None:
    models, golden = project.folder / "models", project.folder / "build/tflm/golden.bin"
    elf = build_firmware(tmp_path, "qemu", models / "model.sqz", golden).elf
    header = read_header((models / "model.sqz").read_bytes())
    assert header.class_names == CLASSES
    answers = []
    for sights in scenes.values():
        live = sights[PER_CLASS : PER_CLASS + LIVE]
        board = EmulatedBoard(elf, sights=live)
        try:
            link = BoardLink(board)
            link.connect()
            found = [link.take().result for _ in range(LIVE)]
        finally:
            board.close()
        images = np.stack([network_input(sight, header) for sight in live])
        expected = predict_reference((models / "model.tflite").read_bytes(), images)
        assert [result.scores for result in found] == [tuple(scores) for scores in expected.tolist()]
        answers += [result.scores for result in found]
    assert len(set(answers)) > LIVE, "a network that says one thing proves nothing"
