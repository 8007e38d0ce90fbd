"""The benchmark's models: random SqueezeNets, compiled for the chip, each with a picture to run on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.graph import Graph
from squeezenet_lib.sqz.program import ModelFacts, Program

EIGHT_BIT = 127
FOUR_BIT = 7

# (size, channels, classes), as TFLM was counted on.
INPUTS = {"48x48x1": (48, 1, 2), "96x96x1": (96, 1, 2), "150x150x3": (150, 3, 6)}
SPARSITIES = (0.0, 0.6, 0.8, 0.9)
LEVELS = (EIGHT_BIT, FOUR_BIT)
GROWTH_SIZES = (32, 48, 64, 96, 128, 150)
GROWTH_WIDTHS = (0.25, 0.5, 1.0)
TYPICAL = (0.8, FOUR_BIT)  # sparsity and levels at which growth is measured


@dataclass(frozen=True)
class Subject:
    """What a model is drawn by. sparsity: share of zeros in each layer. levels: its largest weight."""

    size: int
    channels: int
    classes: int
    sparsity: float
    levels: int
    width: float = 1.0

    @property
    def input(self) -> str:
        """For example "96x96x1"."""
        return f"{self.size}x{self.size}x{self.channels}"

    @property
    def weights(self) -> str:
        """For example "4-bit levels"."""
        return "4-bit levels" if self.levels == FOUR_BIT else f"{self.levels.bit_length() + 1}-bit"

    def __str__(self) -> str:
        return f"{self.input} of width {self.width:g}, {self.weights}, sparsity {self.sparsity:g}"


def growth_subjects() -> list[Subject]:
    """By input size at full width, then by width at 96x96x1."""
    sizes = [Subject(size, 1, 2, *TYPICAL) for size in GROWTH_SIZES]
    return sizes + [Subject(96, 1, 2, *TYPICAL, width) for width in GROWTH_WIDTHS if width != 1.0]


@dataclass(frozen=True)
class Work:
    """Multiply-accumulates of one step, padding taps included; nonzero_macs: without zero weights."""

    name: str
    macs: int
    nonzero_macs: int


@dataclass(frozen=True)
class BenchModel:
    """A drawn model: its graph, its .sqz, the work of each of its steps, and one picture uint8 (H, W, C)."""

    subject: Subject
    graph: Graph
    sqz: bytes
    arena_bytes: int
    work: tuple[Work, ...]
    picture: npt.NDArray[np.uint8]

    @property
    def weights(self) -> int:
        return sum(conv.weights.size for conv in self.graph.convolutions)

    @property
    def nonzero_weights(self) -> int:
        return sum(int(np.count_nonzero(conv.weights)) for conv in self.graph.convolutions)

    @property
    def macs(self) -> int:
        return sum(step.macs for step in self.work)

    @property
    def nonzero_macs(self) -> int:
        return sum(step.nonzero_macs for step in self.work)


def draw(subject: Subject) -> BenchModel:
    """The model and the picture of `subject`: the same ones each time."""
    random = np.random.default_rng(
        [
            subject.size,
            subject.channels,
            subject.classes,
            round(1000 * subject.sparsity),
            subject.levels,
            round(1000 * subject.width),
        ]
    )
    graph = random_squeezenet(
        random,
        subject.size,
        subject.channels,
        subject.classes,
        width=subject.width,
        sparsity=subject.sparsity,
        levels=subject.levels,
    )
    names = tuple(f"class {index}" for index in range(subject.classes))
    compiled = compile_graph(graph, ModelFacts(names))
    (picture,) = draw_pictures(random, 1, subject)
    arena_bytes = compiled.memory.arena_bytes
    return BenchModel(subject, graph, compiled.sqz, arena_bytes, work_of(compiled.program), picture)


def draw_pictures(random: np.random.Generator, count: int, subject: Subject) -> npt.NDArray[np.uint8]:
    """Blots with noise on them: uint8 (count, size, size, channels)."""
    size, channels = subject.size, subject.channels
    side = -(-size // 8)
    blots = np.kron(random.integers(0, 256, (count, 8, 8, channels)), np.ones((1, side, side, 1), int))
    noise = random.integers(-40, 41, (count, size, size, channels))
    mixed: npt.NDArray[np.int64] = np.clip(blots[:, :size, :size] + noise, 0, 255)
    return mixed.astype(np.uint8)


def work_of(program: Program) -> tuple[Work, ...]:
    """What each step multiplies; nothing but convolutions is counted."""
    steps = []
    for index, op in enumerate(program.ops):
        macs = nonzero = 0
        if op.filters is not None:
            pixels = op.conv_height * op.conv_width
            macs = pixels * int(op.filters.weights.size)
            nonzero = pixels * int(np.count_nonzero(op.filters.weights))
        steps.append(Work(op.name or f"step {index}", macs, nonzero))
    return tuple(steps)
