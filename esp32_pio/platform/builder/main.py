"""SCons script of the platform: compile, link, make the image that the chip's ROM boots, flash it."""

import sys
from pathlib import Path

from SCons.Script import COMMAND_LINE_TARGETS, AlwaysBuild, Builder, Default, DefaultEnvironment

env = DefaultEnvironment()
platform = env.PioPlatform()
board = env.BoardConfig()

sys.path.insert(0, str(Path(platform.get_dir(), "builder")))
import image_check  # noqa: E402
import image_data  # noqa: E402
import inputs  # noqa: E402
import pins  # noqa: E402
import sizes  # noqa: E402
from build_error import BuildError  # noqa: E402
from cores import CORES  # noqa: E402

CORE = CORES[board.get("build.core")]
PREFIX = CORE.prefix
CHIP = board.get("build.chip", "")  # as esptool names it; none: an emulator, for which no image is made
OFFSET = board.get("upload.offset_address")
PROJECT = Path(env.subst("$PROJECT_DIR"))
BUILD = Path(env.subst("$BUILD_DIR"))
RUNTIME = Path(platform.get_dir(), "runtime")
SCRIPTS = Path(platform.get_dir(), "ldscripts")

env.Replace(
    AR=PREFIX + "gcc-ar",
    AS=PREFIX + "as",
    CC=PREFIX + "gcc",
    CXX=PREFIX + "g++",
    # PlatformIO's own summary; what decides is sizes.py, which knows the chip's memories one by one.
    SIZECHECKCMD="$SIZETOOL -A -d $SOURCES",
    SIZEPROGREGEXP=r"^(?:\.iram\.text|\.dram\.data|\.flash\.rodata)\s+(\d+)",
    SIZEDATAREGEXP=r"^(?:\.dram\.data|\.dram\.bss)\s+(\d+)",
    OBJCOPY=PREFIX + "objcopy",
    RANLIB=PREFIX + "gcc-ranlib",
    SIZETOOL=PREFIX + "size",
    ARFLAGS=["rcD"],  # D: no dates, no user ids
    PROGNAME="firmware",
    PROGSUFFIX=".elf",
    ESPTOOL='"$PYTHONEXE" -m esptool',
)
env.Append(
    ASPPFLAGS=[*CORE.machine, "-x", "assembler-with-cpp"],
    CCFLAGS=[
        *CORE.machine,
        *CORE.flags,
        "-ffreestanding",
        "-ffunction-sections",
        "-fdata-sections",
        "-Wall",
        "-Wextra",
        "-Werror",
        # No path of this machine in the objects: builds in two places give the same bytes.
        f"-ffile-prefix-map={PROJECT}=.",
    ],
    CFLAGS=["-std=c11"],
    CPPDEFINES=list(CORE.defines),
    CPPPATH=[str(RUNTIME / "include")],
    LINKFLAGS=[
        *CORE.machine,
        "-nostartfiles",
        "-nostdlib",
        "-Wl,--gc-sections",
        f"-Wl,-Map,{BUILD / 'firmware.map'}",
    ],
    LIBPATH=[str(SCRIPTS)],
    LIBS=["gcc"],
)


def guarded(step):
    """Turn a BuildError into one line on stderr and a failed build."""

    def run(*args, **kwargs):
        try:
            return step(*args, **kwargs)
        except BuildError as refusal:
            sys.stderr.write(f"error: {refusal}\n")
            env.Exit(1)

    return run


def prepare():
    """Check the tools and the inputs; write the assembler source that embeds them."""
    inputs.check_tools(CORE, env["ENV"]["PATH"], bool(CHIP))
    found = inputs.find(env.GetProjectOption, PROJECT, board, inputs.bare_limits(board))
    if found.output is not None:
        pins.check_output(found.output.pin, found.chip)
    source = BUILD / "image_data.S"
    image_data.write(source, found, ".flash.rodata", with_arena=True)
    node = env.Object(str(source) + ".o", str(source))
    env.Depends(node, [str(file.path) for file in found.files])  # .incbin is no dependency that SCons sees
    env.Append(PIOBUILDFILES=[node])
    return found


