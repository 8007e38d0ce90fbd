"""Solar cells: 2,624 electroluminescence pictures, 300x300, with the probability that the cell is defective.

The pictures and their labels are read from the PyPI package elpv-dataset, whose code is not used.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from squeezenet_lib.sources.checksum import Checksum
from squeezenet_lib.sources.collection import Collection, SourcePicture
from squeezenet_lib.sources.package_index import PackageFile, fetch_package

WHEEL = PackageFile(
    "elpv-dataset",
    "1.0.0.post1",
    "elpv_dataset-1.0.0.post1-py3-none-any.whl",
    Checksum("sha256", "85e31c1126ee9b48e62d3a0232c58f58b2d189b0814a45c13642fa0415af4a4c"),
)
ADVICE = "Check the connection, or use your own pictures with download.source: folder."
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
    wheel = cache / WHEEL.file
    if not WHEEL.checksum.is_of(wheel):
        fetch_package(WHEEL, wheel, "The solar pictures", ADVICE)
    labels = read_labels(wheel)
    return Collection(
        source=f"PyPI {WHEEL.requirement} (https://github.com/zae-bayern/elpv-dataset)",
        licence=LICENCE,
        citation=CITATION,
        classes=CLASSES,
        pictures=_pictures(wheel, labels),
        origin={"package_sha256": WHEEL.checksum.digest},
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
