"""The camera on ESP-IDF: set up for the network, its frames as lib/frame sees them, its failures by name."""

import pytest

from tests.support.camera_board import CameraBoard

NO_MEM = 0x101  # esp_err_t
NOT_DETECTED, NO_SIZE, NO_FORMAT, NOT_SUPPORTED = range(0x20001, 0x20005)
RGB565, YUV422, GRAYSCALE, JPEG = 0, 1, 3, 4  # pixformat_t
FRAME_GREY, FRAME_YUV422 = 0, 1
WARM_UP = 5  # frames: the first of a sensor are dark
SIZES = (
    "96X96",
    "QQVGA",
    "128X128",
    "QCIF",
    "HQVGA",
    "240X240",
    "QVGA",
    "320X320",
    "CIF",
    "HVGA",
    "VGA",
    "SVGA",
)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (NOT_DETECTED, "no camera answers"),
        (NOT_SUPPORTED, "a camera of an unknown kind"),
        (NO_SIZE, "the camera refuses the frame size"),
        (NO_FORMAT, "the camera refuses the pixel format"),
        (NO_MEM, "no memory for a frame"),
        (-1, "ESP_FAIL"),
    ],
)
def test_a_camera_that_does_not_start_is_named_and_the_rest_goes_on(code: int, words: str) -> None:
    board = CameraBoard(camera_init=code)
    report = board.start()
    assert (report.camera, report.failed_step, report.display) == (None, None, b"ssd1306")
    assert board.take() is None
    assert board.error() == words
    assert board.fake.taken == 0


@pytest.mark.parametrize(
    ("side", "channels", "size"),
    [
        (29, 1, "96X96"),
        (96, 1, "96X96"),
        (97, 1, "128X128"),
        (150, 3, "HQVGA"),
        (224, 3, "240X240"),
        (241, 3, "320X320"),
        (512, 3, "SVGA"),
        (65535, 3, "SVGA"),  # a header that is not to be trusted
    ],
)
def test_without_psram_the_frame_is_the_smallest_that_need_not_be_enlarged(
    side: int, channels: int, size: str
) -> None:
    board = CameraBoard().model(side, channels)
    board.start()
    assert SIZES[board.fake.frame_size] == size
    assert board.fake.pixel_format == (GRAYSCALE if channels == 1 else YUV422)


@pytest.mark.parametrize(("side", "size"), [(48, "96X96"), (96, "240X240"), (150, "320X320"), (512, "SVGA")])
def test_with_psram_there_are_two_pixels_for_each_of_the_network_s(side: int, size: str) -> None:
    board = CameraBoard(psram_total=4 << 20).model(side, 1)
    board.start()
    assert SIZES[board.fake.frame_size] == size


def test_the_sensor_does_what_the_image_says_and_then_what_it_is_told() -> None:
    """This one has no gains to switch, and refuses the exposure: that is no failure."""
    board = CameraBoard(aec_value=-7, exposure_ctrl=-7)
    board.start()
    fake = board.fake
    assert (fake.exposure_ctrl, fake.aec_value, fake.whitebal, fake.wb_mode) == (1, -7, 1, 2)
    assert board.take() is not None
    board.library.board_camera_set(bytes([0, 2]) + (300).to_bytes(2, "little") + bytes([4, 0]))
    assert (fake.exposure_ctrl, fake.aec_value, fake.wb_mode) == (0, 300, 4)
    before = fake.taken
    assert board.take() is not None
    assert fake.taken == before + 2 + 1, "warmed up again, with as many frames as wished"


def test_a_camera_that_did_not_start_is_not_set() -> None:
    board = CameraBoard(camera_init=NOT_DETECTED, wb_mode=-7)
    board.start()
    board.library.board_camera_set(bytes([0, 2, 0, 0, 4, 0]))
    assert board.fake.wb_mode == -7


@pytest.mark.parametrize(("psram", "location"), [(4 << 20, 0), (0, 1)])
def test_frames_lie_in_psram_where_there_is_some(psram: int, location: int) -> None:
    board = CameraBoard(psram_total=psram)
    board.start()
    assert board.fake.fb_location == location


@pytest.mark.parametrize(("channels", "bytes_each", "kind"), [(1, 1, FRAME_GREY), (3, 2, FRAME_YUV422)])
def test_a_frame_is_shown_to_lib_frame_as_it_is(channels: int, bytes_each: int, kind: int) -> None:
    board = CameraBoard().model(150, channels)
    board.start()
    frame = board.take()
    assert frame is not None
    assert (frame.width, frame.height, frame.format) == (240, 176, kind)
    assert (frame.stride, frame.bytes) == (240 * bytes_each, 240 * 176 * bytes_each)


def test_a_picture_is_not_the_one_that_waited_in_the_buffer() -> None:
    board = CameraBoard()
    board.start()
    for newest in (WARM_UP + 1, WARM_UP + 3):
        frame = board.take()
        assert frame is not None
        assert frame.pixels[0] == newest
        board.library.board_camera_release()
    assert (board.fake.taken, board.fake.returned) == (WARM_UP + 3, WARM_UP + 3)


def test_a_camera_that_failed_is_warmed_up_again() -> None:
    board = CameraBoard(frames=WARM_UP + 1)
    board.start()
    assert board.take() is not None
    assert board.take() is None
    board.fake.frames = WARM_UP
    assert board.take() is None
    board.fake.frames = WARM_UP + 1
    assert board.take() is not None


@pytest.mark.parametrize("channels", [1, 3])
def test_raw_pixels_come_no_faster_than_psram_takes_them(channels: int) -> None:
    """esp32-camera: up to 10 MHz its driver packs two samples into a word (ll_cam_set_sample_mode)."""
    board = CameraBoard().model(96, channels)
    board.start()
    assert board.fake.xclk_hz == 10_000_000


def test_at_most_one_frame_is_held() -> None:
    board = CameraBoard()
    board.start()
    assert board.take() is not None
    assert board.take() is not None  # gives the first back
    assert board.fake.taken - board.fake.returned == 1
    board.library.board_camera_release()
    board.library.board_camera_release()
    assert board.fake.taken == board.fake.returned


@pytest.mark.parametrize("frames", [0, 1, 5])
def test_frames_that_do_not_come_are_an_error_until_they_do(frames: int) -> None:
    board = CameraBoard(frames=frames)
    board.start()
    assert board.take() is None
    assert board.error() == "no frame comes"
    board.fake.frames = WARM_UP + 1
    assert board.take() is not None
    assert board.error() == ""


@pytest.mark.parametrize("unknown", [RGB565, JPEG])
def test_a_frame_of_an_unknown_format_is_given_back(unknown: int) -> None:
    board = CameraBoard(camera_format=unknown)
    board.start()
    assert board.take() is None
    assert board.error() == "a frame of an unknown format"
    assert board.fake.taken == board.fake.returned
