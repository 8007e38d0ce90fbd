"""The camera board's drivers on ESP-IDF: what they ask of it, and what becomes of its answers."""

import pytest

from tests.support.camera_board import CameraBoard

NOT_FOUND, TIMEOUT = 0x105, 0x107  # esp_err_t


# --- boot ---


def test_a_boot_says_its_steps_and_what_it_found() -> None:
    board = CameraBoard()
    report = board.start()
    assert board.printed() == "\nboot step=display\nboot step=camera\nboot step=memory\nboot step=done\n"
    assert (report.name, report.reset_cause, report.failed_step) == (b"ai-thinker", b"power-on", None)
    assert (report.display, report.camera, report.camera_expected) == (b"ssd1306", b"ov2640", True)
    assert (report.crystal_mhz, report.cycles_per_microsecond, report.crashed) == (40, 240, False)


@pytest.mark.parametrize(
    ("fake", "name", "pins"),
    [
        ({"package": 0, "revision": 100}, b"ESP32-D0WDQ6", b"default"),
        ({"package": 1, "revision": 301}, b"ESP32-D0WD-V3", b"default"),
        ({"package": 1, "revision": 100, "cores": 1}, b"ESP32-S0WD", b"default"),
        ({"package": 2, "pads": 1 << 24}, b"ESP32-D2WD", b"in-package"),
        ({"package": 5, "revision": 100, "pads": 1 << 24}, b"ESP32-PICO-D4", b"in-package"),
        ({"package": 7, "pads": 1 << 24}, b"ESP32-D0WDR2-V3", b"custom"),
        ({"package": 9}, b"unknown ESP32", b"default"),
    ],
)
def test_chip_and_flash_are_named_as_on_bare_metal(fake: dict[str, int], name: bytes, pins: bytes) -> None:
    report = CameraBoard(**fake).start()
    assert report.chip.contents.name == name
    assert report.flash.contents.pins == pins
    assert report.flash.contents.rom_routing == (b"matrix" if "pads" in fake else b"direct")


def test_what_is_known_of_chip_and_flash() -> None:
    report = CameraBoard(reset_core1=14).start()
    chip, flash = report.chip.contents, report.flash.contents
    assert (chip.revision, chip.rated_mhz, chip.second_core_reset) == (301, 240, b"other-core")
    assert (chip.brownout, chip.protection) == (b"on", b"none")
    assert (flash.id, flash.bytes, flash.image_bytes) == (0xEF4016, 4 << 20, 4 << 20)
    assert (flash.mhz, flash.dummy, flash.standard, flash.routing) == (40, 1, True, b"matrix")


@pytest.mark.parametrize(
    ("guarded", "protection"), [(1, b"flash-encryption"), (2, b"secure-boot"), (4, b"secure-boot")]
)
def test_what_guards_the_flash(guarded: int, protection: bytes) -> None:
    assert CameraBoard(guarded=guarded).start().chip.contents.protection == protection


@pytest.mark.parametrize(("supply", "words"), [(0, b"3.3V"), (1, b"1.8V, raised to 1.9V"), (2, b"external")])
def test_what_feeds_the_flash(supply: int, words: bytes) -> None:
    assert CameraBoard(supply=supply).start().flash.contents.supply == words


def test_nothing_but_the_firmware_writes_to_the_line_after_the_boot() -> None:
    board = CameraBoard()
    board.start()
    log, interrupts = 2, 1
    assert board.fake.silenced == log | interrupts


def test_the_board_is_named_after_its_pins() -> None:
    board = CameraBoard("t-camera-v05")
    assert board.start().name == b"t-camera-v05"
    assert (board.fake.sda, board.fake.scl) == (21, 22)


def test_the_stack_is_counted_in_bytes() -> None:
    board = CameraBoard(stack_left=12_000)
    assert board.library.board_stack_size() == 16_384
    assert board.library.board_stack_used() == 4_384


# --- display ---


@pytest.mark.parametrize(("probe", "step"), [(NOT_FOUND, None), (TIMEOUT, b"display")])
def test_no_display_is_no_failure_and_a_bus_that_is_held_is(probe: int, step: bytes | None) -> None:
    report = CameraBoard(probe=probe).start()
    assert (report.display, report.failed_step, report.camera) == (None, step, b"ov2640")


def test_a_picture_goes_out_in_transfers_of_the_shared_driver() -> None:
    board = CameraBoard()
    board.start()
    before = board.fake.transfers
    board.library.board_display(bytes(range(256)) * 4)
    assert board.fake.transfers - before == 1 + 1024 // 16 + 1
    assert bytes(board.fake.transfer[: board.fake.transfer_bytes]) == b"\x00\xaf"


