"""Models as the converter of TensorFlow 1 wrote them: uint8, one scale for all weights of a layer."""

import dataclasses
import functools
from typing import Any

import numpy as np

from squeezenet_lib.graph import Conv2D, Graph
from squeezenet_lib.tflite.writer import write_graph
from tests.support.tflite_edits import NUMBERS, Edit


def write_unsigned(graph: Graph, zero_point: int = 128) -> bytes:
    """The .tflite. zero_point: of all weights."""
    operators = [_with_one_scale(op) if isinstance(op, Conv2D) else op for op in graph.operators]
    edit = Edit(write_graph(dataclasses.replace(graph, operators=tuple(operators))))
    for tensor in edit.tensors:
        if tensor.type != NUMBERS["INT8"]:
            continue
        tensor.type = NUMBERS["UINT8"]
        quantization, buffer = tensor.quantization, edit.model.buffers[tensor.buffer]
        is_weights = buffer.data is not None and tensor.name.endswith(b"/weights")
        quantization.scale = quantization.scale[:1]
        quantization.zeroPoint = np.array([zero_point if is_weights else quantization.zeroPoint[0] + 128])
        if buffer.data is not None:
            buffer.data = np.asarray(buffer.data, np.uint8) ^ np.uint8(0x80)
    for tensor in edit.tensors:
        if tensor.name.endswith(b"/bias"):
            tensor.quantization.scale, tensor.quantization.zeroPoint = (
                tensor.quantization.scale[:1],
                tensor.quantization.zeroPoint[:1],
            )
    return edit.bytes()


def _with_one_scale(conv: Conv2D) -> Conv2D:
    """The smallest: with others biases of filters could overflow."""
    scales = np.full_like(conv.filter_scales, conv.filter_scales.min())
    return dataclasses.replace(conv, filter_scales=scales)


@functools.cache
def trained_by_tensorflow_1() -> bytes:
    """A small SqueezeNet, 16 x 16 x 3 -> 5 classes, with fake quantization as tf.contrib.quantize put it in,
    by the converter that TensorFlow 2 keeps for such graphs.
    """
    import tensorflow as tf

    v1, random = tf.compat.v1, np.random.default_rng(0)

    def quantized(values: Any, low: float, high: float) -> Any:
        return tf.quantization.fake_quant_with_min_max_args(values, low, high)

    def convolution(x: Any, kernel: int, filters: int, largest: float, rectified: bool = True) -> Any:
        weights = random.normal(0, 0.4, (kernel, kernel, int(x.shape[-1]), filters)).astype(np.float32)
        span = float(np.abs(weights).max())
        symmetric = tf.quantization.fake_quant_with_min_max_args(weights, -span, span, narrow_range=True)
        bias = random.normal(0, 0.1, filters).astype(np.float32)
        y = tf.nn.conv2d(x, symmetric, 1, "SAME") + bias
        return quantized(tf.nn.relu(y), 0, largest) if rectified else quantized(y, -largest, largest)

    graph = v1.Graph()
    with graph.as_default(), v1.Session(graph=graph) as session:
        picture = v1.placeholder(tf.float32, [1, 16, 16, 3], name="picture")
        x = tf.nn.max_pool2d(convolution(quantized(picture, -1, 1), 3, 8, 4), 3, 2, "VALID")
        squeezed = convolution(x, 1, 4, 6)
        x = tf.concat([convolution(squeezed, 1, 8, 8), convolution(squeezed, 3, 8, 8)], 3)
        logits = tf.squeeze(tf.nn.avg_pool2d(convolution(x, 1, 5, 8, rectified=False), 7, 1, "VALID"), [1, 2])
        converter = v1.lite.TFLiteConverter.from_session(session, [picture], [tf.nn.softmax(logits)])
        converter.inference_type, converter.quantized_input_stats = tf.uint8, {"picture": (128, 128)}
        model: bytes = converter.convert()
    return model
