"""The whole application compiled for this machine, with sanitizers; tests/c/host_board.c is its board."""

import subprocess
from pathlib import Path

from squeezenet_lib.paths import ROOT

PIO = ROOT / "esp32_pio"
HERE = ROOT / "tests" / "c"
FOLDERS = ("lib/squeeze_rt/src", "lib/link/src", "lib/frame/src", "lib/board/include", "src")
BOARD = PIO / "lib" / "board"
FLAGS = ("-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def compile_application(folder: Path, *programs: str) -> Path:
    """src/ with its libraries, and these files of tests/c, the first of which has the program's name."""
    includes = [f"-I{PIO / name}" for name in FOLDERS] + [f"-I{HERE}", f"-I{BOARD}"]
    main, program = folder / "main.o", folder / Path(programs[0]).stem
    compiler = ["clang", *FLAGS, *SANITIZERS, *includes]
    subprocess.run(
        [*compiler, "-Dmain=application_main", "-c", str(PIO / "src" / "main.c"), "-o", str(main)], check=True
    )
    sources = [path for name in FOLDERS for path in sorted((PIO / name).glob("*.c")) if path.name != "main.c"]
    sources += [BOARD / "portable/print.c", BOARD / "two_cores/second_core.c"]
    sources += [HERE / name for name in ("host_board.c", "host_second_core.c", *programs)]
    subprocess.run([*compiler, "-pthread", "-o", str(program), str(main), *map(str, sources)], check=True)
    return program
