"""Decoding in several processes: the same bytes for any number of them, and what happens when one dies."""

import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.dataset.decoding import decode_pictures, usable_cores
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import UnreadablePictureError, decode, load_picture
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT
from squeezenet_lib.processes import runs
from squeezenet_lib.sources.collection import Collection, SourcePicture
from stages.download import write_raw
from tests.support.many_pictures import write_many_pictures
from tests.support.waiting import outcome, started, wait_until

pytestmark = pytest.mark.usefixtures("interruptible")
PARAMS = replace(load_params(ROOT / "params.yaml").preprocess, size=32, channels=3, max_unreadable_share=0.1)


def archive_of(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def noise(seed: int) -> Image.Image:
    """A picture that is like no other."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (40, 40), np.uint8))


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
            assert np.array_equal(pixels, load_picture(contents[name], (32, 32, 3), True))
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


# What a process of Python runs at its start: Pillow gets a decoder that crashes, one that takes all memory.
FAULTY_DECODERS = """
import os, signal
from PIL import Image

def open(source, whole=Image.open):
    for mark, number in ((b"crashing", signal.SIGSEGV), (b"swelling", signal.SIGKILL)):
        if source.getvalue().startswith(mark):
            os.kill(os.getpid(), number)
    return whole(source)

Image.open = open
"""


@pytest.fixture
def faulty_decoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "start").mkdir()
    (tmp_path / "start/sitecustomize.py").write_text(FAULTY_DECODERS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "start"), prepend=os.pathsep)


@pytest.mark.usefixtures("faulty_decoders")
def test_a_picture_that_crashes_its_decoder_is_unreadable_and_the_others_are_not(tmp_path: Path) -> None:
    whole = encoded(Image.linear_gradient("L"), "PNG")
    crashing = {0, 3, 4, 40, 99}
    contents = {f"{i}.png": b"crashing" if i in crashing else whole for i in range(100)}
    archive = archive_of(tmp_path / "pictures.zip", contents)
    decoded = decode_pictures(archive, list(contents), tmp_path / "inputs", PARAMS, 2)
    assert {i for i, digest in enumerate(decoded.digests) if digest is None} == crashing
    expected = load_picture(whole, (32, 32, 3), True)
    for i, pixels in enumerate(decoded.inputs):
        assert np.array_equal(pixels, np.zeros_like(expected) if i in crashing else expected)


@pytest.mark.usefixtures("faulty_decoders")
def test_a_picture_that_gets_its_process_killed_is_not_left_out_in_silence(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "pictures.zip", {"a.png": b"crashing", "b.png": b"swelling"})
    with pytest.raises(UserError, match=r"was killed at b\.png or soon after it, .*memory"):
        decode_pictures(archive, ["a.png", "b.png"], tmp_path / "inputs", PARAMS, 1)


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


def write_pictures(folder: Path, pictures: Sequence[bytes]) -> None:
    """What the preprocess stage reads in `folder`: these pictures, of two classes in turn."""
    found = (
        SourcePicture(f"{i} ä.png", ("cat", "dog")[i % 2], content) for i, content in enumerate(pictures)
    )
    (folder / "data/raw").mkdir(parents=True)
    write_raw(Collection("test", "none", "", ["cat", "dog"], found), folder / "data/raw")
    (folder / "params.yaml").write_text((ROOT / "params.yaml").read_text())


@pytest.fixture
def stage(interruptible: None, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The preprocess stage at work in `tmp_path`, on pictures that keep it busy for many seconds."""
    write_pictures(tmp_path, [encoded(Image.new("L", (3000, 3000)), "PNG")] * 400)
    with started(tmp_path, "-m", "stages.preprocess") as running:
        wait_until(
            lambda: (
                running.poll() is not None
                or any(path.stat().st_blocks for path in tmp_path.glob("data/.processed.*/inputs"))
            ),
            running.pid,
        )
        yield running


def workers(stage: subprocess.Popen[str]) -> list[int]:
    """The decoding processes of the running stage."""
    children = Path(f"/proc/{stage.pid}/task/{stage.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def outputs(folder: Path) -> list[str]:
    """What is in data, hidden files included."""
    return sorted(path.name for path in (folder / "data").iterdir())


def test_a_killed_worker_ends_the_stage_with_one_sentence(
    stage: subprocess.Popen[str], tmp_path: Path
) -> None:
    wait_until(lambda: len(workers(stage)) == usable_cores(), stage.pid)
    pids = workers(stage)
    os.kill(pids[0], signal.SIGKILL)
    _, errors = outcome(stage)
    assert stage.returncode == 1
    last = errors.splitlines()[-1]
    assert re.fullmatch(r"error: data/raw/pictures\.zip: .* was killed at \d+ ä\.png .*memory.*", last)
    assert "Traceback" not in errors
    assert not any(map(runs, pids))
    assert outputs(tmp_path) == ["raw"]


def test_workers_end_with_a_killed_stage(stage: subprocess.Popen[str]) -> None:
    pids = workers(stage)
    stage.kill()
    wait_until(lambda: not any(map(runs, pids)), *pids)


def require_interruption(stage: subprocess.Popen[str], pids: Sequence[int], errors: str) -> None:
    assert errors.splitlines()[-1] == "interrupted: the next run goes on with this stage"
    assert "Traceback" not in errors
    assert stage.returncode == -signal.SIGINT
    assert not any(map(runs, pids))


def test_ctrl_c_ends_all_and_leaves_nothing(stage: subprocess.Popen[str], tmp_path: Path) -> None:
    pids = workers(stage)
    os.killpg(stage.pid, signal.SIGINT)
    _, errors = outcome(stage)
    require_interruption(stage, pids, errors)
    assert outputs(tmp_path) == ["raw"]


WORKERS = 3
# The stage with WORKERS processes, interrupted when the process of the given number is just born and has done
# nothing yet. A thread that blocks no signal makes the stage take it at once. Processes before that one stand
# still until then: if one were idle, no other would start.
INTERRUPTED = f"""
import multiprocessing.util, os, select, signal, sys, threading, time
from pathlib import Path
from squeezenet_lib.params.file import load_params
from stages.preprocess import preprocess
from stages.stage import run

start, born = multiprocessing.util.spawnv_passfds, []
bystander = threading.Thread(target=time.sleep, args=(3600,), daemon=True)
bystander.start()
came, coming = os.pipe()
os.set_blocking(coming, False)
signal.set_wakeup_fd(coming)

def interrupt():
    if sys.argv[1] == "the group":
        os.killpg(0, signal.SIGINT)
    elif sys.argv[1] == "the stage":
        os.kill(os.getpid(), signal.SIGINT)
    elif sys.argv[1] == "another thread":
        signal.pthread_kill(bystander.ident, signal.SIGINT)
    else:
        for pid in born:
            os.kill(pid, signal.SIGINT)
        return
    select.select([came], [], [], 60)  # where the signal is ignored nothing comes

def start_and_interrupt(path, arguments, descriptors):
    pid = start(path, arguments, descriptors)
    if "--multiprocessing-fork" in arguments:
        born.append(pid)
        print(pid, flush=True)
        if len(born) < int(sys.argv[2]):
            os.kill(pid, signal.SIGSTOP)
        elif len(born) == int(sys.argv[2]):
            interrupt()
            for one in born:
                os.kill(one, signal.SIGCONT)
    return pid

multiprocessing.util.spawnv_passfds = start_and_interrupt
run(lambda: preprocess(Path("data/raw"), Path("data/processed"), load_params().preprocess, 1, {WORKERS}))
"""


@pytest.mark.parametrize("birth", [1, WORKERS])
@pytest.mark.parametrize("whom", ["the group", "the stage", "another thread", "workers"])
def test_ctrl_c_while_workers_start_is_neither_lost_nor_theirs(tmp_path: Path, whom: str, birth: int) -> None:
    write_pictures(tmp_path, [encoded(noise(i), "PNG") for i in range(200)])
    with started(tmp_path, "-c", INTERRUPTED, whom, str(birth)) as stage:
        said, errors = outcome(stage)
        pids = [int(line) for line in said.splitlines() if line.isdigit()]
        assert len(pids) >= birth
        if whom == "workers":
            assert (stage.returncode, "Traceback" in errors) == (0, False), errors
            assert outputs(tmp_path) == ["processed", "raw"]
        else:
            require_interruption(stage, pids, errors)
            assert outputs(tmp_path) == ["raw"]
