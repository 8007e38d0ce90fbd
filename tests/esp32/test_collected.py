"""Board, line, folder, data/processed: fifty pictures are, byte for byte, the network inputs of the chip."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from squeezenet_lib.dataset.arrays import SPLITS, load_classes, load_split
from squeezenet_lib.device.collection import Wish, collect
from squeezenet_lib.device.emulated_board import EmulatedBoard, Sight
from squeezenet_lib.device.frames import CameraSettings
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.firmware.build import build_firmware
from squeezenet_lib.frame_pixels import FrameFormat
from squeezenet_lib.images import Pixels, load_picture
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import SMALLEST_SIZE, PreprocessParams
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sources.folder import open_folder
from stages.download import write_raw
from stages.preprocess import preprocess
from tests.support.host_frame import on_chip, packed
from tests.support.visible_input import seen_input, visible_input

PARAMS = load_params(ROOT / "params.yaml").preprocess
PICTURES, CLASSES = 50, ("cat", "dog")  # by turns
ORIENTATIONS = 8


def sights() -> Iterator[Sight]:
    """Every format and many sizes, larger than the input and smaller."""
    for index in range(PICTURES):
        kind, width, height = FrameFormat(index % len(FrameFormat)), 2 * (13 + index), 21 + index
        rows = np.random.default_rng(index).integers(0, 256, width * height * kind.pixel_bytes, np.uint8)
        yield Sight(rows.tobytes(), width, height, kind)


def turned(link: BoardLink, index: int) -> None:
    """Every orientation in turn."""
    link.camera(CameraSettings(index % ORIENTATIONS, 0, 0, 0))


def processed(pictures: Path, folder: Path, params: PreprocessParams) -> dict[str, list[bytes]]:
    """Stages download and preprocess: the network inputs of each class, of all splits, sorted."""
    (folder / "raw").mkdir()
    write_raw(open_folder(pictures), folder / "raw")
    preprocess(folder / "raw", folder / "processed", params, seed=1)
    classes, found = load_classes(folder / "processed"), defaultdict(list)
    for split in (load_split(folder / "processed", name) for name in SPLITS):
        for label, image in zip(split.labels.tolist(), split.images, strict=True):
            found[classes[label]].append(image.tobytes())
    return {name: sorted(images) for name, images in found.items()}


@pytest.mark.parametrize(
    ("environment", "channels", "standardise"),
    [("qemu", 1, True), ("qemu", 3, False), ("qemu_esp32c3", 1, True)],
)
def test_fifty_collected_pictures_are_the_chip_s_network_inputs(
    tmp_path: Path, environment: str, channels: Literal[1, 3], standardise: bool
) -> None:
    """Turned in all ways; the same pictures are taken a second time, to see what the chip makes of them."""
    params = replace(PARAMS, size=SMALLEST_SIZE, channels=channels, standardise=standardise)
    shape = (params.size, params.size, channels)
    sqz, golden = visible_input(shape, standardise)
    model, golden_pictures = tmp_path / "model.sqz", tmp_path / "golden.bin"
    model.write_bytes(sqz)
    golden_pictures.write_bytes(golden)
    seen, pictures = list(sights()), tmp_path / "pictures"
    elf = build_firmware(tmp_path / "work", environment, model, golden_pictures).elf
    board = EmulatedBoard(elf, sights=seen)
    try:
        link = BoardLink(board)
        hello = link.connect()
        assert hello.fields["camera"] == "folder"
        for index in range(PICTURES):
            turned(link, index)
            wish = Wish(pictures, CLASSES[index % 2], index // 2 + 1)
            assert collect(link, hello, wish) == 1
        inputs: list[Pixels] = []
        for index in range(PICTURES):  # the camera begins anew
            turned(link, index)
            inputs.append(seen_input(link.take().result.scores, shape))
    finally:
        board.close()
    for index, (sight, chip) in enumerate(zip(seen, inputs, strict=True)):
        path = pictures / CLASSES[index % 2] / f"{index // 2 + 1:04}.png"
        assert np.array_equal(load_picture(path, shape, standardise), chip)
        rows = np.frombuffer(sight.rows, np.uint8).reshape(sight.height, sight.width, -1)
        frame = packed(rows, sight.kind, orientation=index % ORIENTATIONS)
        assert np.array_equal(on_chip(frame, shape, standardise), chip)
    expected = {
        name: sorted(chip.tobytes() for chip in inputs[place::2]) for place, name in enumerate(CLASSES)
    }
    assert processed(pictures, tmp_path, params) == expected
