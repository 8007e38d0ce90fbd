"""uint8 models of TensorFlow 1: read as int8 where the weights' zero point is 128, else refused."""

import numpy as np
import numpy.typing as npt
import pytest

from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import AveragePool2D, Conv2D, MultiplyChannels
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import OpKind
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.writer import write_graph
from tests.support.normalised_tflite import graph
from tests.support.random_model import computed_alike, random_model
from tests.support.random_pictures import random_pictures
from tests.support.small_tflite import small
from tests.support.unsigned_tflite import trained_by_tensorflow_1, write_unsigned


def reference(model: bytes, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    """TFLite's reference kernels, which alone run uint8; their scores less 128."""
    from tensorflow.lite.python.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF, num_threads=1
    )
    interpreter.allocate_tensors()
    scores = []
    for picture in pictures:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture[np.newaxis])
        interpreter.invoke()
        scores.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).ravel())
    return (np.array(scores) ^ np.uint8(0x80)).view(np.int8)


def host(model: bytes, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    return HostRuntime(compile_graph(read_graph(model)).sqz).run(pictures)


def test_every_number_is_128_less() -> None:
    whole = graph()
    for ours, theirs in zip(read_graph(write_unsigned(whole)).operators, whole.operators, strict=True):
        assert (ours.output.scale, ours.output.zero_point) == (theirs.output.scale, theirs.output.zero_point)
        if isinstance(ours, Conv2D) and isinstance(theirs, Conv2D):
            assert np.array_equal(ours.weights, theirs.weights)
            assert np.array_equal(ours.bias, theirs.bias)
        if isinstance(ours, MultiplyChannels) and isinstance(theirs, MultiplyChannels):
            assert np.array_equal(ours.constants.numbers, theirs.constants.numbers)


def with_weights(seed: int) -> bool:
    network = random_model(np.random.default_rng(seed))
    return computed_alike(network) and len(network.convolutions) > 0


@pytest.mark.parametrize("seed", [seed for seed in range(40) if with_weights(seed)])
def test_small_networks_score_as_by_the_reference_kernels(seed: int) -> None:
    random = np.random.default_rng(seed)
    network = random_model(random)
    model = write_unsigned(network)
    pictures = random_pictures(random, 3, *network.input.shape[1:])
    assert np.array_equal(host(model, pictures), reference(model, pictures))


def test_halves_go_up() -> None:
    """As int8 they would go away from what is 128 here."""
    ours = read_graph(write_unsigned(read_graph(small())))
    (pool,) = (op for op in ours.operators if isinstance(op, AveragePool2D))
    assert pool.halves_up
    assert OpKind.AVERAGE_POOL_UP in {op.kind for op in compile_graph(ours).program.ops}
    with pytest.raises(ValueError, match="the averages of 't8' are rounded as in uint8"):
        write_graph(ours)


def test_what_tensorflow_1_wrote_scores_as_by_the_reference_kernels() -> None:
    """A network with symmetric weights, in the converter's own words."""
    model = trained_by_tensorflow_1()
    pictures = random_pictures(np.random.default_rng(1), 20, 16, 16, 3)
    scores = reference(model, pictures)
    assert len(np.unique(scores, axis=0)) > 1
    assert np.array_equal(host(model, pictures), scores)


def test_weights_of_another_zero_point_are_refused_in_one_sentence() -> None:
    message = (
        r"the model is uint8, as TensorFlow 1 converted, and its weights 't2/weights' have zero point 121, "
        r"where the runtime needs 128: convert the network anew, to int8, with .* \(docs/compile\.md"
    )
    with pytest.raises(UserError, match=message):
        read_graph(write_unsigned(graph(), zero_point=121))
