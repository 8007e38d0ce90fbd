"""What the runtime does not run is refused by operator and tensor, and a damaged file by one sentence."""

from collections.abc import Callable

import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.tflite.reader import read_graph
from tests.support.small_tflite import padded, read, small
from tests.support.tflite_edits import NUMBERS, Edit

TANH = 4


def option(kind: str, **values: int) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        for name, value in values.items():
            setattr(edit.first(kind).builtinOptions, name, value)

    return change


def output_of(kind: str, **values: object) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        made = edit.tensors[edit.first(kind).outputs[0]]
        for name, value in values.items():
            setattr(made.quantization if name in ("scale", "zeroPoint") else made, name, value)

    return change


def constant(kind: str, position: int, **values: object) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        made = edit.tensors[edit.first(kind).inputs[position]]
        for name, value in values.items():
            setattr(made.quantization if name in ("scale", "zeroPoint") else made, name, value)

    return change


def softmax_of_a_picture(edit: Edit) -> None:
    edit.first("SOFTMAX").inputs = [edit.first("CONV_2D").outputs[0]]
    edit.tensors[edit.first("SOFTMAX").outputs[0]].shape = [1, 4, 5, 4]


def reshape_pixels(edit: Edit) -> None:
    flat = edit.add_tensor("flat", [1, 20, 4], "INT8", 0.5, -128)
    edit.insert(1, "RESHAPE", [int(edit.first("CONV_2D").outputs[0])], flat)


def dequantize_amid(edit: Edit) -> None:
    real = edit.add_tensor("real", [1, 4, 5, 4], "FLOAT32")
    edit.insert(1, "DEQUANTIZE", [int(edit.first("CONV_2D").outputs[0])], real)


def other_operator(edit: Edit) -> None:
    edit.first("SOFTMAX").opcodeIndex = edit.code("LOGISTIC")


def custom_operator(edit: Edit) -> None:
    edit.first("SOFTMAX").opcodeIndex = edit.code("CUSTOM")
    edit.model.operatorCodes[edit.code("CUSTOM")].customCode = b"TFLite_Detection"


def two_inputs(edit: Edit) -> None:
    edit.subgraph.inputs = [0, 1]


def float_model(edit: Edit) -> None:
    edit.tensors[0].type = NUMBERS["FLOAT32"]


def bad_pad(edit: Edit) -> None:
    padded(edit, "PAD", ((1, 1), (1, 1)))
    edit.tensors[edit.first("PAD").outputs[0]].quantization.zeroPoint = np.array([0])


def pad_of_another_value(edit: Edit) -> None:
    padded(edit, "PADV2", ((1, 1), (1, 1)))
    op = edit.first("PADV2")
    op.inputs = [*op.inputs, edit.add_constant("value", np.array(-3, np.int8))]


def add_differing(edit: Edit) -> None:
    edit.first("ADD").inputs = [edit.operators[0].outputs[0], edit.operators[3].outputs[0]]


