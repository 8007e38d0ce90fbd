"""The trained network as a full-int8 .tflite, quantized after training or trained with quantization.

Weights are symmetric int8 with a scale for each filter, activations int8 with a scale for each tensor
(Jacob et al. 2018, arXiv:1712.05877). Zeros are exact in a symmetric format: pruned weights stay zero.
"""

import dataclasses
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras

from squeezenet_lib.compression.fine_tuning import FineTuning, fine_tune
from squeezenet_lib.compression.weight_grid import WeightGrid
from squeezenet_lib.compression.weight_sharing import SharedLayer
from squeezenet_lib.dataset.arrays import network_input
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import Conv2D, Graph
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.writer import write_graph
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Hooks, Record
from squeezenet_lib.training.network import convolutions

# What the network sees of pixels 0 and 255. As the input's range they give scale 1/128, zero point 0.
INPUT_RANGE = (-1.0, 127 / 128)
# Biases are whole quarters to eighths of an output step.
_BIAS_FRACTION_BITS = 2
_LARGEST_BIAS = 2**30
Images = npt.NDArray[np.uint8]


def calibration_pictures(images: Images, count: int, seed: int) -> Images:
    """A seeded draw of `count` pictures, or all when there are fewer, uint8 (n, H, W, C).

    The first two pixels of the first one become 0 and 255: the converter takes the range it sees, and has to
    see the whole range of an input.
    """
    order = np.random.default_rng([seed, len(images)]).permutation(len(images))
    drawn: Images = np.array(images[np.sort(order[:count])])
    drawn[0].flat[:2] = 0, 255
    return drawn


def quantize_after_training(model: tf_keras.Model, calibration: Images) -> bytes:
    """A .tflite with int8 input, output, weights and arithmetic; ranges are measured on `calibration`."""

    def samples() -> Iterator[list[npt.NDArray[np.float32]]]:
        for picture in calibration:
            yield [network_input(picture[np.newaxis])]

    return _convert(model, samples)


def quantize_in_training(
    model: tf_keras.Model,
    tuning: FineTuning,
    checkpoint: Checkpoint,
    on_epoch: Callable[[Record], None],
) -> bytes:
    """Fine-tune a copy of `model` with simulated int8 arithmetic, its zeros kept at zero, and convert it.

    Ranges are learned, so no calibration is needed. tfmot's prune-preserving scheme loses the zeros of a
    convolution that feeds a concatenation directly; network.py keeps a ReLU in between, and the caller counts
    the zeros.
    """
    scheme = tfmot.experimental.combine.Default8BitPrunePreserveQuantizeScheme()
    annotated = tfmot.quantization.keras.quantize_annotate_model(model)
    aware = tfmot.quantization.keras.quantize_apply(annotated, scheme)
    fine_tune(aware, tuning, Hooks(), checkpoint, on_epoch)
    for variable in aware.layers[1].weights:
        if variable.name.endswith(("_min:0", "_max:0")):
            variable.assign(INPUT_RANGE["_max" in variable.name])
    return _convert(aware, None)


def store_levels(converted: bytes, model: tf_keras.Model, layers: Mapping[str, SharedLayer]) -> bytes:
    """The .tflite of the network `model` with shared weights, its int8 weights the levels themselves.

    The converter spreads a filter's levels over -127 to 127. Weights become levels, filter scales the steps,
    and biases, which count in products of input and filter scale, are renewed; they are rounded to a quarter
    of an output step or finer, so that they take fewer bits in the coded network.
    """
    graph = check_quantized(converted)
    names = {
        id(conv): layer.name for conv, layer in zip(graph.convolutions, convolutions(model), strict=True)
    }
    operators = tuple(
        _with_levels(op, layers[names[id(op)]]) if isinstance(op, Conv2D) else op for op in graph.operators
    )
    return write_graph(dataclasses.replace(graph, operators=operators))


def float32_tflite(model: tf_keras.Model) -> bytes:
    """The network as a .tflite that is not quantized."""
    converted: bytes = _converter(model).convert()
    return converted


def check_quantized(model: bytes) -> Graph:
    """The graph of a .tflite that keeps this project's conventions.

    Raises UserError for operators that the runtime lacks, an input that is not pixel - 128 (scale 1/128, zero
    point 0) or scores that are no probabilities.
    """
    graph = read_graph(model)
    scale, zero_point = graph.input.scale, graph.input.zero_point
    if (scale, zero_point) != (1 / 128, 0):
        raise UserError(
            f"The input of the quantized network has scale {scale} and zero point {zero_point} instead of "
            f"{1 / 128} and 0; this is a fault of the converter."
        )
    if not graph.probabilities:
        raise UserError(
            f"The quantized network ends in {graph.output.name!r}, not in a softmax; this is a fault of the "
            "converter."
        )
    return graph


