"""What the quantize stage leaves."""

from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import TFLITE_MODEL


def read_int8_model() -> bytes:
    """models/model.tflite. Raises UserError when it is missing."""
    try:
        return TFLITE_MODEL.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{TFLITE_MODEL} is missing; run the quantize stage first.") from None
