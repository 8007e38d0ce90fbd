"""What to do about what a board says of itself: the same sentences on the command line and on the page."""

import json
import re
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from squeezenet_lib.device.advice import RULES, advice
from tests.support.page_module import bundle_module

HEALTHY = {
    "chip": "ESP32-D0WD-V3",
    "reset_core1": "power-on",
    "brownout": "on",
    "protection": "none",
    "reset": "power-on",
    "flash_size": "4MB",
    "flash_freq": "40",
    "flash_dummy": "1",
    "flash_timing": "standard",
    "flash_model": "ok",
    "flash_golden": "ok",
}
CASES: list[tuple[dict[str, str], list[str]]] = [
    ({}, []),
    ({"reset": "power-on-or-watchdog", "brownout": "off: erratum RES-3.4 of revision 0"}, []),
    ({"flash_size": "unknown"}, []),
    (
        {"flash_timing": "other: the standard one misread", "flash_freq": "20", "flash_dummy": "2"},
        [r"another that works \(20 MHz, 2 extra cycles\): please report .* slower pio\.flash_freq\."],
    ),
    (
        {"flash_size": "4MB, the image is built for 8MB"},
        [r"smaller .* \(4MB, the image is built for 8MB\): set pio\.flash_size"],
    ),
    ({"protection": "flash-encryption"}, ["eFuses turn on flash-encryption: use another board"]),
    ({"protection": "secure-boot"}, ["eFuses turn on secure-boot: "]),
    ({"reset": "brownout"}, ["supply was too weak"]),
    ({"cores": "2"}, []),
    ({"cores": "1: the image's model is for one"}, []),
    (
        {"cores": "1: the second did not start"},
        [r"second core does not work \(1: the second did not start\)"],
    ),
    ({"cores": "1: the second does not answer"}, ["off and on, and please report"]),
    (
        {"flash_model": "corrupt", "flash_golden": "corrupt"},
        ["does not read back .* write the firmware"],
    ),
    ({"flash_golden": "corrupt"}, ["does not read back"]),
    ({"protection": "secure-boot", "reset": "brownout"}, ["secure-boot", "supply"]),
]
RUNNER = """
import { readFileSync } from "node:fs";
import { advice } from "./advice.mjs";
const { rules, boards } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(boards.map((fields) => advice(rules, new Map(Object.entries(fields))))));
"""


@pytest.mark.parametrize(("said", "sentences"), CASES)
def test_each_has_its_sentence(said: dict[str, str], sentences: list[str]) -> None:
    told = advice(HEALTHY | said)
    assert len(told) == len(sentences)
    for sentence, expected in zip(told, sentences, strict=True):
        assert re.search(expected, sentence)
        assert re.fullmatch(r"[A-Z][^{}\n]+\.", sentence)


def test_a_board_that_does_not_tell_gets_none() -> None:
    """An emulator, and firmware from before."""
    assert advice({"board": "qemu", "reset": "power-on"}) == []
    assert "(unknown MHz, " in advice({"flash_timing": "other"})[0]


def test_the_page_gives_the_same(tmp_path: Path) -> None:
    bundle_module("advice.ts", tmp_path)
    (tmp_path / "run.mjs").write_text(RUNNER)
    boards = [HEALTHY | said for said, _ in CASES] + [{"flash_timing": "other"}]
    request = json.dumps({"rules": [asdict(rule) for rule in RULES], "boards": boards})
    done = subprocess.run(
        ["node", tmp_path / "run.mjs"], input=request, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [advice(fields) for fields in boards]
