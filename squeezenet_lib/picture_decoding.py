"""An archive's pictures made into network inputs by several processes, in memory that does not grow with it.

Each process opens the archive itself and writes finished inputs to their places in one file, so that the
number of processes changes nothing in it.
"""

import hashlib
import math
import multiprocessing
import os
import signal
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from squeezenet_lib.errors import UserError
from squeezenet_lib.images import Pixels, UnreadablePictureError, load_picture
from squeezenet_lib.params import PreprocessParams
from squeezenet_lib.processes import end_with_parent

# Pictures that a process takes at a time: enough to make the hand-over cheap, few enough to stop soon.
CHUNK = 16


@dataclass(frozen=True)
class DecodedPictures:
    """inputs: uint8 (N, size, size, channels), memory-mapped; zeros where a picture is unreadable.

    digests: SHA-256 of each picture's file in hexadecimal, None where it is unreadable.
    """

    inputs: Pixels
    digests: list[str | None]


def decode_pictures(
    archive: Path, members: Sequence[str], inputs: Path, params: PreprocessParams, processes: int
) -> DecodedPictures:
    """Decode `members` (one or more) of the zip file `archive` into the new file `inputs`.

    Size, channels and standardisation are those of `params`. Raises UserError when the archive is damaged or
    a process is killed, OSError when `inputs` cannot be written.
    """
    shape = (len(members), params.size, params.size, params.channels)
    with inputs.open("wb") as file:
        file.truncate(math.prod(shape))
    digests: list[str | None] = []
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _prepare_process)
    try:
        decode = partial(_decode_member, archive, inputs, params)
        # The processes that start here inherit it: Ctrl-C, which reaches all, is for this one to answer.
        with _interrupts_ignored():
            results = pool.map(decode, range(len(members)), members, chunksize=CHUNK)
        digests.extend(tqdm(results, "preprocess", len(members), unit="picture", mininterval=1))
    except BrokenProcessPool:
        raise UserError(
            f"{archive}: a process that decodes pictures was killed at {members[len(digests)]} or soon after "
            "it, most likely because memory ran out; free some and run again."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)
    return DecodedPictures(np.memmap(inputs, np.uint8, "r", shape=shape), digests)


def usable_cores() -> int:
    """The number of cores that this process may run on."""
    return len(os.sched_getaffinity(0))


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _prepare_process() -> None:
    """What a decoding process does first.

    It drops what C libraries say about damaged pictures: that would tear the progress bar. It ends when its
    parent dies, however that happens: without this it would wait for work for ever.
    """
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)
    end_with_parent()


@cache
def _opened(archive: Path) -> zipfile.ZipFile:
    """The archive, opened once in each process: reading its directory takes longer than a picture."""
    return zipfile.ZipFile(archive)


def _decode_member(
    archive: Path, inputs: Path, params: PreprocessParams, place: int, member: str
) -> str | None:
    """Write the input number `place`; returns the SHA-256 of the member, None when it is unreadable."""
    try:
        content = _opened(archive).read(member)
    except (OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"{archive} is damaged ({error}); run the download stage again.") from None
    try:
        pixels = load_picture(content, params.size, params.channels, params.standardise)
    except UnreadablePictureError:
        return None
    with inputs.open("r+b") as file:
        file.seek(place * pixels.nbytes)
        file.write(pixels.tobytes())
    return hashlib.sha256(content).hexdigest()
