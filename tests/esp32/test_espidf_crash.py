"""How an earlier run ended, as ESP-IDF tells the next one: reset causes, and what is kept of a panic."""

import pytest

from tests.support.camera_board import CameraBoard
from tests.support.register_model import Crash

POWER_ON, SOFTWARE, PANIC, INT_WDT, TASK_WDT, WDT, BROWNOUT = 1, 3, 4, 5, 6, 7, 9  # esp_reset_reason_t
DEBUG, IWDT, FAULT = 0, 1, 4  # panic_exception_t


def crashed_run(reason: int = PANIC) -> CameraBoard:
    """A run that starts after one that jumped into nowhere."""
    first = CameraBoard()
    assert first.library.panics(FAULT, False, False, 20, 0x400D1234, 0, 1)
    return CameraBoard(earlier=first, reset_reason=reason)


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        (POWER_ON, b"power-on"),
        (SOFTWARE, b"software"),
        (BROWNOUT, b"brownout"),
        (PANIC, b"panic"),
        (INT_WDT, b"watchdog-interrupt"),
        (TASK_WDT, b"watchdog-task"),
        (WDT, b"watchdog-rtc"),
        (0, b"unknown"),
        (99, b"unknown"),
    ],
)
def test_reset_causes(reason: int, name: bytes) -> None:
    assert CameraBoard(reset_reason=reason).start().reset_cause == name


def test_the_run_after_a_panic_knows_where_and_touches_the_line_alone() -> None:
    board = crashed_run()
    report = board.start()
    assert report.crashed
    assert tuple(report.crash) == (1, 20, 0x400D1234, 0, 1)
    assert board.crash_name(report.crash) == b"InstructionFetchProhibited"
    assert (report.display, report.camera) == (None, None)
    assert (board.fake.transfers, board.fake.camera_inits) == (0, 0)
    assert board.take() is None
    assert board.error() == "not started after a crash"


@pytest.mark.parametrize("reason", [SOFTWARE, BROWNOUT])
def test_a_crash_is_known_until_the_power_goes(reason: int) -> None:
    second = crashed_run(reason)
    assert second.start().crashed
    third = CameraBoard(earlier=second, reset_reason=POWER_ON)
    assert not third.start().crashed
    assert not CameraBoard(earlier=third, reset_reason=SOFTWARE).start().crashed


@pytest.mark.parametrize("byte", range(28))
def test_a_damaged_record_is_none(byte: int) -> None:
    board = crashed_run(SOFTWARE)
    board.rtc[byte] ^= 0x10
    assert not board.start().crashed


@pytest.mark.parametrize("reason", [PANIC, INT_WDT, TASK_WDT, WDT])
def test_a_crash_that_left_no_record_is_one_all_the_same(reason: int) -> None:
    board = CameraBoard(reset_reason=reason)
    report = board.start()
    assert report.crashed
    assert board.crash_name(report.crash) == b"Unknown"


@pytest.mark.parametrize(
    ("exception", "pseudo", "aborted", "cause", "name"),
    [
        (FAULT, False, False, 29, b"StoreProhibited"),
        (FAULT, False, True, 29, b"Abort"),
        (IWDT, True, False, 5, b"Watchdog"),
        (DEBUG, True, False, 1, b"Breakpoint"),
        (FAULT, True, False, 7, b"Unknown"),  # 7: of ESP-IDF's own numbers, not of the core's
    ],
)
def test_kinds_of_panic(exception: int, pseudo: bool, aborted: bool, cause: int, name: bytes) -> None:
    first = CameraBoard()
    assert first.library.panics(exception, pseudo, aborted, cause, 0x40080000, 0x3FFB0000, 0)
    board = CameraBoard(earlier=first, reset_reason=PANIC)
    crash = board.start().crash
    assert board.crash_name(crash) == name
    assert (crash.cause, crash.pc, crash.address, crash.core) == (cause, 0x40080000, 0x3FFB0000, 0)


def test_a_restart_leaves_its_reason_once_the_line_is_quiet() -> None:
    first = CameraBoard()
    first.start()
    drains = first.fake.drains
    assert first.restarts_after(Crash(7, 0, 1, 2))
    assert first.fake.drains > drains
    report = CameraBoard(earlier=first, reset_reason=SOFTWARE).start()
    assert (report.crashed, tuple(report.crash)) == (True, (7, 0, 1, 2, 0))
