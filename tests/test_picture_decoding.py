"""Decoding in several processes: the same bytes for any number of them, and what happens when one dies."""

import contextlib
import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.errors import UserError
from squeezenet_lib.images import UnreadablePictureError, decode, load_picture
from squeezenet_lib.params import load_params
from squeezenet_lib.picture_decoding import decode_pictures, usable_cores
from squeezenet_lib.sources import Collection, SourcePicture
from stages.download import write_raw
from tests.many_pictures import write_many_pictures

ROOT = Path(__file__).resolve().parent.parent
PARAMS = replace(load_params(ROOT / "params.yaml").preprocess, size=32, channels=3, max_unreadable_share=0.1)
PATIENCE = 30


def archive_of(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def test_any_number_of_processes_writes_the_same_inputs_in_order(tmp_path: Path) -> None:
    write_many_pictures(tmp_path / "pictures", 40)
    contents = {path.name: path.read_bytes() for path in sorted(tmp_path.glob("pictures/*/*"))}
    contents["broken.jpg"] = b"no picture"
    archive, names = archive_of(tmp_path / "pictures.zip", contents), list(contents)
    for processes in (1, 2, 3):
        decoded = decode_pictures(archive, names, tmp_path / f"inputs{processes}", PARAMS, processes)
        for name, pixels, digest in zip(names[:-1], decoded.inputs, decoded.digests, strict=False):
            assert np.array_equal(pixels, load_picture(contents[name], 32, 3, True))
            assert digest == hashlib.sha256(contents[name]).hexdigest()
        assert decoded.digests[-1] is None
        assert not decoded.inputs[-1].any()
    files = [(tmp_path / f"inputs{processes}").read_bytes() for processes in (1, 2, 3)]
    assert len(set(files)) == 1
    assert len(files[0]) == 41 * 32 * 32 * 3


def test_a_damaged_archive_is_explained(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "pictures.zip", {"a.png": encoded(Image.new("L", (9, 9)), "PNG")})
    with pytest.raises(UserError, match=r"pictures\.zip is damaged .*b\.png.*run the download stage again"):
        decode_pictures(archive, ["a.png", "b.png"], tmp_path / "inputs", PARAMS, 1)
    content = bytearray(archive.read_bytes())
    content[60] ^= 1
    archive.write_bytes(content)
    with pytest.raises(UserError, match=r"pictures\.zip is damaged .*run the download stage again"):
        decode_pictures(archive, ["a.png"], tmp_path / "inputs", PARAMS, 1)


def test_libraries_complaints_do_not_tear_the_progress_bar(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = encoded(Image.linear_gradient("L"), "TIFF", compression="tiff_lzw")
    damaged = whole[:8] + b"\x55" * 100 + whole[108:]
    with pytest.raises(UnreadablePictureError):
        decode(damaged)
    complaint = capfd.readouterr().err.strip()
    assert complaint
    archive = archive_of(tmp_path / "pictures.zip", {"damaged.tif": damaged})
    decode_pictures(archive, ["damaged.tif"], tmp_path / "inputs", PARAMS, 1)
    bar = capfd.readouterr().err
    assert complaint not in bar
    assert "1/1" in bar


def test_decoding_needs_no_tensorflow() -> None:
    code = "import sys, stages.preprocess; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_cores_that_this_process_may_not_use_do_not_count() -> None:
    cores = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, [min(cores)])
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, cores)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The preprocess stage at work in `tmp_path`, on pictures that keep it busy for many seconds."""
    large = encoded(Image.new("L", (3000, 3000)), "PNG")
    pictures = (SourcePicture(f"{i} ä.png", ("cat", "dog")[i % 2], large) for i in range(400))
    (tmp_path / "data/raw").mkdir(parents=True)
    write_raw(Collection("test", "none", "", ["cat", "dog"], pictures), tmp_path / "data/raw")
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    running = subprocess.Popen(
        [sys.executable, "-m", "stages.preprocess"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: any(path.stat().st_blocks for path in tmp_path.glob("data/.processed.*/inputs")))
    yield running
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def workers(stage: subprocess.Popen[str]) -> list[int]:
    """The decoding processes of the running stage."""
    children = Path(f"/proc/{stage.pid}/task/{stage.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def is_over(pid: int) -> bool:
    """True when the process has ended, even if nobody has asked for its exit status yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_killed_worker_ends_the_stage_with_one_sentence(
    stage: subprocess.Popen[str], tmp_path: Path
) -> None:
    wait_until(lambda: len(workers(stage)) == usable_cores())
    pids = workers(stage)
    os.kill(pids[0], signal.SIGKILL)
    _, errors = stage.communicate(timeout=PATIENCE)
    assert stage.returncode == 1
    last = errors.splitlines()[-1]
    assert re.fullmatch(r"error: data/raw/pictures\.zip: .* was killed at \d+ ä\.png .*memory.*", last)
    assert "Traceback" not in errors
    assert all(map(is_over, pids))
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["raw"]


def test_workers_end_with_a_killed_stage(stage: subprocess.Popen[str]) -> None:
    pids = workers(stage)
    stage.kill()
    wait_until(lambda: all(map(is_over, pids)))


def test_ctrl_c_ends_all_and_leaves_nothing(stage: subprocess.Popen[str], tmp_path: Path) -> None:
    pids = workers(stage)
    os.killpg(stage.pid, signal.SIGINT)
    _, errors = stage.communicate(timeout=PATIENCE)
    assert stage.returncode == -signal.SIGINT
    assert errors.count("Traceback") == 1, "the stage's own"
    assert all(map(is_over, pids))
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["raw"]
