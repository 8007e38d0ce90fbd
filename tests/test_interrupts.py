"""Ctrl-C that is held up, that is fatal, and that a command answers itself."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from squeezenet_lib import interrupts
from squeezenet_lib.paths import ROOT
from tests.support.waiting import outcome, started, wait_until


@pytest.fixture(autouse=True)
def state(interruptible: None) -> Iterator[None]:
    """Handler and mask of this thread are after each test what they were before."""
    before = signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    after = signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    signal.signal(signal.SIGINT, before[0])
    signal.pthread_sigmask(signal.SIG_SETMASK, before[1])
    assert after == before


@pytest.fixture
def bystander() -> Iterator[threading.Thread]:
    """A thread that blocks no signal, as a library's may be."""
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    yield thread
    over.set()
    thread.join()


@pytest.fixture
def arrival() -> Iterator[BinaryIO]:
    """A byte comes out for each signal that has reached Python, in whichever thread."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    before = signal.set_wakeup_fd(write)
    with os.fdopen(read, "rb", buffering=0) as file:
        yield file
        signal.set_wakeup_fd(before)
        os.close(write)


@pytest.mark.parametrize("to", ["another thread", "the process"])
def test_ctrl_c_is_held_though_another_thread_takes_it(
    bystander: threading.Thread, arrival: BinaryIO, to: str
) -> None:
    assert bystander.ident is not None
    done = []
    with pytest.raises(KeyboardInterrupt):
        with interrupts.held():
            for _ in range(2):
                if to == "the process":
                    os.kill(os.getpid(), signal.SIGINT)
                else:
                    signal.pthread_kill(bystander.ident, signal.SIGINT)
                assert arrival.read(1) == bytes([signal.SIGINT])
            done.append("all of the block")
        done.append("what follows")
    assert done == ["all of the block"]


def test_ctrl_c_is_held_though_it_is_for_this_thread(arrival: BinaryIO) -> None:
    done = []
    with pytest.raises(KeyboardInterrupt):
        with interrupts.held():
            signal.raise_signal(signal.SIGINT)
            done.append("all of the block")
        done.append("what follows")
    assert done == ["all of the block"]
    assert arrival.read(1) == bytes([signal.SIGINT])


def test_without_ctrl_c_nothing_is_raised_and_errors_pass() -> None:
    with interrupts.held():
        pass
    with pytest.raises(ZeroDivisionError), interrupts.held():
        print(1 // 0)


def test_ctrl_c_just_before_the_block_leaves_the_mask_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    change = signal.pthread_sigmask

    def late(how: int, mask: Iterable[int]) -> set[int]:
        before = change(how, mask)
        if how == signal.SIG_BLOCK and mask:  # Python raises what came before this call at its end
            raise KeyboardInterrupt
        return before

    monkeypatch.setattr(signal, "pthread_sigmask", late)
    with pytest.raises(KeyboardInterrupt), interrupts.held():
        pytest.fail("the block must not begin")


def test_a_mask_that_blocks_it_already_stays() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGUSR1})
    try:
        with interrupts.held():
            os.kill(os.getpid(), signal.SIGCONT)
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before | {signal.SIGINT, signal.SIGUSR1}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_where_ctrl_c_is_ignored_it_stays_ignored() -> None:
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for block in (interrupts.held, interrupts.fatal):
            with block():
                signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, handler)


def test_what_starts_in_the_block_and_what_that_starts_never_hear_it() -> None:
    code = "import subprocess; subprocess.run(['grep', 'SigBlk', '/proc/self/status'])"

    def blocked() -> bool:
        command = [sys.executable, "-c", code]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return bool(int(shown.split()[1], 16) >> signal.SIGINT - 1 & 1)

    assert not blocked()
    with interrupts.held():
        assert blocked()
    assert not blocked()


# A call that does not come back to Python: it waits again after each signal.
DEAF = """
#include <unistd.h>
void wait_for_ever(void) { write(1, ".\\n", 2); for (;;) pause(); }
"""
CALL_DEAF = """
import ctypes, sys
from squeezenet_lib import interrupts
with interrupts.fatal():
    ctypes.CDLL(sys.argv[1]).wait_for_ever()
"""


def test_ctrl_c_ends_a_process_in_a_call_that_does_not_come_back(tmp_path: Path) -> None:
    source, library = tmp_path / "deaf.c", tmp_path / "deaf.so"
    source.write_text(DEAF)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
    command = [sys.executable, "-c", CALL_DEAF, str(library)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == ".\n"
            process.send_signal(signal.SIGINT)
            outcome(process)
            assert process.returncode == -signal.SIGINT
        finally:
            process.kill()


def test_after_a_fatal_block_ctrl_c_is_what_it_was() -> None:
    with interrupts.fatal():
        assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


# What `python -m dvc` and `python -m platformio` find here: a command that needs its time after Ctrl-C.
TIDY = """
import pathlib, time
try:
    pathlib.Path("ready").touch()
    time.sleep(3600)
except KeyboardInterrupt:
    time.sleep(1)
    pathlib.Path("ready").rename("tidied")
    raise
"""


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("dvc", "from stages.experiments import forget; forget('name')"),
        (
            "platformio",
            "from pathlib import Path; from squeezenet_lib.firmware.build import run_platformio;"
            "run_platformio(['run'], Path(), 'building')",
        ),
    ],
)
def test_a_command_that_tidies_up_after_ctrl_c_is_not_killed_in_it(
    tmp_path: Path, name: str, call: str
) -> None:
    (tmp_path / f"{name}.py").write_text(TIDY)
    with started(tmp_path, "-c", call) as process:
        wait_until(lambda: process.poll() is not None or (tmp_path / "ready").exists(), process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = outcome(process)
        assert process.returncode == -signal.SIGINT, errors
        assert (tmp_path / "tidied").exists()


def test_what_takes_too_long_is_ended_in_spite_of_what_its_library_treats() -> None:
    def library() -> None:
        while True:
            with suppress(OSError, TimeoutError, RuntimeError):
                time.sleep(0.01)

    begin = time.monotonic()
    with pytest.raises(interrupts.OverdueError, match="nothing came for 1 s"), interrupts.limited(1.0):
        library()
    assert 1 <= time.monotonic() - begin < 4
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_what_gets_on_is_not_ended() -> None:
    with interrupts.limited(1.0) as get_on:
        for _ in range(15):
            time.sleep(0.1)
            get_on()
    time.sleep(1.1)
