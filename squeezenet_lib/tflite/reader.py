"""A full-int8 .tflite read into the typed graph of the operators that the chip's runtime runs.

What the runtime cannot run is refused here, with the operator and the tensor named. Four things are put
right on the way, so that no one after this has to know them: float and uint8 ends are dropped (the graph
starts and ends at int8 tensors), RESHAPE is an alias, a dense layer is a convolution, over the whole picture
where that was flattened, and a PAD is folded into the convolution or max pooling that alone reads it.

A CONCATENATION whose inputs differ in scale or zero point is run by neither TFLM nor TensorFlow Lite in int8
(both refuse the model when they allocate its tensors), so there is no result to be equal to. It is read as
what the converter writes for such a network: a Requantize, TFLM's QUANTIZE, for each input that differs.
"""

from __future__ import annotations

import dataclasses
import math

from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import (
    Concatenation,
    Conv2D,
    Graph,
    MaxPool2D,
    Operator,
    Pad,
    Padding,
    Requantize,
    Tensor,
    inputs_of,
    same_padding,
)
from squeezenet_lib.tflite.file import TfliteModel, load_model
from squeezenet_lib.tflite.node import Node, tensor_of
from squeezenet_lib.tflite.operators import READERS
from squeezenet_lib.tflite.unsigned import as_int8

# With a batch size left open, converters compute the shape that a RESHAPE takes. Its result's shape is known.
_SHAPE_ARITHMETIC = ("SHAPE", "STRIDED_SLICE", "PACK")
_RESHAPES = ("RESHAPE", "SQUEEZE")


def read_graph(model: bytes) -> Graph:
    """Reads a .tflite.

    Raises UserError naming the operator and the tensor that the runtime does not run, or saying that the file
    is damaged.
    """
    return _Reader(as_int8(load_model(model))).graph()


class _Reader:
    """Walks the operators of one model in their order."""

    def __init__(self, model: TfliteModel) -> None:
        self.model = model
        self.made: dict[int, Tensor] = {}  # by index in the file; aliases point to the tensor they stand for
        self.flattened: dict[int, Tensor] = {}  # likewise: vectors, and the pictures they were made of
        self.operators: list[Operator] = []
        self.picture: Tensor | None = None  # the ends, once they are known to be int8
        self.scores: Tensor | None = None
        self.next_index = len(model.tensors)

    def graph(self) -> Graph:
        if len(self.model.inputs) != 1 or len(self.model.outputs) != 1:
            raise UserError(
                f"the .tflite has {len(self.model.inputs)} inputs and {len(self.model.outputs)} outputs; "
                "the runtime runs models with one of each"
            )
        start, end = self.model.inputs[0], self.model.outputs[0]
        if self._type(start) not in ("FLOAT32", "UINT8"):  # of these a QUANTIZE makes int8
            self.picture = self.made[start] = tensor_of(self.model, start)
        for operator in self.model.operators:
            self._read(Node(self.model, operator, self.made, self.flattened))
        picture = self.picture or tensor_of(self.model, start)
        scores = self.scores or self.made.get(end)
        if scores is None:
            raise UserError(f"no operator makes the output {tensor_of(self.model, end).name!r}")
        if len(picture.shape) != 4:
            raise UserError(
                f"the input {picture.name!r} has shape {picture.shape}, not (1, height, width, channels)"
            )
        return Graph(picture, scores, tuple(_fold_pads(self.operators, scores)))

    def _type(self, index: int) -> str:
        return self.model.tensors[index].type

    def _read(self, node: Node) -> None:
        kind, target = node.operator.kind, node.operator.outputs[0]
        if target in self.made or len(node.operator.outputs) != 1:
            raise node.refusal("another operator makes it, too, or it has several outputs")
        if kind in _SHAPE_ARITHMETIC and self._type(target) == "INT32":
            return  # what else would read it is refused, because no int8 tensor of that index is made
        if kind in _RESHAPES:
            self._alias(node, target)
        elif kind in ("QUANTIZE", "DEQUANTIZE") and self._is_end(node):
            return
        elif kind in READERS:
            operator = READERS[kind](node)
            if isinstance(operator, Concatenation):
                operator = self._rescaled(operator)
            self.operators.append(operator)
            self.made[target] = operator.output
        else:
            raise node.refusal("the runtime has no such operator")

    def _alias(self, node: Node, target: int) -> None:
        source, output = node.input, node.output
        shape = source.shape
        values = math.prod(shape)
        if output.shape not in ((1, values), (1, 1, 1, values)) or len(shape) not in (2, 4):
            raise node.refusal(
                f"it makes {output.shape} of {shape}; height and width have to be 1 before and after, or the "
                "picture has to become one vector"
            )
        if (source.scale, source.zero_point) != (output.scale, output.zero_point):
            raise node.refusal(f"its input {source.name!r} has another scale or zero point than its output")
        aliases = self.made if values == source.channels else self.flattened
        aliases[target] = source

    def _is_end(self, node: Node) -> bool:
        """Whether a QUANTIZE or DEQUANTIZE only changes the type of the model's input or output."""
        kind, source, target = node.operator.kind, node.index(0), node.operator.outputs[0]
        types = self._type(source), self._type(target)
        if (kind, types) == ("QUANTIZE", ("INT8", "INT8")):
            return False
        if kind == "QUANTIZE" and types in (("FLOAT32", "INT8"), ("UINT8", "INT8")):
            if source != self.model.inputs[0] or self.picture is not None:
                raise node.refusal(f"it turns {types[0]} into int8 elsewhere than once at the model's input")
            self.picture = self.made[target] = node.output
        elif (kind, types) in (("DEQUANTIZE", ("INT8", "FLOAT32")), ("QUANTIZE", ("INT8", "UINT8"))):
            if target != self.model.outputs[0]:
                raise node.refusal(f"it turns int8 into {types[1]} elsewhere than at the model's output")
            self.scores = node.input
        else:
            raise node.refusal(f"it turns {types[0]} into {types[1]}")
        if "UINT8" in types:
            int8, uint8 = (self.model.tensors[i] for i in sorted((source, target), key=self._type))
            points = [point + 128 for point in int8.zero_points.tolist()]
            if uint8.scales.tolist() != int8.scales.tolist() or uint8.zero_points.tolist() != points:
                raise node.refusal(
                    "between int8 and uint8 the scales have to be equal, the zero points 128 apart"
                )
        return True

    def _rescaled(self, joined: Concatenation) -> Concatenation:
        """The same with all inputs in the output's scale and zero point."""
        inputs = []
        for source in joined.inputs:
            scale, zero_point = joined.output.scale, joined.output.zero_point
            tensor = source
            if (source.scale, source.zero_point) != (scale, zero_point):
                name = f"{source.name} for {joined.output.name}"
                tensor = Tensor(self.next_index, name, source.shape, scale, zero_point)
                self.next_index += 1
                self.operators.append(Requantize(source, tensor))
            inputs.append(tensor)
        return dataclasses.replace(joined, inputs=tuple(inputs))


