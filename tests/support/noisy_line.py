"""Streams as a bad line makes them, for the application on this machine and for other boards."""

import subprocess
from pathlib import Path

from tests.support.host_application import compile_application


def compile_fuzz_serve(folder: Path) -> Path:
    """tests/c/fuzz_serve.c with the application."""
    return compile_application(folder, "fuzz_serve.c", "noisy_streams.c")


def fuzz_serve(program: Path, sqz: Path, golden: Path, seed: int, streams: int) -> None:
    """Give the application so many noisy streams. Raises CalledProcessError for any fault."""
    subprocess.run([program, sqz, golden, str(seed), str(streams)], check=True)


def noisy_streams(program: Path, sqz: Path, golden: Path, seed: int, streams: int) -> bytes:
    """The same streams, the good requests behind them included, one after the other."""
    command = [program, sqz, golden, str(seed), str(streams), "emit"]
    return subprocess.run(command, check=True, capture_output=True).stdout
