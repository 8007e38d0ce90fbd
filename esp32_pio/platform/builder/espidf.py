"""Runs before PlatformIO builds with ESP-IDF: model, golden pictures, settings and pins become sources.

What platformio.ini says of the flash goes into ESP-IDF's configuration, too: image, boot loader and PSRAM
have to agree about it. That configuration lies in the build folder, made anew whenever its sources change.
"""

import sys
from pathlib import Path

Import("env")

PROJECT = Path(env.subst("$PROJECT_DIR"))
BUILD = Path(env.subst("$BUILD_DIR"))
sys.path.insert(0, str(PROJECT / "platform" / "builder"))
import image_data  # noqa: E402
import inputs  # noqa: E402
import pins  # noqa: E402
import sdkconfig  # noqa: E402
from build_error import BuildError  # noqa: E402

PSRAM_BYTES = 4 << 20  # what an ESP32 can address
FRAME_BYTES = (
    1 << 20
)  # of these for a frame and the preparation of pictures: 800 x 600 of 2 bytes is the largest
MAGICS = {"squeeze_rt": b"SQZ1", "tflm": b"TFL1"}  # by engine


def embed():
    """Write the sources and add them to the program."""
    board = env.BoardConfig()
    limits = {
        "arena_bytes": PSRAM_BYTES - FRAME_BYTES,
        "flash_bytes": sdkconfig.factory_bytes(
            PROJECT / board.get("build.partitions"), inputs.flash_bytes(board)
        ),
    }
    engine = env.GetProjectOption("custom_engine")
    if engine not in MAGICS:
        raise BuildError(f"custom_engine is {engine!r} in platformio.ini; it has to be {' or '.join(MAGICS)}")
    if engine == "tflm":
        use_tflm()
    found = inputs.find(env.GetProjectOption, PROJECT, board, limits, MAGICS[engine])
    image_data.write(BUILD / "image_data.S", found, ".rodata.image_files", with_arena=False)
    lines = pins.read(PROJECT / "boards" / "pins", env.GetProjectOption("custom_board"))
    if found.output is not None:
        pins.check_output(found.output.pin, found.chip, lines)
    pins.write(BUILD / "pins.c", lines)
    image = env.Object(str(BUILD / "image_data.o"), str(BUILD / "image_data.S"))
    env.Depends(image, [str(file.path) for file in found.files])  # .incbin is no dependency that SCons sees
    table = env.Object(
        str(BUILD / "pins.o"),
        str(BUILD / "pins.c"),
        CPPPATH=[str(PROJECT / "lib" / "board" / "espidf")],
    )
    env.Append(PIOBUILDFILES=[image, table])


def use_tflm():
    """Link lib/tflm_rt. Its objects are no archive: its functions are there before squeeze_rt is looked into.

    What the tflm-export stage has generated for the model lies beside the golden pictures.
    """
    exported = (PROJECT / env.GetProjectOption("custom_golden")).parent
    if not (exported / "op_resolver.h").is_file():
        raise BuildError(
            f"{exported / 'op_resolver.h'} does not exist; run `dvc repro tflm-export` to make it"
        )
    env.Append(CPPPATH=[str(exported)])
    env.GetProjectConfig().set(f"env:{env['PIOENV']}", "lib_deps", ["tflm_rt"])


def configure():
    """Tell ESP-IDF's build where its configuration lies; begin a new one when its sources have changed."""
    board = env.BoardConfig()
    defaults = (PROJECT / "sdkconfig.defaults", BUILD / "sdkconfig.flash")
    sdkconfig.write(BUILD, defaults, sdkconfig.flash_options(board))
    board.update("build.esp-idf.sdkconfig_path", str(BUILD / "sdkconfig"))
    paths = ";".join(str(path) for path in defaults)
    board.update("build.cmake_extra_args", f'"-DSDKCONFIG_DEFAULTS={paths}"')


if not env.IsCleanTarget():
    try:
        embed()
        configure()
    except BuildError as refusal:
        sys.stderr.write(f"error: {refusal}\n")
        env.Exit(1)