def no_maker(edit: Edit) -> None:
    edit.operators[1], edit.operators[3] = edit.operators[3], edit.operators[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (option("CONV_2D", dilationHFactor=2), "CONV_2D, which makes tensor 't1': it is dilated"),
        (option("CONV_2D", strideW=1), "its strides are 2 and 1, not both 1 or both 2"),
        (option("CONV_2D", strideW=3, strideH=3), "its strides are 3 and 3"),
        (option("CONV_2D", padding=7), "neither SAME nor VALID"),
        (option("CONV_2D", fusedActivationFunction=TANH), "none of NONE, RELU, RELU_N1_TO_1, RELU6"),
        (constant("CONV_2D", 1, zeroPoint=np.array([0, 0, 3, 0])), "'t1': its weights have a zero point"),
        (constant("CONV_2D", 1, scale=np.ones(3, np.float32)), "neither one scale nor one for each filter"),
        (constant("CONV_2D", 1, shape=[8, 3, 3, 1]), "it is grouped: its kernel has 1 channels"),
        (constant("CONV_2D", 1, shape=[4, 1, 9, 2]), "only square ones are run"),
        (constant("CONV_2D", 1, shape=[4, 3, 3, 3]), "has 72 bytes, not those of its shape"),
        (constant("CONV_2D", 1, type=NUMBERS["INT4"]), "its constant 't1/weights' is INT4, not INT8"),
        (constant("CONV_2D", 1, buffer=0), "its input 't1/weights' has to be a constant"),
        (constant("CONV_2D", 2, shape=[2, 2]), "its bias has shape"),
        (output_of("CONV_2D", shape=[1, 5, 5, 4]), r"shape \(1, 5, 5, 4\) where \(1, 4, 5, 4\) follows"),
        (output_of("CONV_2D", quantization=None), "tensor 't1' has no scale"),
        (output_of("CONV_2D", scale=np.array([np.nan], np.float32)), "tensor 't1' has scale nan"),
        (output_of("CONV_2D", zeroPoint=np.array([128])), "zero point 128, which no int8 can have"),
        (output_of("CONV_2D", type=NUMBERS["INT16"]), "tensor 't1' is INT16, not int8: quantize the model"),
        (output_of("CONV_2D", shape=[4, 4, 5, 4]), "tensor 't1' is a batch of 4"),
        (output_of("CONV_2D", shapeSignature=[1, -1, -1, 4]), "tensor 't1' has no fixed shape"),
        (option("MAX_POOL_2D", filterWidth=3), "MAX_POOL_2D, which makes tensor 't7'"),
        (option("MAX_POOL_2D", strideW=2), r"its strides \(1, 2\) differ"),
        (option("MAX_POOL_2D", strideW=0), "the file is damaged"),
        (output_of("MAX_POOL_2D", zeroPoint=np.array([6])), "'t6' has another scale or zero point than its"),
        (option("CONCATENATION", axis=1), "CONCATENATION, which makes tensor 't4': it has to join channels"),
        (option("CONCATENATION", fusedActivationFunction=1), "it has a fused activation"),
        (output_of("CONCATENATION", shape=[1, 4, 5, 9]), "the shapes of its inputs do not add up"),
        (output_of("ADD", shape=[1, 4, 5, 1]), "ADD, which makes tensor 't6'"),
        (output_of("ADD", scale=np.array([1e-7], np.float32)), "the scale of its output is too small"),
        (add_differing, "it does not broadcast"),
        (constant("MEAN", 1, buffer=2), "MEAN, which makes tensor 't9'"),
        (softmax_of_a_picture, "average over height and width before"),
        (output_of("SOFTMAX", scale=np.array([0.01], np.float32)), "scale 1/256 and zero point -128"),
        (output_of("MEAN", scale=np.array([1e-9], np.float32)), "the scale of its input 't9' is too small"),
        (reshape_pixels, "RESHAPE, which makes tensor 'flat'"),
        (dequantize_amid, "DEQUANTIZE, which makes tensor 'real': it turns int8 into FLOAT32 elsewhere"),
        (bad_pad, "PAD, which makes tensor 'padded': its input 't1' has another scale"),
        (pad_of_another_value, "it pads with another value than the zero point, -128"),
        (other_operator, "LOGISTIC, which makes tensor 't10': the runtime has no such operator"),
        (custom_operator, "TFLite_Detection, which makes tensor 't10'"),
        (two_inputs, "the .tflite has 2 inputs and 1 outputs"),
        (float_model, "tensor 't0' is FLOAT32, not int8: quantize the model fully, input and output"),
        (no_maker, "its input 't2' is made by nothing before"),
    ],
)  # fmt: skip
def test_what_the_runtime_does_not_run_is_refused(change: Callable[[Edit], None], message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(change)


def test_a_file_that_is_no_tflite_is_refused() -> None:
    with pytest.raises(UserError, match=r"is no \.tflite"):
        read_graph(b"not a flatbuffer at all")


def test_a_file_cut_short_is_refused() -> None:
    whole = small()
    for length in range(8, len(whole) - 8, 97):
        with pytest.raises(UserError):
            read_graph(whole[:length])


def test_damage_anywhere_gives_a_graph_or_one_sentence() -> None:
    random = np.random.default_rng(0)
    whole = np.frombuffer(small(), np.uint8)
    refused = 0
    for _ in range(400):
        damaged = whole.copy()
        damaged[random.integers(8, len(whole), 3)] = random.integers(0, 256, 3)
        try:
            read_graph(damaged.tobytes())
        except UserError:
            refused += 1
    assert 40 < refused < 400
