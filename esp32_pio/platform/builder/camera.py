"""What a camera does, as `custom_camera` in platformio.ini says it: read, checked, and as the image holds it.

flip=no mirror=no rotate=0 warmup_frames=5 exposure=auto white_balance=auto
"""

from collections.abc import Callable
from dataclasses import dataclass

from build_error import BuildError

# frame.h's orientations, and board.h's board_camera_settings.
MIRROR, FLIP, TURN = 1, 2, 4
HALF_TURN = MIRROR | FLIP
AUTO = 0xFFFF
WHITE_BALANCES = ("auto", "sunny", "cloudy", "office", "home")
MOST_EXPOSURE, MOST_WARM_UP = 1200, 50
CHOICES = {
    "flip": ("no", "yes"),
    "mirror": ("no", "yes"),
    "rotate": ("0", "90", "180", "270"),
    "warmup_frames": tuple(map(str, range(MOST_WARM_UP + 1))),
    "exposure": ("auto", *map(str, range(MOST_EXPOSURE + 1))),
    "white_balance": WHITE_BALANCES,
}


@dataclass(frozen=True)
class Camera:
    """The words that the image holds."""

    orientation: int
    warm_up: int
    exposure: int
    white_balance: int


def read(option: Callable[..., str]) -> Camera:
    """Raises BuildError for a setting that is missing, unknown or out of range."""
    pairs = [word.partition("=")[::2] for word in option("custom_camera").split()]
    settings = dict(pairs)
    for name, choices in CHOICES.items():
        if settings.get(name) not in choices:
            shown = f"{choices[0]} to {choices[-1]}" if len(choices) > 5 else ", ".join(choices)
            raise BuildError(
                f"custom_camera in platformio.ini has {name}={settings.get(name)}; it has to be "
                f"one of {shown}"
            )
    if len(pairs) != len(CHOICES):
        raise BuildError(f"custom_camera in platformio.ini has the settings {', '.join(CHOICES)}, once each")
    exposure = settings["exposure"]
    return Camera(
        orientation=orientation(
            settings["flip"] == "yes", settings["mirror"] == "yes", int(settings["rotate"])
        ),
        warm_up=int(settings["warmup_frames"]),
        exposure=AUTO if exposure == "auto" else int(exposure),
        white_balance=WHITE_BALANCES.index(settings["white_balance"]),
    )


def orientation(flip: bool, mirror: bool, degrees: int) -> int:
    """Mirrored and flipped, then turned clockwise: half a turn is both once more."""
    sides = (MIRROR if mirror else 0) | (FLIP if flip else 0)
    return (sides ^ HALF_TURN if degrees >= 180 else sides) | (TURN if degrees % 180 else 0)
