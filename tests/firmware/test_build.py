"""The image that is flashed: what the chip's ROM and the firmware will find in it, and when there is none."""

import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import FirmwareBuild, build_firmware, copy_products
from squeezenet_lib.firmware.product import flash_command
from tests.support.small_firmware import FAST_SERIAL, copy_project, firmware, pio, small_model

IMAGE_AT = 0x1000
DROM = 0x3F400000
PAGE = 0x10000


def sections(elf: Path) -> dict[str, tuple[int, bytes]]:
    """Address and content of the sections that are loaded."""
    with elf.open("rb") as file:
        return {
            section.name: (section["sh_addr"], section.data())
            for section in ELFFile(file).iter_sections()
            if section["sh_flags"] & 2 and section["sh_type"] == "SHT_PROGBITS"
        }


def symbol(elf: Path, name: str) -> int:
    with elf.open("rb") as file:
        (found,) = ELFFile(file).get_section_by_name(".symtab").get_symbol_by_name(name)
        return int(found["st_value"])


def rom_loads(image: bytes) -> dict[int, bytes]:
    """What the ROM copies to RAM, address and bytes of each segment, once the checksum is right."""
    count, position, checksum = image[1], 24, 0xEF
    loaded = {}
    for _ in range(count):
        address, length = struct.unpack_from("<II", image, position)
        loaded[address] = image[position + 8 : position + 8 + length]
        checksum = reduce(lambda a, b: a ^ b, loaded[address], checksum)
        position += 8 + length
    assert image[position | 15] == checksum
    return loaded


def check_image(build: FirmwareBuild) -> int:
    """Hold the image against the ELF, as the chip sees both; returns the flash offset of the flash part."""
    image = build.image.read_bytes()
    elf = sections(build.elf)
    assert rom_loads(image) == {elf[name][0]: elf[name][1] for name in (".iram.text", ".dram.data")}
    flash = b"\xff" * IMAGE_AT + image
    address, content = elf[".flash.rodata"]
    offset = address - DROM  # the firmware maps flash one to one
    assert flash[offset : offset + len(content)] == content
    return offset


def test_rom_and_flash_mapping_see_what_the_elf_says() -> None:
    build = firmware("esp32")
    assert check_image(build) == 0x10020
    image = build.image.read_bytes()
    assert image[0] == 0xE9
    assert struct.unpack_from("<I", image, 4)[0] == symbol(build.elf, "_start")
    assert len(image) == build.sizes["flash_bytes"]


def test_model_and_golden_pictures_lie_in_flash_whole_and_aligned() -> None:
    build = firmware("esp32")
    flash = b"\xff" * IMAGE_AT + build.image.read_bytes()
    for name, file in (("image_model", small_model().sqz), ("image_golden", small_model().golden)):
        address, content = symbol(build.elf, name), file.read_bytes()
        assert address % 16 == 0
        assert flash[address - DROM :][: len(content)] == content


def test_nothing_is_loaded_over_the_data_and_stack_of_the_rom() -> None:
    for address, content in rom_loads(firmware("esp32").image.read_bytes()).items():
        end = address + len(content)
        assert 0x40080000 <= address < end <= 0x400A0000 or 0x3FFB0000 <= address < end <= 0x3FFE0000
        assert len(content) % 4 == 0


def test_vectors_and_arena_are_where_the_core_and_the_runtime_want_them() -> None:
    elf = firmware("esp32").elf
    assert symbol(elf, "vectors") == 0x40080000
    assert symbol(elf, "image_arena") % 16 == 0
    arena_end = symbol(elf, "image_arena") + firmware("esp32").sizes["arena_bytes"]
    assert arena_end <= symbol(elf, "_bss_end") <= 0x40000000
    assert symbol(elf, "_stack_bottom") == 0x3FFAE000


