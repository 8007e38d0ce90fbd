"""The pipeline in small: pictures of two classes by a board's camera, a narrow network, few epochs."""

import tempfile
from pathlib import Path
from typing import Any

from squeezenet_lib.device.collection import Wish, collect
from squeezenet_lib.device.emulated_board import EmulatedBoard, Sight, sights_of
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.sqz.header import read_header
from tests.pipeline.project import Project, copy_project
from tests.pipeline.synthetic_pictures import CLASSES, write_pictures
from tests.support.small_firmware import firmware, small_model

CORRUPT = f"{CLASSES[0]}/broken.png"
PER_CLASS = 60
LIVE = 12  # that the camera sees of each class when the network is trained
SPARSITY = 0.8
SMALL: dict[str, dict[str, Any]] = {
    "download": {"source": "folder", "folder": "pictures"},
    "preprocess": {"size": 32},
    "model": {"width": 0.125},
    # Few steps: the running mean of weights would hardly leave the initial ones.
    "train": {"epochs": 12, "warmup_epochs": 1, "batch_size": 8, "weight_average": 0.0},
    "prune": {"epochs": 2, "sparsity": SPARSITY},
    "quantize": {"calibration_pictures": 20, "epochs": 1, "levels": 6},
    "emulate": {"pictures": 3},
}


def scenes() -> dict[str, list[Sight]]:
    """What stands before the camera, by class: PER_CLASS to train on, and LIVE."""
    shape = read_header(small_model().sqz.read_bytes()).shape
    with tempfile.TemporaryDirectory(prefix="scenes-") as work:
        folder = Path(work) / "scenes"
        write_pictures(folder, PER_CLASS + LIVE)
        return {name: sights_of(folder / name, shape) for name in CLASSES}


def make_small_project(folder: Path) -> Project:
    """Pictures that the emulated board takes, another network in it, and one broken file; a copy of the
    project and the results of all stages, in `folder`.
    """
    pictures = folder / "pictures"
    for name, sights in scenes().items():
        board = EmulatedBoard(firmware("qemu").elf, sights=sights)
        try:
            link = BoardLink(board)
            assert collect(link, link.connect(), Wish(pictures, name, PER_CLASS)) == PER_CLASS
        finally:
            board.close()
    whole = (pictures / CLASSES[0] / "0001.png").read_bytes()
    (pictures / CORRUPT).write_bytes(whole[: len(whole) // 2])
    return copy_project(folder, SMALL)
