"""esp32_pio/lib/board/espidf built for this machine, on the fakes of tests/c/espidf_stubs."""

import atexit
import ctypes
import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.builder_modules import BUILDER
from tests.support.register_model import Crash, Report
from tests.support.small_firmware import PROJECT

BOARD = PROJECT / "lib" / "board"
STUBS = PROJECT.parent / "tests" / "c" / "espidf_stubs"
PINS = PROJECT / "boards" / "pins"

# Headers that lib/board/espidf includes, all of which espidf.h stands for.
HEADERS = (
    "driver/gpio.h driver/i2c_master.h driver/uart.h esp_attr.h esp_chip_info.h esp_clk_tree.h esp_cpu.h "
    "esp_efuse.h esp_efuse_table.h esp_flash.h esp_heap_caps.h esp_log.h esp_private/panic_internal.h "
    "esp_rom_efuse.h esp_rom_sys.h esp_rom_uart.h esp_system.h esp_task.h "
    "freertos/FreeRTOS.h freertos/task.h hal/efuse_hal.h sdkconfig.h soc/rtc.h xtensa_context.h"
)

_INTS = "reset_reason camera_init camera_format frames probe transmit new_bus output no_task"
_WORDS = (
    "internal_free psram_free psram_total buttons_down stack_left "
    "package revision cores pads guarded supply flash_id flash_bytes reset_core1"
)
_LEFT_INTS = (
    "xclk_hz frame_size pixel_format fb_location taken returned camera_inits "
    "baud installed drains silenced bus_resets sda scl pulled_up light acted "
    "whitebal exposure_ctrl aec_value wb_mode "
    "tasks task_priority task_core notified deleted slept"
)
_LEFT_WORDS = "received received_read sent transfers light_changes"


class Fake(ctypes.Structure):
    """`fake` of fakes.c."""

    _fields_ = (
        *((name, ctypes.c_int) for name in _INTS.split()),
        *((name, ctypes.c_uint32) for name in _WORDS.split()),
        *((name, ctypes.c_int) for name in _LEFT_INTS.split()),
        *((name, ctypes.c_uint32) for name in _LEFT_WORDS.split()),
        ("receive", ctypes.c_uint8 * 8192),
        ("send", ctypes.c_uint8 * 8192),
        ("transfer", ctypes.c_uint8 * 8192),
        ("transfer_bytes", ctypes.c_uint32),
    )


