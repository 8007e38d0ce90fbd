"""The second core of a camera board: a task of ESP-IDF's on the core that the application leaves free."""

import ctypes
import time

import pytest

from squeezenet_lib.paths import ROOT
from tests.support.camera_board import CameraBoard

WORK = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
SOFTWARE, POWER_ON = 3, 1  # esp_reset_reason_t
SILENT = 9  # of vector_numbers.h


def test_the_task_has_the_application_s_priority_on_the_other_core() -> None:
    board = CameraBoard()
    report = board.start()
    assert (report.cores, report.one_core, board.fake.tasks) == (1, b"the image's model is for one", 0)
    board.library.board_start_second_core()
    assert (report.cores, report.one_core, board.fake.tasks) == (2, None, 1)
    main_priority, other_core = 1, 0
    assert (board.fake.task_priority, board.fake.task_core) == (main_priority, other_core)
    settings = (ROOT / "esp32_pio" / "sdkconfig.defaults").read_text(encoding="utf-8")
    assert "\nCONFIG_ESP_MAIN_TASK_AFFINITY_CPU1=y\n" in settings


def test_it_does_what_it_is_given_and_sleeps_between() -> None:
    board = CameraBoard()
    board.start()
    board.library.board_start_second_core()
    done: list[int] = []
    works = [WORK(lambda _, number=number: done.append(number)) for number in range(3)]
    for work in works:
        board.library.board_share(work, None)
        assert board.library.board_share_end()
    assert done == [0, 1, 2]
    assert board.fake.notified == 3, "each work wakes it"
    board.fake.stack_left = 4_000
    assert board.library.board_second_stack_used() == 6_144 - 4_000


def test_in_a_long_inference_the_task_sleeps_for_a_tick_each_second_and_the_application_does_not() -> None:
    """Else core 0's idle task would not run, and the task watchdog would reset the chip."""
    board = CameraBoard()
    board.start()
    board.library.board_start_second_core()
    slept: list[int] = []

    def long(_: int | None) -> None:
        for _ in range(3):
            time.sleep(1.1)
            board.library.second_core_turn()
            slept.append(board.fake.slept)
            board.library.second_core_turn()

    work = WORK(long)
    board.library.board_share(work, None)
    for _ in range(2):
        time.sleep(1.1)
        board.library.second_core_turn()
    while len(slept) < 3:
        time.sleep(0.1)
    assert slept == [1, 2, 3]
    assert board.fake.slept == 3


@pytest.mark.parametrize(("no_task", "deleted"), [(1, 0), (2, 1)])
def test_without_a_task_there_is_one_core(no_task: int, deleted: int) -> None:
    """There is no memory for it, or it never runs."""
    board = CameraBoard(no_task=no_task)
    report = board.start()
    board.library.board_start_second_core()
    assert (report.cores, report.one_core) == (1, b"the second did not start")
    assert board.fake.deleted == deleted


def test_a_single_core_part_gets_no_task() -> None:
    board = CameraBoard(cores=1)
    report = board.start()
    board.library.board_start_second_core()
    assert (report.cores, report.one_core, board.fake.tasks) == (1, b"single-core part", 0)


def test_a_silent_task_is_deleted_and_the_next_run_does_without_until_the_power_goes() -> None:
    first = CameraBoard()
    report = first.start()
    first.library.board_start_second_core()
    first.library.board_lose_second_core()
    assert first.fake.deleted == 1
    assert (report.cores, report.one_core) == (1, b"the second does not answer")
    second = CameraBoard(earlier=first, reset_reason=SOFTWARE)
    again = second.start()
    second.library.board_start_second_core()
    assert (again.crashed, again.cores, second.fake.tasks) == (False, 1, 0)
    assert again.one_core == b"the second did not answer in an earlier run"
    assert again.camera is not None, "all else is as ever"
    assert (again.crash.vector, again.crash.core) == (SILENT, 0)
    third = CameraBoard(earlier=second, reset_reason=POWER_ON)
    third.start()
    third.library.board_start_second_core()
    assert third.fake.tasks == 1
