"""What a board that does not do as asked says instead, in words that tell what to do about it."""

from __future__ import annotations

import re

from squeezenet_lib.device.protocol import LinkError, Reason

_FLASH_IT = "flash the firmware (`make flash`)"

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
        r"(?:Guru Meditation Error|ESP-IDF v|\) cpu_start: )(?![\s\S]*boot step=)",
        f"other software than the firmware runs on it: {_FLASH_IT}",
    ),
)

# Of a start, whether it came to its end or not.
_SIGNS = (
    (
        r"rst:0xf |Brownout detector",
        "the supply broke down and the chip was reset (brownout): use another USB port, a shorter cable or a "
        "stronger supply",
    ),
    (
        r"(rst:0x(?:[789bd]|10) \(\w+\))",
        "a watchdog restarted the chip (`{0}`): what ran before hung, or its ROM found nothing to run",
    ),
    (
        r"boot:0x[2367abef][0-9a-f] ",
        "GPIO12 was high at reset, which feeds the flash 1.8 V unless eFuses say otherwise: take off what is "
        "wired to it",
    ),
    (
        r"entry 0x[0-9a-f]+(?![\s\S]*boot step=)",
        "its ROM loaded an image and started it (`entry`), and no `boot step` followed: the image is another "
        "one, its speed is not --baud, or it hung at once",
    ),
    (r"(panic cause=\d+ name=\w+)", "the firmware crashed (`{0}`): report it with all that was printed"),
)
_START = "rst:0x"  # of each line by which the ROM tells why the chip starts
_LOOP = 3  # starts: one for the reset, one for a crash's safe mode

_LINK = "the fault is the line's: shorten the cable, or choose a lower --baud"
_REFUSALS = {
    Reason.DAMAGED: ("the request arrived damaged", _LINK),
    Reason.TIMEOUT: ("the request did not arrive whole", _LINK),
    Reason.FOREIGN: ("it speaks another version of the serial link", _FLASH_IT),
    Reason.TYPE: ("it does not know this command", _FLASH_IT),
    Reason.LENGTH: ("the request has a wrong length", "`device info` tells what the board expects"),
    Reason.VALUE: ("a number in the request is out of range", "choose another one"),
    Reason.NO_MODEL: ("it has no usable model", "load one, or build and flash the firmware again"),
    Reason.REFUSED: ("the new model is no good", "the old one still answers; make the .sqz again"),
    Reason.MEMORY: (
        "the new model does not fit into its RAM",
        "the old one still answers; lower huffman.arena_limit, or build the firmware around it",
    ),
    Reason.ORDER: ("a part of the model is missing", "load it again"),
    Reason.FAILED: ("the runtime stopped", "report it when it stays"),
    Reason.NO_CAMERA: (
        "its camera gives no picture",
        "check the camera's cable, and that the firmware is for this board (pio.env, pio.board)",
    ),
    Reason.SAFE: (
        "it crashed and waits in safe mode",
        "`device info` tells where it crashed; press EN (reset) to go on",
    ),
}

_BANNER, _STARTED = "boot step=", "boot step=ready"
SELF_TEST = "golden"  # the step that classifies pictures
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


def boot_steps(text: str) -> list[str]:
    """The steps of the firmware's start that `text`, what a board printed, names, in their order."""
    return re.findall(rf"{_BANNER}(\w+)", text)


def signs(text: str) -> list[str]:
    """A sentence for each known thing that `text`, what a board printed since it was reset, tells."""
    told = [
        meaning.format(*found.groups())
        for sign, meaning in (*_WITHOUT_FIRMWARE, *_SIGNS)
        if (found := re.search(sign, text))
    ]
    starts = text.count(_START)
    if starts >= _LOOP:
        told.append(f"the chip started {starts} times within seconds (a boot loop): each start says why")
    return told


def no_answer(port: str, why: str) -> str:
    """The sentence for a board that stayed silent; `why` is without_firmware's or explain_silence's."""
    return f"the board on {port} does not answer: {why}"


def explain_silence(text: str, only_zeros: bool = False) -> str:
    """What `text`, all that a board printed instead of an answer, tells about it. only_zeros: bytes came, but
    no other ones.
    """
    hopeless = without_firmware(text)
    if hopeless:
        return hopeless
    printed = [_printable(line) for line in text.splitlines() if line.strip()]
    if not printed and only_zeros:
        return (
            "it sends zeros and nothing else, as a line does that is held low: check the wiring, name the "
            "firmware's speed with --baud (115200 unless changed), press EN (reset) and try again"
        )
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
