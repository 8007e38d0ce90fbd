"""Fetch pictures from a source into data/raw.

Reads:  data/cache/ or, what is not there: the package index (solar), a Debian package or the authors' server
        (fashion-mnist), Kaggle (intel), CaltechDATA (caltech256), an address (archive);
        download.folder (folder), download.archive (archive)
Writes: data/raw/pictures.zip, index.csv, provenance.json
Params: download
"""

import zipfile
from collections import Counter
from pathlib import Path
from typing import assert_never

from squeezenet_lib.dataset.names import shown, shown_list
from squeezenet_lib.dataset.raw_index import index_writer
from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import add_member, replace_when_done, write_json
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import DownloadParams
from squeezenet_lib.paths import CACHE, RAW
from squeezenet_lib.sources.archive import open_archive
from squeezenet_lib.sources.caltech256 import open_caltech256
from squeezenet_lib.sources.checksum import file_checksum
from squeezenet_lib.sources.collection import Collection
from squeezenet_lib.sources.fashion_mnist import open_fashion_mnist
from squeezenet_lib.sources.folder import open_folder
from squeezenet_lib.sources.intel import open_intel
from squeezenet_lib.sources.solar import open_solar
from stages.stage import run

# No more than these are told by name.
MOST_CLASSES = 20
MOST_LEFT_OUT = 5
# Of what is left out for each reason, in provenance.json.
MOST_NOTED = 100


def main() -> None:
    """Collect the pictures of the source that params.yaml names."""
    collection = open_source(load_params().download)
    with replace_when_done(RAW) as temporary:
        temporary.mkdir()
        counts = write_raw(collection, temporary)
    classes = ", ".join(f"{n} {shown(name)}" for name, n in list(counts.items())[:MOST_CLASSES])
    more = f" and {len(counts) - MOST_CLASSES} more classes" if len(counts) > MOST_CLASSES else ""
    print(f"{counts.total()} pictures: {classes}{more}")
    for why, names in by_reason(collection).items():
        print(f"left out, {why}: {len(names)} ({shown_list(names, MOST_LEFT_OUT)})")


def open_source(params: DownloadParams) -> Collection:
    """The collection of pictures that `params` asks for."""
    match params.source:
        case "solar":
            return open_solar(CACHE)
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
        case unknown:
            assert_never(unknown)


def by_reason(collection: Collection) -> dict[str, list[str]]:
    """The names of what is left out for each reason."""
    names: dict[str, list[str]] = {}
    for one in collection.left_out:
        names.setdefault(one.why, []).append(one.name)
    return names


def write_raw(collection: Collection, folder: Path) -> Counter[str]:
    """Write the three files into the existing `folder`; returns the number of pictures of each class."""
    from tqdm import tqdm

    counts = Counter(dict.fromkeys(collection.classes, 0))
    archive_path, index_path = folder / "pictures.zip", folder / "index.csv"
    with (
        zipfile.ZipFile(archive_path, "w") as archive,
        index_path.open("w", newline="", encoding="utf-8") as index_file,
    ):
        write_row = index_writer(index_file)
        for picture in tqdm(
            collection.pictures, total=collection.count, desc="download", unit="picture", mininterval=1
        ):
            add_member(archive, picture.member, picture.content, zipfile.ZIP_STORED)
            target = "" if picture.target is None else repr(picture.target)
            write_row([picture.member, picture.class_name, target, picture.stratum, picture.split])
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
        provenance["left_out"] = {
            why: {"count": len(names), "first": names[:MOST_NOTED]}
            for why, names in by_reason(collection).items()
        }
    write_json(folder / "provenance.json", provenance)
    return counts


if __name__ == "__main__":
    run(main)