def zero_share(graph: Graph) -> float:
    """Share of zeros in all convolution weights, 0..1."""
    weights = [conv.weights for conv in graph.convolutions]
    return float(sum(np.sum(w == 0) for w in weights) / sum(w.size for w in weights))


def max_distinct_values(graph: Graph) -> int:
    """The largest number of different weight values in a convolution."""
    return max(len(np.unique(conv.weights)) for conv in graph.convolutions)


def check_levels(graph: Graph, grids: Mapping[str, WeightGrid], model: tf_keras.Model) -> None:
    """Raise UserError when a weight is none of its layer's grid."""
    for layer, conv in zip(convolutions(model), graph.convolutions, strict=True):
        others = np.setdiff1d(np.abs(conv.weights), (0, *grids[layer.name].magnitudes))
        if others.size:
            raise UserError(f"A weight of {layer.name} is {others[0]}, which is no value of its grid.")


def check_zeros(model: tf_keras.Model, graph: Graph) -> None:
    """Raise UserError when a convolution has fewer zeros in the .tflite than in `model`."""
    for layer, conv in zip(convolutions(model), graph.convolutions, strict=True):
        before, after = (int(np.sum(w == 0)) for w in (layer.kernel.numpy(), conv.weights))
        if layer.kernel.numpy().size != conv.weights.size or after < before:
            raise UserError(f"Quantization lost zeros of {layer.name}: {before} before, {after} after.")


def _with_levels(conv: Conv2D, shared: SharedLayer) -> Conv2D:
    levels = np.transpose(shared.levels, (3, 0, 1, 2))
    scales = conv.filter_scales.astype(np.float64)
    steps = shared.steps.astype(np.float64)
    bias = conv.bias * scales / steps
    # where batch normalisation has switched a filter off, its constant output is all that is left
    off = ~levels.any(axis=(1, 2, 3)) | (np.abs(bias) >= _LARGEST_BIAS)
    if not off.all():
        steps[off] = np.sort(steps[~off])[np.sum(~off) // 2]
    levels = np.where(off[:, np.newaxis, np.newaxis, np.newaxis], 0, levels).astype(np.int8)
    distance = np.abs(conv.weights * _column(scales) - levels * _column(steps))
    if np.any(distance > _column(scales)):
        raise AssertionError(f"the converter's weights of {conv.output.name!r} are not the shared ones")
    # an output step is 2^-exponent to 2^(1 - exponent) units of the bias
    _, exponent = np.frexp(conv.input.scale * steps / conv.output.scale)
    grain = 2.0 ** np.maximum(0, -exponent - _BIAS_FRACTION_BITS)
    bias = np.round(conv.bias * scales / steps / grain) * grain
    return dataclasses.replace(
        conv, weights=levels, filter_scales=steps.astype(np.float32), bias=bias.astype(np.int32)
    )


def _column(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(filters,) -> (filters, 1, 1, 1)"""
    return values[:, np.newaxis, np.newaxis, np.newaxis]


def _convert(model: tf_keras.Model, samples: Callable[[], Iterator[Any]] | None) -> bytes:
    """Convert with ranges from `samples`, or from the model itself when it was trained with quantization."""
    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if samples is not None:
        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    with warnings.catch_warnings():
        # It speaks of statistics that only the converter's predecessor needed.
        warnings.filterwarnings("ignore", message="Statistics for quantized inputs were expected")
        converted: bytes = converter.convert()
    return converted


def _converter(model: tf_keras.Model) -> tf.lite.TFLiteConverter:
    """For the network as one function. Given a Keras model it traces each of its layers, which is most of its
    work, and then looks at the whole alone: the bytes are the same.
    """

    def scores(pictures: tf.Tensor) -> dict[str, tf.Tensor]:
        return {model.output_names[0]: model(pictures, training=False)}

    (picture,) = model.inputs
    module = tf.Module()
    module.kept = model.variables  # a function refers to them weakly
    module.scores = tf.function(scores, [tf.TensorSpec(picture.shape, picture.dtype, picture.name)])
    return tf.lite.TFLiteConverter.from_keras_model(module)
