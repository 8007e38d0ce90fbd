"""Works shared by two cores: lib/board/two_cores as two threads, and what the chip's compiler makes of it."""

import re
import subprocess
from pathlib import Path

import pytest

from squeezenet_lib.paths import ROOT

LIB = ROOT / "esp32_pio" / "lib"
BOARD, HERE = LIB / "board", ROOT / "tests" / "c"
SOURCE = BOARD / "two_cores" / "second_core.c"
INCLUDES = [f"-I{path}" for path in (BOARD, BOARD / "include", LIB / "frame/src", HERE)]


def threads(folder: Path, source: Path) -> subprocess.CompletedProcess[str]:
    """tests/c/second_core.c with this source, under ThreadSanitizer: 20 works of 50 meetings."""
    program = folder / "second_core"
    command = ["clang", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=thread", "-pthread"]
    sources = [HERE / "second_core.c", HERE / "host_second_core.c", source]
    quoted = f"-iquote{SOURCE.parent}"  # a copy of the source lies elsewhere
    subprocess.run([*command, quoted, *INCLUDES, "-o", program, *sources], check=True)
    return subprocess.run([program, "20", "50"], capture_output=True, text=True, check=False, timeout=120)


def test_two_threads_hand_words_over_and_no_race_is_found(tmp_path: Path) -> None:
    done = threads(tmp_path, SOURCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 0\n", "")


@pytest.mark.parametrize("order", ["__ATOMIC_ACQUIRE", "__ATOMIC_RELEASE"])
def test_without_either_order_a_race_is_found(tmp_path: Path, order: str) -> None:
    """The test above can fail."""
    text = SOURCE.read_text(encoding="utf-8")
    assert text.count(order) == 1
    loose = tmp_path / "second_core.c"
    loose.write_text(text.replace(order, "__ATOMIC_RELAXED"), encoding="utf-8")
    assert "ThreadSanitizer: data race" in threads(tmp_path, loose).stderr


def functions(text: str) -> dict[str, list[str]]:
    """Instructions of each function of an assembler source."""
    found = re.findall(r"^(\w+):\n(.*?)^\t\.size\t\1,", text, re.MULTILINE | re.DOTALL)
    return {name: re.findall(r"^\t([a-z][\w.]*)", body, re.MULTILINE) for name, body in found}


def test_the_chip_s_compiler_puts_a_memw_on_either_side() -> None:
    """Xtensa ISA: MEMW waits until the accesses before it are done; the LX6 buffers stores."""
    command = ["xtensa-lx106-elf-gcc", "-std=c11", "-O2", "-mlongcalls", "-ffreestanding", "-S", "-o", "-"]
    runtime = f"-I{ROOT / 'esp32_pio/platform/runtime/include'}"
    done = subprocess.run([*command, runtime, *INCLUDES, SOURCE], check=True, capture_output=True, text=True)
    found = functions(done.stdout)
    meet, waits = " ".join(found["board_meet"]), " ".join(found["reaches"])
    assert re.search(r"memw s32i", meet), "what was done before is out"
    assert len(re.findall(r"memw l32i(?:\.n)? memw", waits)) >= 3, "and nothing after is taken from before"
