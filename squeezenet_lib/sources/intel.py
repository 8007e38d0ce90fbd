"""Intel Image Classification: 17,034 photographs of landscapes and streets in 6 classes, nearly all 150x150.

Kaggle's library fetches them: it goes on with a download that an earlier run left, checks the MD5 that the
server states, and unpacks. The data set's own test pictures stay the test split; its third part, seg_pred,
has no labels and is left out.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.layout import arrange
from squeezenet_lib.sources.collection import Collection
from squeezenet_lib.sources.folder import list_folder, read_pictures

HANDLE = "puneet6060/intel-image-classification/versions/2"
PAGE = "https://www.kaggle.com/datasets/puneet6060/intel-image-classification"
LICENCE = "copyright-authors on Kaggle: data files © original authors, no permission is stated"
CITATION = "Intel Scene Classification Challenge, Analytics Vidhya; published on Kaggle by puneet6060"
CLASSES = ["buildings", "forest", "glacier", "mountain", "sea", "street"]
PICTURES = {"train": 14_034, "test": 3_000}
# A connection that breaks is taken up again at once, this often.
CONNECTIONS = 10


def open_intel(cache: Path, pictures: Mapping[str, int] = PICTURES) -> Collection:
    """All labelled pictures, their names as in the data set; train before test.

    `pictures`: the expected number of each split. The data set (360 MB) is fetched into `cache` unless it is
    there. Raises UserError when Kaggle cannot be reached, refuses or delivers something else.
    """
    folder = _fetch(cache / "kagglehub")
    listing = list_folder(folder)
    layout = arrange([*listing.files, *listing.folders], str(folder), lambda _: {})
    counts = Counter(file.split for file in layout.files)
    if counts != pictures or layout.classes != CLASSES:
        raise UserError(
            f"{folder} has {counts['train']} training and {counts['test']} test pictures in "
            f"{len(layout.classes)} classes instead of {pictures['train']} and {pictures['test']} in "
            f"{len(CLASSES)}; remove {cache / 'kagglehub'} and run again."
        )
    return Collection(
        source=f"Kaggle {HANDLE} ({PAGE})",
        licence=LICENCE,
        citation=CITATION,
        classes=CLASSES,
        pictures=read_pictures(listing, layout.files),
        count=len(layout.files),
        left_out=layout.left_out,
    )


def _fetch(cache: Path) -> Path:
    """The folder with the unpacked data set."""
    import kagglehub
    from requests.exceptions import ChunkedEncodingError

    connections = 0
    while True:
        connections += 1
        try:
            with _environment(KAGGLEHUB_CACHE=str(cache.absolute())):
                return Path(kagglehub.dataset_download(HANDLE))
        except Exception as error:  # kagglehub lets through whatever goes wrong beneath it
            if not isinstance(error, ChunkedEncodingError) or connections == CONNECTIONS:
                raise UserError(f"{PAGE} cannot be fetched: {_reason(error, cache)}.") from error


def _reason(error: Exception, cache: Path) -> str:
    """What went wrong and what to do, in words."""
    import requests
    from kagglehub.exceptions import DataCorruptionError

    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return (
            f"Kaggle refuses (HTTP status {status}); make an API token at https://www.kaggle.com/settings "
            "and store it in ~/.kaggle/access_token"
        )
    if status == 404:
        return f"Kaggle has no {HANDLE} (HTTP status 404)"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke; what came is kept, the next run goes on from there"
    if isinstance(error, DataCorruptionError):
        return "Kaggle delivers other bytes than its checksum says; run again"
    if isinstance(error, requests.RequestException):
        return f"Kaggle cannot be reached{f' (HTTP status {status})' if status else ''}; check the connection"
    words = " ".join(str(error).split()) or type(error).__name__
    return f"{words}; remove {cache} and run again"


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Set environment variables until the block ends: kagglehub takes its settings from nowhere else."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
