"""The emulated board: a port whose other end is the firmware in QEMU, and the firmware's side of the link."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.device import emulated_board as emulated_board_module
from squeezenet_lib.device.emulated_board import EmulatedBoard, emulated_board
from squeezenet_lib.device.exchange import RefusedError
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.protocol import CLASSIFY, ERROR, Reason, frame, link_error, split
from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz.host_runtime import HostRuntime
from tests.support.other_model import OTHER_CLASSES, flipped_byte, other_format, other_model, too_large_arena
from tests.support.small_firmware import CLASSES, firmware, small_model


@pytest.fixture(params=["qemu", "qemu_esp32c3"])
def board(request: pytest.FixtureRequest) -> Iterator[EmulatedBoard]:
    board = EmulatedBoard(firmware(request.param).elf)
    yield board
    board.close()


@pytest.fixture
def link(board: EmulatedBoard) -> BoardLink:
    link = BoardLink(board)
    link.connect()
    return link


def require_small_model(link: BoardLink, pictures: int) -> None:
    hello = link.hello()
    assert hello.model is not None
    assert (hello.fields["source"], hello.model.class_names) == ("flash", CLASSES)
    for picture, expected in zip(small_model().images[:pictures], small_model().expected, strict=False):
        assert link.classify(picture).scores == tuple(expected)


def test_scores_are_the_references_bit_for_bit(link: BoardLink) -> None:
    require_small_model(link, len(small_model().images))
    assert len(np.unique(small_model().expected, axis=0)) > 3, "the pictures tell nothing apart"


def test_the_boot_report_is_heard_and_the_self_test_passes(link: BoardLink) -> None:
    assert "boot step=ready" in link.text
    golden = link.golden()
    assert (golden.passed, golden.pictures) == (True, 1)


def test_a_loaded_model_answers_and_then_another(link: BoardLink) -> None:
    seen: list[int] = []
    hello = link.load(other_model(), seen.append)
    assert hello.model is not None
    assert (hello.fields["source"], hello.model.class_names) == ("ram", OTHER_CLASSES)
    assert seen[-1] == len(other_model())
    expected = HostRuntime(other_model()).run(small_model().images)
    assert not np.array_equal(expected, small_model().expected)
    for picture, scores in zip(small_model().images, expected, strict=True):
        assert link.classify(picture).scores == tuple(scores)
    golden = link.golden()
    assert not golden.passed
    assert "image's model" in golden.why
    again = link.load(small_model().sqz.read_bytes())
    assert again.model is not None
    assert again.model.class_names == CLASSES


@pytest.mark.parametrize(
    ("bad", "name"),
    [(other_format, "REFUSED, status -3"), (flipped_byte, "REFUSED, status -4"), (too_large_arena, "MEMORY")],
)
def test_a_model_that_is_no_good_is_refused_by_name_and_the_old_one_answers(
    link: BoardLink, bad: Callable[[], bytes], name: str
) -> None:
    with pytest.raises(RefusedError, match=rf"the board refuses \({name}\): "):
        link.load(bad())
    require_small_model(link, 3)


def test_a_request_that_is_cut_short_is_given_up(link: BoardLink, board: EmulatedBoard) -> None:
    """The chip notices that nothing more comes, and says so unasked."""
    board.write(frame(CLASSIFY, small_model().images[0].tobytes())[:100])
    heard = b""
    while not (frames := split(heard)[0]):
        piece = board.read(20)
        assert piece, "the chip waits for ever"
        heard += piece
    assert [found.kind for found in frames] == [ERROR]
    assert link_error(frames[0].payload).reason == Reason.TIMEOUT
    require_small_model(link, 1)


def test_the_benchmark_counts_as_classify_does(link: BoardLink) -> None:
    bench = link.bench(5)
    assert (bench.count, bench.cycles_per_microsecond) == (5, 40)
    assert 5 * bench.least <= bench.total <= 5 * bench.most
    assert abs(link.classify(small_model().images[0]).cycles - bench.least) <= 2


def test_a_change_of_speed_is_agreed_on(link: BoardLink) -> None:
    assert link.set_baud(921600)
    assert link.hello().fields["baud"] == "921600"
    require_small_model(link, 1)


# --- what stands around it ---


def test_hanging_up_ends_the_chip(board: EmulatedBoard) -> None:
    BoardLink(board).connect()
    assert board.status is None
    board.close()
    assert board.status == 0


def test_a_chip_that_has_ended_is_an_error_and_no_silence(board: EmulatedBoard) -> None:
    BoardLink(board).connect()
    board._chip.kill()
    with pytest.raises(UserError, match="the emulated chip ended with status -9"):
        BoardLink(board).hello()


def test_a_chip_that_reads_nothing_any_more_is_not_waited_for_for_ever(
    board: EmulatedBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulated_board_module, "_WRITE_SECONDS", 0.5)
    BoardLink(board).connect()
    os.kill(board._chip.pid, signal.SIGSTOP)
    try:
        with pytest.raises(UserError, match="the emulated chip reads nothing any more"):
            board.write(bytes(1_000_000))
    finally:
        os.kill(board._chip.pid, signal.SIGCONT)


def test_a_file_that_qemu_cannot_load_is_named(tmp_path: Path) -> None:
    board = EmulatedBoard(tmp_path / "absent.elf")
    with pytest.raises(UserError, match=r"ended with status 1: .*absent\.elf"):
        BoardLink(board).connect()
    board.close()


def test_the_firmware_is_built_around_the_files_that_are_named() -> None:
    with emulated_board("esp32", small_model().sqz, small_model().golden) as board:
        require_small_model(BoardLink(board), 1)
        board.close()


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.sqz does not exist: run `dvc repro huffman`"):
        emulated_board("esp32", tmp_path / "none.sqz", small_model().golden).__enter__()
    with pytest.raises(UserError, match=r"none\.bin does not exist: run `dvc repro tflm-export`"):
        emulated_board("esp32", small_model().sqz, tmp_path / "none.bin").__enter__()


def test_without_qemu_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="sudo apt install qemu-system-misc"):
        EmulatedBoard(tmp_path / "firmware.elf")
