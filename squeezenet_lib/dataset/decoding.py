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
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import NoReturn

import numpy as np
from tqdm import tqdm

from squeezenet_lib import interrupts
from squeezenet_lib.dataset.appearance import APPEARANCE, Appearances, appearance
from squeezenet_lib.dataset.names import shown
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import Pixels, UnreadablePictureError, decode, to_network_input
from squeezenet_lib.params.sections import PreprocessParams
from squeezenet_lib.processes import end_with_parent

# Pictures that a process takes at a time: enough to make the hand-over cheap, few enough to stop soon.
CHUNK = 16
# How a process ends by a fault of its own.
CRASHES = [-s for s in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)]


@dataclass(frozen=True)
class DecodedPictures:
    """inputs: uint8 (N, size, size, channels), memory-mapped; zeros where a picture is unreadable.

    digests: SHA-256 of each picture's file in hexadecimal, None where it is unreadable. appearances: of each
    picture, (N,), memory-mapped; None where they were not asked for.
    """

    inputs: Pixels
    digests: list[str | None]
    appearances: Appearances | None


@dataclass(frozen=True)
class _Work:
    """What decode_pictures is asked for. appearances: the file for them, if they are wanted."""

    archive: Path
    members: Sequence[str]
    inputs: Path
    appearances: Path | None
    params: PreprocessParams


class _DecoderCrashError(Exception):
    """A process crashed, as decoders in C may at damaged pictures."""


def decode_pictures(
    archive: Path, members: Sequence[str], inputs: Path, params: PreprocessParams, processes: int
) -> DecodedPictures:
    """Decode `members` (one or more) of the zip file `archive` into the new file `inputs`.

    Size, channels and standardisation are those of `params`; when these want near duplicates found, what the
    pictures look like goes into a second file beside `inputs`. A picture at which its decoder crashes is
    unreadable, too. Raises UserError when the archive is damaged or a process is killed, OSError when
    `inputs` cannot be written.
    """
    shape = (len(members), params.size, params.size, params.channels)
    with inputs.open("wb") as file:
        file.truncate(math.prod(shape))
    looks = inputs.with_suffix(".appearances") if params.near_duplicates == "drop" else None
    if looks:
        with looks.open("wb") as file:
            file.truncate(len(members) * APPEARANCE.itemsize)
    work = _Work(archive, members, inputs, looks, params)
    digests: list[str | None] = []
    with tqdm(total=len(members), desc="preprocess", unit="picture", mininterval=1) as bar:
        while len(digests) < len(members):
            try:
                _decode(work, digests, len(members), processes, CHUNK, bar)
            except _DecoderCrashError:
                _decode_one_by_one(work, digests, processes * CHUNK, bar)
    appearances = np.memmap(looks, APPEARANCE, "r") if looks else None
    return DecodedPictures(np.memmap(inputs, np.uint8, "r", shape=shape), digests, appearances)


def _decode_one_by_one(work: _Work, digests: list[str | None], count: int, bar: "tqdm[NoReturn]") -> None:
    """The next `count` pictures by a single process, so that the one at which it dies is known."""
    end = min(len(digests) + count, len(work.members))
    while len(digests) < end:
        try:
            _decode(work, digests, end, 1, 1, bar)
        except _DecoderCrashError:
            digests.append(None)
            bar.update()


def _decode(
    work: _Work, digests: list[str | None], end: int, processes: int, chunk: int, bar: "tqdm[NoReturn]"
) -> None:
    """Decode the pictures from number len(digests) up to `end` and append their digests in order.

    Each process takes `chunk` of them at a time. Raises _DecoderCrashError when one crashes, UserError when
    it ends otherwise.
    """
    numbers = range(len(digests), end)
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _prepare_process)
    try:
        decode_one = partial(_decode_member, replace(work, members=()))
        # All processes start here: Ctrl-C, which at a terminal reaches all, is for this one alone to answer.
        # multiprocessing's resource tracker, whose start would unblock the signal, started with the pool.
        with interrupts.held():
            results = pool.map(decode_one, numbers, work.members[numbers.start : end], chunksize=chunk)
            workers = multiprocessing.active_children()
        for digest in results:
            digests.append(digest)
            bar.update()
    except BrokenProcessPool:
        pool.shutdown()
        if any(worker.exitcode in CRASHES for worker in workers):
            raise _DecoderCrashError from None
        raise UserError(
            f"{work.archive}: a process that decodes pictures was killed at "
            f"{shown(work.members[len(digests)])} or "
            "soon after it, most likely because memory ran out; free some and run again."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def usable_cores() -> int:
    """The number of cores that this process may run on."""
    return len(os.sched_getaffinity(0))


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


def _decode_member(work: _Work, place: int, member: str) -> str | None:
    """Write the input number `place`; returns the SHA-256 of the member, None when it is unreadable."""
    params = work.params
    try:
        content = _opened(work.archive).read(member)
    except (OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"{work.archive} is damaged ({error}); run the download stage again.") from None
    try:
        pixels = decode(content)
    except UnreadablePictureError:
        return None
    shape = (params.size, params.size, params.channels)
    _put(work.inputs, place, to_network_input(pixels, shape, params.standardise).tobytes())
    if work.appearances:
        _put(work.appearances, place, appearance(pixels).tobytes())
    return hashlib.sha256(content).hexdigest()


def _put(path: Path, place: int, record: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(place * len(record))
        file.write(record)