def check_sizes(source, target, env):
    """Print the sections' sizes; refuse an ELF that does not fit. Writes size.json beside the ELF."""
    report = sizes.measure(Path(str(source[0])), PREFIX, env["ENV"]["PATH"])
    sizes.check(report, found)
    sizes.write(BUILD / "size.json", report, found)


def check_image(source, target, env):
    """Compare the image with its ELF: what the ROM loads, and what the flash mapping shows."""
    image = Path(str(target[0]))
    place = image_check.Place(int(OFFSET, 0), int(board.get("build.flash_window"), 0))
    image_check.check(image, sizes.measure(Path(str(source[0])), PREFIX, env["ENV"]["PATH"]), place)
    sizes.check_flash(image, found)
    goes = {"chip": CHIP, "chip_family": found.chip, "image": image.name, "image_offset": int(OFFSET, 0)}
    sizes.add_image(BUILD / "size.json", image, goes)


cleaning = env.GetOption("clean") or "clean" in COMMAND_LINE_TARGETS or "cleanall" in COMMAND_LINE_TARGETS
found = None if cleaning else guarded(prepare)()

env.Append(
    BUILDERS={
        "ElfToImage": Builder(
            action=[
                env.VerboseAction(guarded(check_sizes), "Checking sizes of $SOURCE"),
                env.VerboseAction(
                    " ".join(
                        [
                            f"$ESPTOOL --chip {CHIP} elf2image --ram-only-header",
                            "--flash-mode $BOARD_FLASH_MODE",
                            f"--flash-freq {inputs.flash_mhz(board)}m",
                            f"--flash-size {board.get('upload.flash_size')}",
                            "-o $TARGET $SOURCE",
                        ]
                    ),
                    "Building $TARGET",
                ),
                env.VerboseAction(guarded(check_image), "Checking $TARGET"),
            ],
            suffix=".bin",
        )
    }
)

# The compiler must not turn the loops of memcpy into calls of memcpy.
runtime_env = env.Clone()
runtime_env.Append(CCFLAGS=["-O2", "-fno-tree-loop-distribute-patterns"])
env.Append(
    PIOBUILDFILES=[
        runtime_env.Object(str(BUILD / "runtime" / (name + ".o")), str(RUNTIME / name))
        for name in CORE.runtime
    ]
)

elf = env.BuildProgram()
# SCons does not know that linker scripts are inputs.
env.Depends(elf, [str(Path(SCRIPTS, name)) for name in ("sections.ld", board.get("build.ldscript"))])

if CHIP:
    image = env.ElfToImage(str(BUILD / "firmware"), elf)
    env.Depends(
        image, [str(Path(platform.get_dir(), "builder", name)) for name in ("sizes.py", "image_check.py")]
    )
    product = env.Alias("buildprog", image, image)
    env.Replace(
        UPLOADERFLAGS=["--chip", CHIP, "--port", '"$UPLOAD_PORT"', "--baud", "$UPLOAD_SPEED"],
        UPLOADCMD=f"$ESPTOOL $UPLOADERFLAGS write-flash {OFFSET} $SOURCE",
    )
    env.AddPlatformTarget(
        "upload",
        image,
        [
            env.VerboseAction(env.AutodetectUploadPort, "Looking for upload port..."),
            env.VerboseAction("$UPLOADCMD", "Uploading $SOURCE"),
        ],
        "Upload",
    )
else:
    product = env.Alias(
        "buildprog", elf, env.VerboseAction(guarded(check_sizes), "Checking sizes of $SOURCE")
    )

AlwaysBuild(product)
env.AddPlatformTarget(
    "size", elf, env.VerboseAction("$SIZETOOL -A -d $SOURCE", "Sections of $SOURCE"), "Program Size"
)
Default([product])
