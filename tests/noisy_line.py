"""The whole application compiled for this machine, with sanitizers, and streams as a bad line makes them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIO = ROOT / "esp32_pio"
HERE = ROOT / "tests" / "c"
FOLDERS = ("lib/squeeze_rt/src", "lib/link/src", "lib/board/include", "src")
FLAGS = ("-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def compile_fuzz_serve(folder: Path) -> Path:
    """tests/c/fuzz_serve.c with src/, the link and the runtime."""
    includes = [f"-I{PIO / name}" for name in FOLDERS] + [f"-I{HERE}"]
    main, program = folder / "main.o", folder / "fuzz_serve"
    compiler = ["clang", *FLAGS, *SANITIZERS, *includes]
    subprocess.run(
        [*compiler, "-Dmain=application_main", "-c", str(PIO / "src" / "main.c"), "-o", str(main)], check=True
    )
    sources = [path for name in FOLDERS for path in sorted((PIO / name).glob("*.c")) if path.name != "main.c"]
    sources += [PIO / "lib/board/entry/print.c"]
    sources += [HERE / name for name in ("host_board.c", "noisy_streams.c", "fuzz_serve.c")]
    subprocess.run([*compiler, "-o", str(program), str(main), *map(str, sources)], check=True)
    return program


def fuzz_serve(program: Path, sqz: Path, golden: Path, seed: int, streams: int) -> None:
    """Give the application so many noisy streams. Raises CalledProcessError for any fault."""
    subprocess.run([program, sqz, golden, str(seed), str(streams)], check=True)


def noisy_streams(program: Path, sqz: Path, golden: Path, seed: int, streams: int) -> bytes:
    """The same streams, the good requests behind them included, one after the other."""
    command = [program, sqz, golden, str(seed), str(streams), "emit"]
    return subprocess.run(command, check=True, capture_output=True).stdout