def test_esptool_accepts_the_part_that_the_rom_sees() -> None:
    command = [sys.executable, "-m", "esptool", "image-info", str(firmware("esp32").image)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(valid)" in done.stdout
    assert "Segments: 2" in done.stdout


@pytest.mark.full
def test_a_large_ram_part_moves_the_flash_part_by_a_page(tmp_path: Path) -> None:
    """The one case in which esptool's place for the flash part is not page 1."""
    project = copy_project(tmp_path)
    (project / "src" / "ballast.c").write_text("const volatile char ballast[70000] = {1};\n")
    ini = project / "platformio.ini"
    ini.write_text(ini.read_text().replace("-O2", "-O2 -Wl,--undefined=ballast"))
    model = small_model()
    build = build_firmware(tmp_path / "work", "esp32", model.sqz, model.golden, FAST_SERIAL, project)
    assert check_image(build) == 0x20020


def test_settings_are_in_the_image_header(tmp_path: Path) -> None:
    model = small_model()
    settings = replace(FAST_SERIAL, flash_size="2MB", flash_freq="80m", flash_mode="dout")
    build = build_firmware(tmp_path, "esp32", model.sqz, model.golden, settings)
    assert build.image.read_bytes()[2:4] == bytes([3, 0x1F])
    assert firmware("esp32").image.read_bytes()[2:4] == bytes([2, 0x20])
    assert build.sizes["limits"]["flash_bytes"] == 2 * 1024 * 1024 - IMAGE_AT


@pytest.mark.full
def test_two_clones_building_at_once_give_the_same_bytes(tmp_path: Path) -> None:
    model = small_model()

    def build(place: str) -> FirmwareBuild:
        project = copy_project(tmp_path / place)
        return build_firmware(tmp_path / place / "w", "esp32", model.sqz, model.golden, FAST_SERIAL, project)

    with ThreadPoolExecutor() as pool:
        one, other = pool.map(build, ("one", "other/deeper"))
    for name in ("elf", "image"):
        assert getattr(one, name).read_bytes() == getattr(other, name).read_bytes()
        assert getattr(one, name).read_bytes() == getattr(firmware("esp32"), name).read_bytes()


def test_the_portable_objects_do_not_depend_on_the_board() -> None:
    chip, emulated = firmware("esp32").objects, firmware("qemu").objects
    assert chip == emulated
    assert {name.split("/")[0] for name in chip} == {"src", "frame", "link", "squeeze_rt"}


def test_code_and_data_are_counted_whole() -> None:
    build = firmware("esp32")
    elf, sizes = sections(build.elf), build.sizes
    assert sizes["iram_bytes"] == len(elf[".iram.text"][1])
    assert sizes["dram_bytes"] == symbol(build.elf, "_bss_end") - 0x3FFB0000 + 8192
    assert 2000 < sizes["text_bytes"] < sizes["iram_bytes"]


def test_flash_command_names_chip_offset_and_file(tmp_path: Path) -> None:
    copy_products(firmware("esp32"), tmp_path / "x")
    command = flash_command(tmp_path / "x")
    assert "--chip esp32 " in command
    assert command.endswith(f"write-flash 0x1000 {tmp_path}/x/firmware.bin")
    with pytest.raises(UserError, match="y holds no finished build; run `dvc repro`"):
        flash_command(tmp_path / "y")


# --- refusals ---


def refusal(folder: Path, model: Path, flash_size: str = "4MB") -> str:
    settings = replace(FAST_SERIAL, flash_size=flash_size)
    with pytest.raises(UserError) as caught:
        build_firmware(folder / "work", "esp32", model, small_model().golden, settings)
    message = str(caught.value)
    assert "\n" not in message
    return message


def sqz_with(folder: Path, arena_bytes: int, extra: int = 0) -> Path:
    content = bytearray(small_model().sqz.read_bytes())
    struct.pack_into("<I", content, 32, arena_bytes)
    (folder / "model.sqz").write_bytes(bytes(content) + bytes(extra))
    return folder / "model.sqz"


def test_an_absent_model_is_named_with_what_to_do(tmp_path: Path) -> None:
    message = refusal(tmp_path, tmp_path / "model.sqz")
    assert message.startswith(f"The model {tmp_path}/model.sqz does not exist; run `dvc repro`")


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.sqz").write_bytes(b"TFL3" * 20)
    assert "is not a .sqz model" in refusal(tmp_path, tmp_path / "model.sqz")


def test_an_arena_too_large_for_the_chip_is_refused_with_the_numbers(tmp_path: Path) -> None:
    message = refusal(tmp_path, sqz_with(tmp_path, 307_201))
    assert "307,201" in message
    assert "307,200" in message


def test_the_largest_arena_fits(tmp_path: Path) -> None:
    build = build_firmware(tmp_path / "w", "esp32", sqz_with(tmp_path, 307_200), small_model().golden)
    assert build.sizes["dram_bytes"] <= build.sizes["limits"]["dram_bytes"]


def test_a_model_too_large_for_the_flash_is_refused_with_the_numbers(tmp_path: Path) -> None:
    model = sqz_with(tmp_path, 2000, extra=1 << 20)
    message = refusal(tmp_path, model, "1MB")
    assert f"{(1 << 20) - IMAGE_AT:,}" in message
    assert f"{model.stat().st_size + small_model().golden.stat().st_size:,}" in message


@pytest.mark.full
def test_an_image_too_large_by_its_padding_is_refused_with_the_numbers(tmp_path: Path) -> None:
    """Model and golden pictures alone would fit: the image is larger than they are."""
    room = (1 << 20) - IMAGE_AT - small_model().golden.stat().st_size - small_model().sqz.stat().st_size
    message = refusal(tmp_path, sqz_with(tmp_path, 2000, extra=room - 100), "1MB")
    assert message.startswith("the image does not fit the flash")
    assert f"{(1 << 20) - IMAGE_AT:,}" in message


def test_code_too_large_for_the_chip_is_refused_with_the_numbers(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    (project / "src" / "ballast.S").write_text(
        '    .section .text.ballast, "ax"\n    .global ballast\nballast: .space 140000\n'
    )
    ini = project / "platformio.ini"
    ini.write_text(ini.read_text().replace("-O2", "-O2 -Wl,--undefined=ballast"))
    with pytest.raises(UserError, match=r"needs 1\d\d,\d\d\d bytes of IRAM and an ESP32 has 131,072"):
        build_firmware(tmp_path / "w", "esp32", small_model().sqz, small_model().golden, project=project)


@pytest.mark.parametrize(
    ("environment", "package"),
    [
        ("esp32", "gcc-xtensa-lx106"),
        ("esp32c3", "gcc-riscv64-unknown-elf"),
        ("esp32s3", "gcc-xtensa-lx106"),
    ],
)
def test_without_the_compiler_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: str, package: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        UserError, match=rf"^the compiler \S+-gcc is not installed; .*sudo apt install {package}$"
    ):
        build_firmware(tmp_path / "w", environment, small_model().sqz, small_model().golden)


# --- PlatformIO by hand, as in an IDE ---


def test_the_project_opens_and_builds_on_its_own(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    done = pio(project, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    image = project / ".pio/build/esp32/firmware.bin"
    assert rom_loads(image.read_bytes())
    assert "Flash: " in done.stdout

    sizes = pio(project, "run", "-t", "size")
    assert sizes.returncode == 0
    assert ".flash.rodata" in sizes.stdout

    model = tmp_path / "models/model.sqz"
    changed = bytearray(model.read_bytes())
    changed[-1] ^= 1
    model.write_bytes(changed)
    assert pio(project, "run").returncode == 0
    assert bytes(changed) in image.read_bytes(), "a new model is no reason to build again"

    assert pio(project, "run", "-t", "clean").returncode == 0
    assert not image.exists()

    model.unlink()
    done = pio(project, "run")
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "models/model.sqz does not exist; run `dvc repro`" in line
    assert pio(project, "run", "-t", "clean").returncode == 0
