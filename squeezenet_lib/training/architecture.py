"""The numbers of SqueezeNet 1.1, without TensorFlow: the Keras network and random stand-ins follow them."""

from squeezenet_lib.params.sections import SMALLEST_SIZE

# Filters of the squeeze layer and of each of the two expand layers, for fire2 to fire9.
FIRE_FILTERS = (
    (16, 64),
    (16, 64),
    (32, 128),
    (32, 128),
    (48, 192),
    (48, 192),
    (64, 256),
    (64, 256),
)
CONV1_FILTERS = 64
# 3x3 max pooling with stride 2 follows conv1 and these fire modules.
POOL_AFTER = (3, 5)


def scaled(filters: int, width: float) -> int:
    """How many filters a convolution has in a network of this width: 1 at least."""
    return max(1, round(filters * width))


def check_size(size: int) -> None:
    """Raise ValueError for an input whose last pooling would see less than its window."""
    if size < SMALLEST_SIZE:
        raise ValueError(f"size {size} is below {SMALLEST_SIZE}")
