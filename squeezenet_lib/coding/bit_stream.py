"""Streams of bits: the most significant one first, packed into 16-bit units, little endian (so that
neighbouring bytes are swapped). Their reader on the chip is `esp32_pio/lib/squeeze_rt/src/bit_reader.c`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

UNIT_BITS = 16
Bits = npt.NDArray[np.uint8]


def pack_bits(bits: Bits) -> bytes:
    """Zeros and ones, followed by zeros up to a whole unit."""
    padded = np.concatenate([bits, np.zeros(-len(bits) % UNIT_BITS, np.uint8)])
    return np.packbits(padded).view(">u2").astype("<u2").tobytes()


def unpack_bits(data: bytes) -> Bits:
    """Inverse of pack_bits; an odd last byte is no unit and left out."""
    units = np.frombuffer(data, "<u2", len(data) // 2)
    return np.unpackbits(units.astype(">u2").view(np.uint8))


def zigzag(number: int) -> int:
    """0, -1, 1, -2, 2, ... become 0, 1, 2, 3, 4, ..."""
    return 2 * number if number >= 0 else -2 * number - 1


def unzigzag(code: int) -> int:
    return code // 2 if code % 2 == 0 else -(code // 2) - 1


def exp_golomb_bits(number: int, order: int) -> int:
    """How many bits BitWriter.exp_golomb takes."""
    return 2 * ((number >> order) + 1).bit_length() - 1 + order


class BitWriter:
    """Grows by one number after the other."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def put(self, number: int, bits: int) -> None:
        """Of so many bits. Raises ValueError when it does not fit them."""
        if not 0 <= number < 1 << bits:
            raise ValueError(f"{number} does not fit {bits} bits")
        if bits > 0:
            self._parts.append(f"{number:0{bits}b}")

    def unary(self, number: int) -> None:
        """So many zeros and a one."""
        self._parts.append("0" * number + "1")

    def exp_golomb(self, number: int, order: int) -> None:
        high = (number >> order) + 1
        self._parts.append("0" * (high.bit_length() - 1) + f"{high:b}")
        self.put(number & ((1 << order) - 1), order)

    @property
    def bits(self) -> int:
        return sum(map(len, self._parts))

    def to_bytes(self) -> bytes:
        return pack_bits(np.frombuffer("".join(self._parts).encode(), np.uint8) - ord("0"))


class BitReader:
    """Takes from a stream what BitWriter wrote. Each method raises ValueError when the stream ends early."""

    def __init__(self, data: bytes) -> None:
        self._bits = unpack_bits(data)
        self._at = 0

    @property
    def bytes_read(self) -> int:
        """Of the whole units that have been read from."""
        return -(-self._at // UNIT_BITS) * UNIT_BITS // 8

    def take(self, bits: int) -> int:
        """A number of so many bits."""
        taken = self._bits[self._at : self._at + bits]
        if len(taken) < bits:
            raise ValueError("a stream of bits ends early")
        self._at += bits
        number = 0
        for bit in taken.tolist():
            number = 2 * number + bit
        return number

    def unary(self) -> int:
        zeros = 0
        while self.take(1) == 0:
            zeros += 1
        return zeros

    def exp_golomb(self, order: int) -> int:
        zeros = self.unary()
        high = (1 << zeros) + self.take(zeros)
        return high - 1 << order | self.take(order)