def test_a_display_that_has_gone_is_given_up_after_three_pictures() -> None:
    board = CameraBoard()
    report = board.start()
    board.fake.transmit = TIMEOUT
    for left in (b"ssd1306", b"ssd1306", None):
        board.library.board_display(bytes(1024))
        assert report.display == left
    assert board.fake.bus_resets == 3
    sent = board.fake.transfers
    board.library.board_display(bytes(1024))
    assert board.fake.transfers == sent


# --- memory ---


@pytest.mark.parametrize(
    ("arena", "internal", "psram", "kind", "given"),
    [
        # Inside: all of the largest block, less the heap's own bytes.
        (100_000, 160_064, 4 << 20, b"internal", 160_000),
        # Arena and preparation, to the byte; then one byte less.
        (100_000, 108_256, 4 << 20, b"internal", 108_192),
        (100_000, 108_255, 4 << 20, b"psram", 100_000 + 8192 + (1 << 20)),
        (300_000, 160_000, 500_064, b"psram", 500_000),
        # A module without PSRAM, and an arena that just fits beside too little for preparation.
        (100_000, 108_255, 0, b"internal", 108_176),
    ],
)
def test_the_arena_is_inside_when_it_fits(
    arena: int, internal: int, psram: int, kind: bytes, given: int
) -> None:
    board = CameraBoard(internal_free=internal, psram_free=psram, psram_total=psram).model(96, 1, arena)
    report = board.start()
    assert (report.memory, report.failed_step) == (kind, None)
    address, size = board.memory()
    assert (address % 16, size) == (0, given // 16 * 16)


@pytest.mark.parametrize(("internal", "psram"), [(160_000, 0), (160_000, 200_000), (20, 0)])
def test_less_memory_than_the_model_needs_is_a_failed_step(internal: int, psram: int) -> None:
    board = CameraBoard(internal_free=internal, psram_free=psram).model(96, 1, 300_000)
    assert board.start().failed_step == b"memory"
    assert board.memory()[1] < 300_000


# --- line, button, light ---


def receive(board: CameraBoard, content: bytes) -> None:
    board.fake.receive[: len(content)] = list(content)
    board.fake.received, board.fake.received_read = len(content), 0


@pytest.mark.parametrize(("waiting", "room", "got"), [(b"", 8, b""), (b"a", 8, b"a"), (b"abc", 8, b"abc")])
def test_reading_does_not_wait_for_more_than_there_is(waiting: bytes, room: int, got: bytes) -> None:
    board = CameraBoard()
    receive(board, waiting)
    assert board.read(room) == got


@pytest.mark.parametrize("room", [1, 2, 3])
def test_reading_leaves_what_has_no_room(room: int) -> None:
    board = CameraBoard()
    receive(board, b"abcdef")
    assert board.read(room) == b"abcdef"[:room]
    assert board.read(8) == b"abcdef"[room:]


def test_speeds() -> None:
    board = CameraBoard()
    board.start()
    assert board.fake.baud == 115200
    assert [board.library.board_can_baud(baud) for baud in (9599, 9600, 2_000_000, 2_000_001)] == [0, 1, 1, 0]
    drains = board.fake.drains
    board.library.board_set_baud(921600)
    assert (board.fake.baud, board.fake.drains) == (921600, drains + 1)


@pytest.mark.parametrize(("name", "pulled_up"), [("ai-thinker", 1), ("t-camera-v05", 0)])  # pad 34 cannot
def test_the_button_ties_its_pin_to_ground(name: str, pulled_up: int) -> None:
    board = CameraBoard(name)
    board.start()
    assert board.fake.pulled_up == pulled_up
    assert not board.library.board_button()
    board.fake.buttons_down = 1
    assert board.library.board_button()


def test_the_light_is_off_until_it_is_wanted() -> None:
    board = CameraBoard(light=1)
    board.start()
    assert board.fake.light == 0
    board.library.board_light(True)
    assert board.fake.light == 1


@pytest.mark.parametrize(("output", "active"), [(28, 1), (-28, 0)])
def test_the_pin_that_acts_does_not_until_it_is_wanted(output: int, active: int) -> None:
    """GPIO 27, active high and active low."""
    board = CameraBoard(output=output, acted=active)
    board.start()
    assert board.fake.acted == 1 - active
    board.library.board_act(True)
    assert board.fake.acted == active


def test_a_board_without_a_light_has_none_to_switch() -> None:
    board = CameraBoard("t-camera-v05")
    board.start()
    board.library.board_light(True)
    assert board.fake.light_changes == 0
