"""What a board says about itself: HELLO's answer, lines `key=value`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from squeezenet_lib.device.protocol import unreadable
from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz.decision import Decision, Statistic

_CYCLES_PER_PIXEL = {"squeeze_rt": 40_000, "tflm": 320_000}
_MEGAHERTZ = 240  # of a board that does not name its clock


@dataclass(frozen=True)
class Model:
    """The model that a board answers with. crc32: as in the .sqz header. arena_bytes: of RAM.

    probabilities: whether a score is one, (score + 128) / 256; older firmware took it for granted.
    decision: how scores become an answer; None: the highest decides, as it does with older firmware.
    """

    producer: str
    bytes: int
    crc32: int
    height: int
    width: int
    channels: int
    standardise: bool
    probabilities: bool
    arena_bytes: int
    class_names: tuple[str, ...]
    decision: Decision | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of a network input: height, width, channels."""
        return self.height, self.width, self.channels


@dataclass(frozen=True)
class Hello:
    """What a board says about itself. fields: all but the classes. model: None when refused."""

    fields: dict[str, str]
    model: Model | None

    @property
    def board(self) -> str:
        return self.fields["board"]

    @property
    def safe(self) -> bool:
        """It crashed, and answers nothing else than HELLO."""
        return self.fields.get("mode") == "safe"


def inference_seconds(hello: Hello, model: Model) -> float:
    """For how long an inference is worth waiting: by the engine and the clock that the board names, more than
    the slowest network in metrics/bench.json takes.
    """
    cycles = _CYCLES_PER_PIXEL.get(hello.fields.get("engine", ""), _CYCLES_PER_PIXEL["squeeze_rt"])
    megahertz = hello.fields.get("cycles_per_us", "")
    per_microsecond = int(megahertz) if re.fullmatch(r"[1-9][0-9]{0,2}", megahertz) else _MEGAHERTZ
    return 1e-6 * cycles * model.height * model.width / per_microsecond


def usable_model(hello: Hello) -> Model:
    """The model that answers. Raises UserError when the board has none."""
    if hello.model is None:
        why = f"it crashed: {hello.fields.get('crash')}" if hello.safe else hello.fields.get("model", "none")
        raise UserError(
            f"the board has no model to run ({why}): "
            + ("press EN (reset)" if hello.safe else "run `dvc repro`, then `make flash`")
        )
    return hello.model


def read_hello(payload: bytes) -> Hello:
    """Read HELLO's answer. Raises UserError when keys that it must have are missing or no numbers."""
    pairs = [
        line.partition("=")[::2]
        for line in payload.decode("utf-8", errors="replace").split("\n")
        if "=" in line
    ]
    fields = {key: value for key, value in pairs if key != "class"}
    class_names = tuple(value for key, value in pairs if key == "class")
    try:
        if fields["board"] == "" or ("model_crc32" in fields and len(class_names) != int(fields["classes"])):
            raise ValueError("classes")
        return Hello(fields, _model(fields, class_names) if "model_crc32" in fields else None)
    except (KeyError, ValueError) as error:
        raise unreadable(f"what it says about itself ({error})") from None


def _model(fields: dict[str, str], class_names: tuple[str, ...]) -> Model:
    return Model(
        producer=fields["producer"],
        bytes=int(fields["model_bytes"]),
        crc32=int(fields["model_crc32"], 16),
        height=int(fields["height"]),
        width=int(fields["width"]),
        channels=int(fields["channels"]),
        standardise=fields["standardise"] == "1",
        probabilities=fields.get("output", "probabilities") == "probabilities",
        arena_bytes=int(fields["arena"]),
        class_names=class_names,
        decision=_decision(fields, len(class_names)),
    )


def _decision(fields: dict[str, str], classes: int) -> Decision | None:
    """What report.c prints of it, such as class_score=1:-20 and unknown=margin<12. Raises ValueError."""
    if "class_score" not in fields and "unknown" not in fields:
        return None
    index, _, score = fields.get("class_score", "").partition(":")
    name, _, threshold = fields.get("unknown", "none<0").partition("<")
    if name not in ("none", "score", "margin"):
        raise ValueError("unknown")
    found = Decision(int(index) if index else None, int(score or 0), Statistic[name.upper()], int(threshold))
    if not found.fits(classes):
        raise ValueError("class_score or unknown")
    return found