def _fold_pads(operators: list[Operator], output: Tensor) -> list[Operator]:
    """Takes out each Pad that only one Conv2D reads; the convolution's padding grows by it. And each that
    only one MaxPool2D reads, where the two are a pooling with padding SAME: behind ReLU, on even sides.
    """
    makers = {op.output.index: op for op in operators}
    pads = {op.output.index: op for op in operators if isinstance(op, Pad)}
    reads = [tensor.index for op in operators for tensor in inputs_of(op)] + [output.index]
    folded: list[Operator] = []
    gone: set[int] = set()
    for op in operators:
        wide = op
        while isinstance(wide, Conv2D) and wide.input.index in pads and reads.count(wide.input.index) == 1:
            wider = _with_padding(wide, pads[wide.input.index])
            if max(dataclasses.astuple(wider.padding)) >= wide.weights.shape[1]:
                break  # some windows would lie in the padding alone
            gone.add(wide.input.index)
            wide = wider
        if isinstance(op, MaxPool2D) and op.input.index in pads and reads.count(op.input.index) == 1:
            pad = pads[op.input.index]
            wide = _padded_pooling(op, pad, makers.get(pad.input.index))
            gone |= {pad.output.index} - {wide.input.index}
        folded.append(wide)
    return [op for op in folded if op.output.index not in gone]


def _with_padding(conv: Conv2D, pad: Pad) -> Conv2D:
    """`conv` reading what `pad` reads, without rows and columns of padding that no window reaches."""
    top, left = pad.padding.top + conv.padding.top, pad.padding.left + conv.padding.left
    height, width = pad.input.shape[1:3]
    kernel = conv.weights.shape[1]
    bottom = (conv.output.height - 1) * conv.stride + kernel - top - height
    right = (conv.output.width - 1) * conv.stride + kernel - left - width
    return dataclasses.replace(
        conv, input=pad.input, padding=Padding(top, left, max(bottom, 0), max(right, 0))
    )


def _padded_pooling(pool: MaxPool2D, pad: Pad, maker: Operator | None) -> MaxPool2D:
    """`pool` reading what `pad` reads, where padding SAME makes the same of it: no value that `maker` makes
    is below the zero point, which `pad` adds and which never wins in a window that has another value.
    """
    least = getattr(maker, "clamp_min", -128)
    same = same_padding(pad.input.height, pad.input.width, (pool.window, pool.window), pool.stride)
    if least < pad.output.zero_point or pool.padding != Padding() or pad.padding != same:
        return pool
    return dataclasses.replace(pool, input=pad.input, padding=same)
