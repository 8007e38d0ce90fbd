"""The .tfl file: a .tflite for the firmware's engine tflm, with what the application asks of a .sqz, too.

`esp32_pio/lib/tflm_rt/src/tfl_blob.h` describes the layout; this module is its twin.
"""

from __future__ import annotations

from squeezenet_lib.sqz.header import (
    HEADER,
    TFL,
    packed_decision,
    packed_display_names,
    packed_names,
    with_header,
)
from squeezenet_lib.sqz.program import Header, ModelFacts
from squeezenet_lib.version import version

ALIGNMENT = 16  # of the .tflite, and of scores and TFLM's arena in the chip's memory


def write_tfl(
    tflite: bytes,
    shape: tuple[int, int, int],
    facts: ModelFacts,
    arena_bytes: int,
    probabilities: bool,
) -> bytes:
    """The file. shape: height, width, channels of the picture. arena_bytes: what TFLM itself needs.

    probabilities: whether the .tflite's output is. Raises ValueError when the facts name no classes.
    """
    height, width, channels = shape
    class_names = facts.class_names
    if not class_names:
        raise ValueError("the classes of a .tfl have names")
    scores_offset = _align_up(height * width * channels)
    header = Header(
        arena_bytes=_align_up(scores_offset + len(class_names)) + arena_bytes,
        picture_offset=0,
        scores_offset=scores_offset,
        height=height,
        width=width,
        channels=channels,
        class_names=class_names,
        standardise=facts.standardise,
        probabilities=probabilities,
        producer=facts.producer or version(),
        decision=facts.decision,
    )
    front = packed_decision(header) + packed_display_names(header)
    names = front + packed_names(header)
    padding = bytes(-(HEADER.size + len(names)) % ALIGNMENT)
    return with_header(TFL, header, 0, 0, HEADER.size + len(front), names + padding + tflite)


def _align_up(size: int) -> int:
    return size + -size % ALIGNMENT
