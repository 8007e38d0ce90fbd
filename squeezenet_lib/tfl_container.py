"""The .tfl file: a .tflite for the firmware's engine tflm, with what the application asks of a .sqz, too.

`esp32_pio/lib/tflm_rt/src/tfl_blob.h` describes the layout; this module is its twin.
"""

from __future__ import annotations

from squeezenet_lib.container_header import HEADER, TFL, packed_names, with_header
from squeezenet_lib.program import Header

ALIGNMENT = 16  # of the .tflite, and of scores and TFLM's arena in the chip's memory


def write_tfl(
    tflite: bytes,
    shape: tuple[int, int, int],
    class_names: tuple[str, ...],
    arena_bytes: int,
    standardise: bool,
    producer: str,
) -> bytes:
    """The file. shape: height, width, channels of the picture. arena_bytes: what TFLM itself needs."""
    height, width, channels = shape
    scores_offset = _align_up(height * width * channels)
    header = Header(
        arena_bytes=_align_up(scores_offset + len(class_names)) + arena_bytes,
        picture_offset=0,
        scores_offset=scores_offset,
        height=height,
        width=width,
        channels=channels,
        class_names=class_names,
        standardise=standardise,
        producer=producer,
    )
    names = packed_names(header)
    padding = bytes(-(HEADER.size + len(names)) % ALIGNMENT)
    return with_header(TFL, header, 0, 0, HEADER.size, names + padding + tflite)


def _align_up(size: int) -> int:
    return size + -size % ALIGNMENT
