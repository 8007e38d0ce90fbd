"""What the benchmark compares with: TensorFlow Lite Micro on an emulated Xtensa core, as it was measured."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = (
    "TFLM (tflite-micro 90b983c) with its reference kernels, and esp-tflite-micro 99f49e1 with esp-nn "
    "d45b843 as configured for a classic ESP32; Debian's gcc-xtensa-lx106 12.2, -O3 (reference kernels: "
    "-O2); QEMU's lx106 core; instructions of Invoke() alone, on full-int8 SqueezeNet 1.1 models of the "
    "same shapes."
)
FAIRNESS = (
    "On a real LX6, which has SEXT, MULUH and zero-overhead loops, esp-nn would lose an estimated 18 % of "
    "these instructions. Instructions are not cycles: the emulator models no cache misses and no stalls."
)
TEXT_BYTES = 72_768  # TFLM with the operators that SqueezeNet needs


@dataclass(frozen=True)
class Peer:
    """TFLM on one model; its weights are dense, so sparsity changes nothing."""

    model: str
    macs: int
    reference_instructions: int
    instructions: int
    arena_bytes: int


# With esp-nn (`instructions`) and with TFLM's reference kernels.
TFLM = {
    peer.model: peer
    for peer in (
        Peer("48x48x1", 7_940_000, 118_300_000, 95_100_000, 73_900),
        Peer("96x96x1", 40_200_000, 626_100_000, 507_100_000, 210_604),
        Peer("150x150x3", 111_100_000, 1_748_900_000, 1_427_800_000, 476_940),
    )
}
