"""What a board that does not do as asked says instead, in words that tell what to do about it."""

from __future__ import annotations

import re

from squeezenet_lib.serial_protocol import LinkError, Reason

_FLASH_IT = "flash the firmware (`pio run -t upload` in esp32_pio)"

# Of the chip's ROM, or of other software than the firmware: asking again is useless. The first found counts.
_WITHOUT_FIRMWARE = (
    (
        r"waiting for download",
        "the chip waits for a download: it was reset with GPIO0 low; let go of BOOT, then press EN (reset)",
    ),
    (
        r"flash read err",
        "its ROM cannot read the flash (`flash read err`): nothing may pull GPIO12 high at reset; if nothing "
        "does, " + _FLASH_IT,
    ),
    (r"invalid header: ", f"its flash holds no firmware (`invalid header`): {_FLASH_IT}"),
    (r"csum err", f"the firmware in its flash is damaged (`csum err`): {_FLASH_IT}"),
    (
        r"ESP-ROM:(esp32\w+)",
        "this is no classic ESP32 but another chip ({0}): the firmware does not run on it",
    ),
    (
        r"Guru Meditation Error|ESP-IDF v|\) cpu_start: ",
        f"other software than the firmware runs on it: {_FLASH_IT}",
    ),
)

_LINK = "the fault is the line's: shorten the cable, or choose a lower --baud"
_REFUSALS = {
    Reason.DAMAGED: ("the request arrived damaged", _LINK),
    Reason.TIMEOUT: ("the request did not arrive whole", _LINK),
    Reason.FOREIGN: ("it speaks another version of the serial link", _FLASH_IT),
    Reason.TYPE: ("it does not know this command", _FLASH_IT),
    Reason.LENGTH: ("the request has a wrong length", "ask `info` what the board expects"),
    Reason.VALUE: ("a number in the request is out of range", "choose another one"),
    Reason.NO_MODEL: ("it has no usable model", "load one, or build and flash the firmware again"),
    Reason.REFUSED: ("the new model is no good", "the old one still answers; make the .sqz again"),
    Reason.MEMORY: (
        "the new model does not fit into its RAM",
        "the old one still answers; lower huffman.arena_limit, or build the firmware around it",
    ),
    Reason.ORDER: ("a part of the model is missing", "load it again"),
    Reason.FAILED: ("the runtime stopped", "report it when it stays"),
    Reason.SAFE: (
        "it crashed and waits in safe mode",
        "`info` tells where it crashed; press EN (reset) to go on",
    ),
}

_BANNER, _STARTED = "boot step=", "boot step=ready"
_LATEST = 100  # characters that tell whether the line is good
_LEAST_GIBBERISH = 0.3  # share of them that are no text


def explain_refusal(error: LinkError) -> str:
    """One sentence with the reason's name, what it means in the chip's own words, and what to do."""
    unknown = ("for a reason that this version does not know", _FLASH_IT)
    meaning, advice = {int(reason): text for reason, text in _REFUSALS.items()}.get(error.reason, unknown)
    status = f", status {error.detail}" if error.detail else ""
    return f"the board refuses ({error.name}{status}): {_printable(error.text) or meaning}; {advice}"


def without_firmware(text: str) -> str | None:
    """Why a board that printed `text` will not answer however often it is asked; None when it may."""
    since_start = text.rpartition(_BANNER)[2]
    for sign, meaning in _WITHOUT_FIRMWARE:
        if found := re.search(sign, since_start):
            return meaning.format(*found.groups())
    return None


def explain_silence(text: str) -> str:
    """What `text`, all that a board printed instead of an answer, tells about it."""
    hopeless = without_firmware(text)
    if hopeless:
        return hopeless
    printed = [_printable(line) for line in text.splitlines() if line.strip()]
    if not printed:
        return (
            "it prints nothing; check that the cable carries data, that this is the board's port and that "
            f"the firmware is on it, else {_FLASH_IT}"
        )
    latest = text[-_LATEST:]
    noise = sum(1 for character in latest if not character.isprintable() and not character.isspace())
    noise += latest.count("\N{REPLACEMENT CHARACTER}")
    if noise > _LEAST_GIBBERISH * len(latest):
        return (
            "what it sends is no text: name the firmware's speed with --baud (115200 unless changed), or "
            "shorten the cable; press EN (reset) and try again"
        )
    for line in reversed(printed):
        if line.startswith("panic "):
            return f"it crashed ({line}); press EN (reset), and report it when it stays"
    last = printed[-1]
    if last.startswith(_BANNER) and last != _STARTED:
        return f"it stopped while starting, at `{last}`: check its crystal, its flash and its power supply"
    return f"its last line was `{last}`; press EN (reset), and when that changes nothing {_FLASH_IT}"


def _printable(text: str) -> str:
    """At most 200 characters in one line."""
    return "".join(c if c.isprintable() else " " for c in text).strip()[:200]
