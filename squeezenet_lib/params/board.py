"""The section pio of params.yaml: the firmware, its board, camera and pin that acts."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from unicodedata import normalize

from squeezenet_lib.params.rules import Between, Own, Whole

Engine = Literal["squeeze_rt", "tflm"]
WhiteBalance = Literal["auto", "sunny", "cloudy", "office", "home"]


class Exposure(Own):
    """auto, or lines of a camera's sensor."""

    LINES = Whole(0, 1200)

    def accepts(self, value: Any) -> bool:
        return value == "auto" or self.LINES.accepts(value)

    def words(self, kind: str) -> str:
        return f"auto or {self.LINES.words(kind)}"


class OutputPin(Own):
    """null, or a section of pin (a GPIO's number), class (a name, or unknown), active (high or low) and
    hold_ms (0: until the next decision for something else).
    """

    KEYS = ("pin", "class", "active", "hold_ms")
    MOST_MS = 3_600_000

    def accepts(self, value: Any) -> bool:
        if type(value) is not dict:
            return value is None
        return (
            set(value) == set(self.KEYS)
            and Whole(0, 48).accepts(value["pin"])
            and type(value["class"]) is str
            and value["class"] != ""
            and value["active"] in ("high", "low")
            and Whole(0, self.MOST_MS).accepts(value["hold_ms"])
        )

    def words(self, kind: str) -> str:
        return (
            "null, or a section of pin (0 to 48), class (in quotes if it is a number), active (high or low) "
            f"and hold_ms (0 to {self.MOST_MS})"
        )

    def spelled(self, value: Any) -> Any:
        return value and {**value, "class": normalize("NFC", value["class"])}


@dataclass(frozen=True)
class CameraParams:
    """What makes a camera's pictures upright: mirrored (left becomes right), flipped (top becomes bottom),
    then turned clockwise by `rotate` degrees. warmup_frames: dropped before the first picture. exposure:
    `auto` or lines of the sensor's. white_balance: `auto`, or for a light.
    """

    flip: bool
    mirror: bool
    rotate: Literal[0, 90, 180, 270]
    warmup_frames: Annotated[int, Between(0, 50)]
    exposure: Annotated[int | Literal["auto"], Exposure()]
    white_balance: WhiteBalance


# Without a camera nothing else makes sense.
USUAL_CAMERA = CameraParams(False, False, 0, 5, "auto", "auto")


@dataclass(frozen=True)
class PioParams:
    """env: PlatformIO's, what the firmware stands on. board: its pins. engine: the library that runs the
    model. light: while a picture is taken. continuous: picture after picture from the start. output: null, or
    a pin that acts when the model decides for a class. The others: how the image sits in the module's flash,
    and the speed of its serial port in baud.

    flash_mode: the quad modes are missing because the chip's ROM cannot boot in them on every flash.
    """

    env: Literal["esp32", "esp32c3", "esp32s3", "esp32cam"]
    board: Literal["ai-thinker", "t-camera-v05", "custom"]
    engine: Engine
    light: bool
    continuous: bool
    camera: CameraParams
    output: Annotated[dict[str, Any] | None, OutputPin()]
    flash_size: Literal["1MB", "2MB", "4MB", "8MB", "16MB"]
    flash_freq: Literal["20m", "26m", "40m", "80m"]
    flash_mode: Literal["dio", "dout"]
    baud_rate: Annotated[int, Between(9600, 2_000_000)]
