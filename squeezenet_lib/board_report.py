"""What a board says about itself: HELLO's answer, lines `key=value`."""

from __future__ import annotations

from dataclasses import dataclass

from squeezenet_lib.errors import UserError
from squeezenet_lib.serial_protocol import unreadable


@dataclass(frozen=True)
class Model:
    """The model that a board answers with. crc32: as in the .sqz header. arena_bytes: of RAM."""

    producer: str
    bytes: int
    crc32: int
    height: int
    width: int
    channels: int
    standardise: bool
    arena_bytes: int
    class_names: tuple[str, ...]

    @property
    def picture_bytes(self) -> int:
        return self.height * self.width * self.channels


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


def usable_model(hello: Hello) -> Model:
    """The model that answers. Raises UserError when the board has none."""
    if hello.model is None:
        why = f"it crashed: {hello.fields.get('crash')}" if hello.safe else hello.fields.get("model", "none")
        raise UserError(
            f"the board has no model to run ({why}): "
            + ("press EN (reset)" if hello.safe else "build and flash the firmware again")
        )
    return hello.model


def hello(payload: bytes) -> Hello:
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
        arena_bytes=int(fields["arena"]),
        class_names=class_names,
    )
