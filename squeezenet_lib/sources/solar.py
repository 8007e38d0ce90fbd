"""Solar cells: 2,624 electroluminescence pictures, 300x300, with the probability that the cell is defective.

The pictures and their labels are read from the PyPI package elpv-dataset, whose code is not used.
"""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from squeezenet_lib.checksum import Checksum, file_checksum
from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.sources import Collection, SourcePicture

PACKAGE = "elpv-dataset==1.0.0.post1"
WHEEL = "elpv_dataset-1.0.0.post1-py3-none-any.whl"
CHECKSUM = Checksum("sha256", "85e31c1126ee9b48e62d3a0232c58f58b2d189b0814a45c13642fa0415af4a4c")
DATA = "elpv_dataset/data/"
LICENCE = "CC BY-NC-SA 4.0: name the authors, no commercial use, share alike"
CITATION = (
    "Buerhop-Lutz, C.; Deitsch, S.; Maier, A.; Gallwitz, F.; Berger, S.; Doll, B.; Hauch, J.; Camus, C.; "
    "Brabec, C. J.: A Benchmark for Visual Identification of Defective Solar Cells in Electroluminescence "
    "Imagery. European PV Solar Energy Conference and Exhibition, 2018. "
    "doi:10.4229/35thEUPVSEC20182018-5CV.3.15"
)
CLASSES = ["functional", "defective"]
DEFECTIVE_FROM = 0.5


def open_solar(cache: Path) -> Collection:
    """The solar cells; the package (91 MB) is fetched into `cache` unless it is there already.

    pip fetches it; from version 25.2 on it takes up a connection that breaks.

    Raises UserError when the package index cannot be reached or delivers other bytes than expected.
    """
    wheel = cache / WHEEL
    if not wheel.is_file() or file_checksum(wheel) != CHECKSUM:
        _fetch(wheel)
    labels = read_labels(wheel)
    return Collection(
        source=f"PyPI {PACKAGE} (https://github.com/zae-bayern/elpv-dataset)",
        licence=LICENCE,
        citation=CITATION,
        classes=CLASSES,
        pictures=_pictures(wheel, labels),
        origin={"package_sha256": CHECKSUM.digest},
        count=len(labels),
    )


def read_labels(wheel: Path) -> list[tuple[str, str, str]]:
    """The lines of the package's labels.csv: picture, probability of a defect, cell type.

    A line is `images/cell0001.png  1.0  mono`.
    """
    with zipfile.ZipFile(wheel) as archive:
        lines = archive.read(f"{DATA}labels.csv").decode("ascii").splitlines()
    labels = []
    for line in filter(str.strip, lines):
        member, probability, cell_type = line.split()
        labels.append((member, probability, cell_type))
    return labels


def _pictures(wheel: Path, labels: list[tuple[str, str, str]]) -> Iterator[SourcePicture]:
    with zipfile.ZipFile(wheel) as archive:
        for member, probability, cell_type in labels:
            target = float(probability)
            yield SourcePicture(
                member=member,
                class_name=CLASSES[target >= DEFECTIVE_FROM],
                content=archive.read(DATA + member),
                target=target,
                stratum=f"{target:.2f} {cell_type}",
            )


def _fetch(wheel: Path) -> None:
    with replace_when_done(wheel) as temporary:
        folder = temporary.with_suffix(".folder")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
        result = subprocess.run(  # pip shows its progress on stdout
            [*command, "--dest", str(folder), PACKAGE], stderr=subprocess.PIPE, text=True, check=False
        )
        fetched = folder / WHEEL
        try:
            if result.returncode != 0 or not fetched.is_file():
                reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise UserError(
                    f"The solar pictures ({PACKAGE}) could not be fetched from the package index: {reason} "
                    "Check the connection, or use your own pictures with download.source: folder."
                )
            if file_checksum(fetched) != CHECKSUM:
                raise UserError(f"{WHEEL} of the package index has not the {CHECKSUM}; not used.")
            fetched.rename(temporary)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
