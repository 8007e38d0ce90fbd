"""What is too large is refused by the compiler, with its name, exactly where the runtime would refuse it."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import (
    AveragePool2D,
    Conv2D,
    Graph,
    MaxPool2D,
    Operator,
    Padding,
    Tensor,
    same_padding,
    windowed_size,
)
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz import limits
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import OpKind
from tests.support.single_convolution import chain, convolution

HEADER = ROOT / "esp32_pio/lib/squeeze_rt/src/sqz_limits.h"
ROOMY = 1 << 26  # more than any runtime takes


def picture(height: int, width: int, channels: int) -> Tensor:
    return Tensor(0, "picture", (1, height, width, channels), 1.0, 0)


def conv(source: Tensor, kernel: int, filters: int = 2, stride: int = 1, padding: int = 0) -> Conv2D:
    """One weight in a hundred is not zero: which, matters for nothing here."""
    weights = np.zeros((filters, kernel, kernel, source.shape[3]), np.int8)
    weights.reshape(-1)[::100] = 1
    bias, multipliers = np.zeros(filters, np.int32), np.full(filters, 1e-3)
    return convolution(
        source, weights, bias, multipliers, stride, Padding(padding, padding, padding, padding)
    )


def max_pool(source: Tensor, window: int, stride: int, same: bool = False) -> MaxPool2D:
    height, width = source.shape[1:3]
    padding = same_padding(height, width, (window, window), stride) if same else Padding()
    size = windowed_size(height, width, padding, (window, window), stride)
    output = Tensor(source.index + 50, f"pool{source.index}", (1, *size, source.shape[3]), 1.0, 0)
    return MaxPool2D(source, output, window, stride, padding, -128, 127)


def average_pool(source: Tensor, window: int, stride: int) -> AveragePool2D:
    size = windowed_size(*source.shape[1:3], Padding(), (window, window), stride)
    output = Tensor(source.index + 70, f"average{source.index}", (1, *size, source.shape[3]), 1.0, 0)
    return AveragePool2D(source, output, window, window, stride, Padding(), -128, 127)


def of_convolution(
    height: int = 8, width: int = 8, channels: int = 1, kernel: int = 1, filters: int = 2, stride: int = 1
) -> Graph:
    source = picture(height, width, channels)
    return chain(source, [conv(source, kernel, filters, stride)])


def of_pool(window: int, stride: int = 1, same: bool = False, average: bool = False) -> Graph:
    """Behind a step that leaves bytes, so that it is a step of its own."""
    source = picture(300, 300, 1)
    first = conv(source, 1)
    alone = average_pool(first.output, 2, 1)  # between convolution and pooling: they are not fused
    made = alone.output
    last = average_pool(made, window, stride) if average else max_pool(made, window, stride, same)
    return chain(source, [first, alone, last])


def of_fused_pool(window: int, stride: int) -> Graph:
    source = picture(200, 8 + window, 1)
    first = conv(source, 2)
    return chain(source, [first, max_pool(first.output, window, stride)])


def test_the_list_is_the_runtimes() -> None:
    defined = re.findall(r"#define SQZ_(MAX_\w+)\s+\(?([^/\n]+?)\)?\s*(?:/\*|$)", HEADER.read_text(), re.M)
    runtime = {name: eval(value.replace("u", "")) for name, value in defined}
    assert runtime == {name: getattr(limits, name) for name in runtime}
    ours = {name for name in vars(limits) if name.startswith("MAX_")}
    assert ours - set(runtime) == {"MAX_TENSORS", "MAX_OPS"}  # of the file's fields, not of the runtime


# What the compiler used to write, or to fail on with a traceback, and what is largest of each.
CASES: dict[str, tuple[Callable[[int], Graph], int, str]] = {
    "channels of the picture": (lambda n: of_convolution(channels=n), 64, "the picture's number of channels"),
    "height": (lambda n: of_convolution(height=n), 2048, "the picture's height"),
    "width": (lambda n: of_convolution(width=n), 2048, "the picture's width"),
    "filters": (lambda n: of_convolution(filters=n), 4096, r"the number of (filters|channels) of "),
    "kernel": (lambda n: of_convolution(80, 80, kernel=n), 64, "the kernel's side of "),
    "stride": (lambda n: of_convolution(80, 80, kernel=1, stride=n), 16, "the stride of "),
    "window of a step of its own": (of_pool, 255, "the window of "),
    "its stride": (lambda n: of_pool(2, n), 255, "the stride of "),
    "average": (lambda n: of_pool(n, average=True), 255, "the window of "),
}


@pytest.mark.parametrize("name", [name for name in CASES if name != "filters"])
def test_the_largest_is_taken_and_the_next_one_refused_by_name(name: str) -> None:
    graph, largest, what = CASES[name]
    compiled = compile_graph(graph(largest), arena_limit=ROOMY)
    assert HostRuntime.status(compiled.sqz) == 0
    with pytest.raises(
        UserError, match=rf"{what}.* is {largest + 1:,}; the runtime takes {largest:,} at most"
    ):
        compile_graph(graph(largest + 1), arena_limit=ROOMY)


@pytest.mark.parametrize(("window", "stride", "steps"), [(64, 16, 0), (65, 2, 1), (20, 17, 1)])
def test_pooling_that_is_too_large_to_be_fused_is_a_step_of_its_own(
    window: int, stride: int, steps: int
) -> None:
    compiled = compile_graph(of_fused_pool(window, stride), arena_limit=ROOMY)
    assert HostRuntime.status(compiled.sqz) == 0
    assert sum(op.kind == OpKind.MAX_POOL for op in compiled.program.ops) == steps


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Around the limits, where one size pushes another over its own."""
    near = st.sampled_from
    height = draw(near([1, 2, 17, 63, 64, 65, 255, 256, 2047, 2048, 2049]))
    width = draw(near([1, 3, 31, 63, 64, 65, 255, 256, 2047, 2048, 2049]))
    if height * width > 300_000:
        height = draw(near([1, 2, 17]))
    channels = draw(near([1, 3, 63, 64, 65] if height * width < 20_000 else [1]))
    source = picture(height, width, channels)
    kernel = draw(near([1, 2, 3, 5, 63, 64, 65, 66]))
    stride = draw(near([1, 2, 3, 15, 16, 17]))
    padding = draw(st.integers(0, kernel - 1))
    if min(height, width) + 2 * padding < kernel:
        kernel, padding = 1, 0
    filters = draw(near([1, 2, 511] if kernel < 5 and height * width < 5000 else [1, 2]))
    operators: list[Operator] = [conv(source, kernel, filters, stride, padding)]
    side = min(operators[-1].output.shape[1:3])
    kind = draw(near(["", "max", "average"]))
    window = min(side, draw(near([2, 3, 63, 64, 65, 254, 255, 256])))
    if kind and side > 1:
        pool = max_pool if kind == "max" else average_pool
        operators.append(pool(operators[-1].output, window, draw(near([1, 2, 15, 16, 17, 255, 256]))))
    return chain(source, operators)


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_what_the_compiler_writes_the_runtime_takes(graph: Graph) -> None:
    try:
        compiled = compile_graph(graph, arena_limit=ROOMY)
    except UserError:
        return
    assert HostRuntime.status(compiled.sqz) == 0


@pytest.mark.parametrize(
    ("shape", "kernel", "filters", "stride"),
    [((150, 150, 65), 3, 8, 1), ((100, 100, 1), 65, 2, 1), ((8, 2049, 1), 3, 2, 1), ((4, 4, 1), 1, 4097, 1)],
    ids=["65 input channels", "a kernel of 65", "a width of 2,049", "4,097 filters"],
)
def test_files_that_were_once_written_are_refused(
    shape: tuple[int, int, int], kernel: int, filters: int, stride: int
) -> None:
    source = picture(*shape)
    operators: list[Operator] = [conv(source, kernel, filters, stride)]
    if filters > limits.MAX_CLASSES:  # they may be no classes
        operators.append(conv(operators[0].output, 1))
    with pytest.raises(UserError, match="the runtime takes"):
        compile_graph(chain(source, operators), arena_limit=ROOMY)