class Frame(ctypes.Structure):
    """frame_view."""

    _fields_ = (
        ("pixels", ctypes.POINTER(ctypes.c_uint8)),
        ("bytes", ctypes.c_size_t),
        ("width", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("stride", ctypes.c_size_t),
        ("format", ctypes.c_int),
    )


class CameraBoard:
    """One run of the firmware's board. Everything answers unless the test says otherwise in `fake`.

    earlier: the run before this one, whose RTC memory it finds.
    """

    def __init__(self, board: str = "ai-thinker", earlier: "CameraBoard | None" = None, **fake: int) -> None:
        # A copy under another name is another library, with variables of its own.
        own = Path(tempfile.mkdtemp(dir=_folder()), "board.so")
        shutil.copyfile(_library(board), own)
        self.library = ctypes.CDLL(str(own))
        for name, kind in (
            ("board_init", ctypes.POINTER(Report)),
            ("board_camera_take", ctypes.POINTER(Frame)),
            ("board_camera_error", ctypes.c_char_p),
            ("board_crash_name", ctypes.c_char_p),
            ("board_memory", ctypes.c_void_p),
            ("board_button", ctypes.c_bool),
            ("board_can_baud", ctypes.c_bool),
            ("restarts_after", ctypes.c_bool),
            ("panics", ctypes.c_bool),
            ("board_meet", ctypes.c_bool),
            ("board_share_end", ctypes.c_bool),
            ("rtc_memory", ctypes.POINTER(ctypes.c_uint8)),
        ):
            getattr(self.library, name).restype = kind
        self.library.panics.argtypes = (
            ctypes.c_int,
            ctypes.c_bool,
            ctypes.c_bool,
            *[ctypes.c_long] * 3,
            ctypes.c_int,
        )
        self.fake = Fake.in_dll(self.library, "fake")
        defaults = {"reset_reason": 1, "camera_format": -1, "frames": 100, "internal_free": 160_000}
        defaults |= {"package": 1, "revision": 301, "cores": 2, "flash_id": 0xEF4016, "flash_bytes": 4 << 20}
        for name, value in (defaults | fake).items():
            setattr(self.fake, name, value)
        if earlier is not None:
            self.rtc[:] = earlier.rtc[:]

    @property
    def rtc(self) -> ctypes.Array[ctypes.c_uint8]:
        """RTC memory that no reset clears."""
        size = self.library.rtc_memory_bytes()
        address = ctypes.cast(self.library.rtc_memory(), ctypes.c_void_p).value
        return (ctypes.c_uint8 * size).from_address(address)

    def model(self, side: int, channels: int, arena_bytes: int = 1000) -> "CameraBoard":
        """Give the image's model another header; see sqz_format.h for the offsets."""
        header = (ctypes.c_uint8 * 64).in_dll(self.library, "image_header")
        header[32:36] = list(arena_bytes.to_bytes(4, "little"))
        for offset, value in ((44, side), (46, side), (48, channels)):
            header[offset : offset + 2] = list(value.to_bytes(2, "little"))
        return self

    def start(self) -> Report:
        return self.library.board_init().contents

    def take(self) -> Frame | None:
        frame = self.library.board_camera_take()
        return frame.contents if frame else None

    def error(self) -> str:
        return self.library.board_camera_error().decode()

    def memory(self) -> tuple[int, int]:
        """Address and bytes."""
        size = ctypes.c_uint32()
        return self.library.board_memory(ctypes.byref(size)), size.value

    def read(self, room: int) -> bytes:
        """What has come over the line, at most `room` bytes."""
        buffer = ctypes.create_string_buffer(room)
        count = self.library.board_read(buffer, room, 5)
        return buffer.raw[:count]

    def crash_name(self, crash: Crash) -> bytes:
        return self.library.board_crash_name(ctypes.byref(crash))

    def restarts_after(self, crash: Crash) -> bool:
        return self.library.restarts_after(ctypes.byref(crash))

    def printed(self) -> str:
        return bytes(self.fake.send[: self.fake.sent]).decode()


@functools.cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="camera-board-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def write_headers(folder: Path) -> None:
    """ESP-IDF's headers, each of which is espidf.h, into `folder`."""
    for name in HEADERS.split():
        header = folder / name
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text('#include "espidf.h"\n')


@functools.cache
def _library(board: str) -> Path:
    """A shared library of the drivers with the pins of `board`, which the builder writes as for the chip."""
    folder = _folder() / board
    write_headers(folder / "headers")
    script = "import sys; from pathlib import Path; import pins\n"
    script += "pins.write(Path(sys.argv[1]), pins.read(Path(sys.argv[2]), sys.argv[3]))"
    source = folder / "pins.c"
    subprocess.run([sys.executable, "-B", "-c", script, source, PINS, board], cwd=BUILDER, check=True)
    sources = [path for path in sorted((BOARD / "espidf").glob("*.c")) if path.name != "app_main.c"]
    shared = ("print.c", "crash_name.c", "chip_name.c", "reset_name.c")
    sources += [*(BOARD / "portable" / name for name in shared), BOARD / "ssd1306" / "ssd1306.c"]
    sources += [BOARD / "two_cores" / "second_core.c", STUBS / "fakes.c", source]
    includes = (
        BOARD / "include",
        BOARD / "espidf",
        PROJECT / "lib/frame/src",
        PROJECT / "lib/squeeze_rt/src",
    )
    library = folder / "board.so"
    command = ["cc", "-std=gnu17", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-pthread"]
    command += ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
    command += [f"-I{path}" for path in (*includes, STUBS, folder / "headers")]
    subprocess.run([*command, "-o", library, *sources], check=True)
    return library
