"""The firmware on a bad line: whatever comes, the next good request is answered, and rightly."""

from pathlib import Path

import pytest

from squeezenet_lib.device.emulator import run_elf
from squeezenet_lib.device.protocol import ANSWER, CLASSIFY, HELLO, result, split
from tests.support.noisy_line import compile_fuzz_serve, fuzz_serve, noisy_streams
from tests.support.one_layer_model import one_layer_model
from tests.support.small_firmware import firmware, small_model


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_fuzz_serve(tmp_path_factory.mktemp("noisy"))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A network of a few microseconds, 8 x 8 x 3, as .sqz and golden.bin."""
    folder = tmp_path_factory.mktemp("tiny")
    model = one_layer_model()
    (folder / "model.sqz").write_bytes(model.sqz)
    (folder / "golden.bin").write_bytes(model.golden)
    return folder / "model.sqz", folder / "golden.bin"


def test_twenty_thousand_noisy_streams(program: Path, tiny: tuple[Path, Path]) -> None:
    fuzz_serve(program, *tiny, seed=1, streams=20_000)


@pytest.mark.full
def test_a_million_noisy_streams(program: Path, tiny: tuple[Path, Path]) -> None:
    fuzz_serve(program, *tiny, seed=2, streams=1_000_000)


@pytest.mark.parametrize(
    ("environment", "streams"),
    [
        ("qemu", 2_000),
        pytest.param("qemu", 10_000, marks=pytest.mark.full),
        pytest.param("qemu_esp32c3", 10_000, marks=pytest.mark.full),
    ],
)
def test_noisy_streams_on_the_emulated_board(program: Path, environment: str, streams: int) -> None:
    """No pause between noise and request, as on a line that is never silent."""
    model = small_model()
    line = noisy_streams(program, model.sqz, model.golden, seed=3, streams=streams)
    transcript = run_elf(firmware(environment).elf, line, timeout=300)
    assert transcript.status == 0, transcript.text[-500:]
    answers, _ = split(transcript.output)
    wanted = 1
    for answer in answers:
        wanted += answer.kind in (HELLO + ANSWER, CLASSIFY + ANSWER) and answer.sequence == wanted
    assert wanted == streams + 1
    scores = [result(answer.payload).scores for answer in answers if answer.kind == CLASSIFY + ANSWER]
    assert len(scores) > streams / 10
    assert set(scores) == {tuple(model.expected[0].tolist())}
