"""What to do about what a board says of itself. The web page gets the same table, for site/src/advice.ts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """key: of the board's report. pattern: a regular expression, the same to JavaScript, that is found in the
    key's value where the rule applies. sentence: {key} in it stands for the value of any key.
    """

    key: str
    pattern: str
    sentence: str


_CORRUPT = (
    "The flash does not read back as the build wrote it: write the firmware again, and with a slower "
    "pio.flash_freq when that does not help."
)

RULES = (
    Rule(
        "flash_timing",
        r"^(?!standard$)",
        "The flash misreads with the standard timing, and the boot found another that works ({flash_freq} "
        "MHz, {flash_dummy} extra cycles): please report this board, and set a slower pio.flash_freq.",
    ),
    Rule(
        "flash_size",
        r"the image is built for",
        "The flash is smaller than it should be ({flash_size}): set pio.flash_size to what it holds, then "
        "build and flash again.",
    ),
    Rule("flash_model", r"^corrupt$", _CORRUPT),
    Rule("flash_golden", r"^corrupt$", _CORRUPT),
    Rule(
        "protection",
        r"^(?!none$)",
        "The chip's eFuses turn on {protection}: use another board, for a plain image like this one is not "
        "meant to start on it.",
    ),
    Rule(
        "cores",
        r"the second d",
        "The second core does not work ({cores}), and the first does all of it: switch the power off and on, "
        "and please report this board when that does not help.",
    ),
    Rule(
        "reset",
        r"^brownout$",
        "The supply was too weak, and the chip was reset (brownout): use another USB port, a shorter cable "
        "or a stronger supply, and take off what else the board feeds.",
    ),
)


def advice(fields: Mapping[str, str]) -> list[str]:
    """A sentence for each thing in a board's report that somebody should do something about."""
    told = (
        re.sub(r"\{(\w+)\}", lambda name: fields.get(name[1], "unknown"), rule.sentence)
        for rule in RULES
        if rule.key in fields and re.search(rule.pattern, fields[rule.key])
    )
    return list(dict.fromkeys(told))
