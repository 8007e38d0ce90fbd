"""What a board's report says about the time that an inference may take."""

import json

import pytest

from squeezenet_lib.device.hello import Hello, Model, inference_seconds
from squeezenet_lib.paths import METRICS, ROOT


def seconds(height: int, width: int, **fields: str) -> float:
    model = Model("1.0.0", 1, 1, height, width, 1, False, True, 1, ("a", "b"))
    return inference_seconds(Hello({"board": "fake", **fields}, model), model)


def test_more_than_any_network_of_the_benchmark_takes_is_waited_for() -> None:
    for found in json.loads((ROOT / METRICS / "bench.json").read_text()):
        height, width, _ = map(int, found["model"].split("x"))
        needed = found["instructions"] / 240e6
        assert needed < seconds(height, width, engine="squeeze_rt", cycles_per_us="240") < 4


def test_slower_clocks_and_engines_get_more_time() -> None:
    usual = seconds(96, 96, engine="squeeze_rt", cycles_per_us="240")
    assert 1 < usual < 2
    assert seconds(96, 96, engine="squeeze_rt", cycles_per_us="40") == pytest.approx(6 * usual)
    assert seconds(96, 96, engine="tflm", cycles_per_us="240") == pytest.approx(8 * usual)


@pytest.mark.parametrize("clock", ["", "0", "many", "-240", "99999999999"])
def test_a_board_that_does_not_say_gets_the_usual_time(clock: str) -> None:
    assert seconds(96, 96, cycles_per_us=clock) == seconds(96, 96, engine="squeeze_rt", cycles_per_us="240")
