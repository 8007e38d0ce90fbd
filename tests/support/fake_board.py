"""A board in Python, written from link.h alone."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

HEIGHT, WIDTH, CHANNELS = 4, 5, 1
CLASSES = ("good as new", "cracked", "dirty")
MICROSECONDS, CYCLES_PER_US = 700, 40
CAMERA_US = (312_449, 5_120)  # capture, preparation
MEMORY = 6000  # bytes for arena and loaded model
ARENA = 2000


def model_file(size: int = 2500, arena: int = ARENA, seed: int = 1, version: int = 3) -> bytes:
    """What the fake board takes for a .sqz: header and CRC-32 as in the real one, then anything."""
    rest = struct.pack("<I", arena) + np.random.default_rng(seed).bytes(size - 20)
    return struct.pack("<4sHHII", b"SQZ1", version, 64, size, zlib.crc32(rest)) + rest


def expected_scores(model: bytes, picture: bytes) -> tuple[int, ...]:
    """Scores that depend on every bit of the picture and on the model."""
    digest = struct.pack("<I", zlib.crc32(picture, zlib.crc32(model)))
    return tuple(byte - 128 for byte in digest[: len(CLASSES)])


def picture(seed: int) -> npt.NDArray[np.uint8]:
    """Many 0x00 and much else."""
    pixels = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, CHANNELS), dtype=np.uint8)
    pixels[pixels < 60] = 0
    return pixels


class FakeBoard:
    """Takes bytes, puts its answers into `line`. All of it is slow and simple on purpose."""

    def __init__(self, sqz: bytes | None = None, height: int = HEIGHT, width: int = WIDTH) -> None:
        self.height, self.width, self.channels = height, width, CHANNELS
        self.output: str | None = (
            None  # what it calls its scores; None: as firmware did that called them nothing
        )
        self.decision: tuple[str, ...] = ()  # what it says of how it decides
        self.answer: int | None = None  # a class, whatever the scores are
        self.image = sqz if sqz is not None else model_file()
        self.model = self.image
        self.baud = self.image_baud = self.heard_at = self.proven_baud = 115200
        self.speeds: list[int] = []  # that it was set to
        self.deaf_at: set[int] = set()  # speeds at which its oscillator is too far off
        self.safe = False
        self.deaf = False
        self.scenes: list[bytes] = []  # what its camera is going to see; then it fails
        self.repeating = False
        self.frames: list[tuple[int, int, int, bytes]] = []  # width, height, format, rows: for FRAME
        self.held: tuple[int, tuple[int, int, int, bytes]] | None = None  # number, frame
        self.presses = 0
        self.camera = bytes([0, 5, 0xFF, 0xFF, 0])
        self.old = False  # as firmware that does not know FRAME
        self.asked: list[int] = []  # sequence numbers
        self.line: list[tuple[int, bytes]] = []  # the speed at which it was sent
        self.loading: tuple[int, bytearray] | None = None
        self.piece: bytearray | None = None  # since the last 0x00
        self.silent = 0.0

    def print(self, text: str) -> None:
        self.put(text.encode())

    def put(self, data: bytes) -> None:
        self.line.append((self.baud, data))

    def reset(self) -> None:
        """As by its button: the loaded model is gone."""
        self.model, self.baud, self.loading, self.piece = self.image, self.image_baud, None, None
        self.proven_baud = self.baud
        self.held = None

    def receive(self, data: bytes) -> None:
        self.silent, self.heard_at = 0.0, self.baud
        for byte in b"" if self.deaf else data:
            if byte == 0:
                whole, self.piece = self.piece, bytearray()
                if whole:
                    self._frame_ended(bytes(whole))
            elif self.piece is not None:
                self.piece.append(byte)

    def silence(self, seconds: float) -> None:
        self.silent += seconds
        if self.silent >= 0.5:
            under_way, self.piece = self.piece, None
            if under_way:
                self._error(0, 2, 0)
        if self.silent >= 2 and self.baud != self.proven_baud:
            self.baud = self.proven_baud = self.image_baud

    def _frame_ended(self, piece: bytes) -> None:
        body = unstuff(piece)
        if body is None or len(body) < 12 or zlib.crc32(body[:-4]) != int.from_bytes(body[-4:], "little"):
            self._error(0, 1, 0)
            return
        version, kind, sequence, length = struct.unpack_from("<BBHI", body)
        payload = body[8:-4]
        if version != 1:
            self._error(sequence, 3, 0)
        elif length != len(payload):
            self._error(sequence, 5, 0)
        else:
            self.proven_baud = self.heard_at  # what follows a change in one go came at the old speed
            self.asked.append(sequence)
            self._command(kind, sequence, payload)

    def _command(self, kind: int, sequence: int, payload: bytes) -> None:
        commands: dict[int, Callable[[int, bytes], bytes | tuple[int, int]]] = {
            1: self._hello,
            2: self._classify,
            3: lambda kind, payload: struct.pack("<BBH", 1, 0, 4),
            4: self._bench,
            5: self._load,
            6: self._set_baud,
            7: self._take,
            8: self._repeat,
            9: self._frame,
            10: self._camera,
        }
        if kind not in commands or (kind >= 9 and self.old):
            self._error(sequence, 4, 0)
            return
        if self.safe and kind != 1:
            self._error(sequence, 12, 0)
            return
        answer = commands[kind](kind, payload)
        if isinstance(answer, tuple):
            self._error(sequence, *answer)
            return
        self._send(kind + 0x80, sequence, answer)
        if kind == 6:
            (self.baud,) = struct.unpack("<I", payload)
            self.speeds.append(self.baud)

    def _hello(self, kind: int, payload: bytes) -> bytes:
        lines = ["protocol=1", "name=squeezenet-esp32", "version=1.2.3", "board=fake", f"baud={self.baud}"]
        lines += [
            f"mode={'safe' if self.safe else 'serve'}",
            "crash=StackOverflow" if self.safe else "crash=none",
        ]
        if not self.safe:
            lines += ["camera=painted"]
            source = "flash" if self.model == self.image else "ram"
            lines += ["model=ok", f"source={source}", "producer=9.8.7", f"model_bytes={len(self.model)}"]
            lines += [
                f"model_crc32=0x{header_crc(self.model):08x}",
                f"height={self.height}",
                f"width={self.width}",
            ]
            lines += [f"channels={self.channels}", "standardise=0", f"arena={ARENA}"]
            lines += [f"output={self.output}"] if self.output else []
            lines += self.decision
            lines += [f"classes={len(CLASSES)}"]
            lines += [f"class={name}" for name in CLASSES]
        return ("\n".join(lines) + "\n").encode()

    def _classify(self, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        if len(payload) != self.height * self.width * self.channels:
            return (5, 0)
        scores = expected_scores(self.model, payload)
        answer = scores.index(max(scores)) if self.answer is None else self.answer
        head = (answer, len(scores), MICROSECONDS, MICROSECONDS * CYCLES_PER_US)
        return struct.pack(f"<HHIII{len(scores)}b", *head, header_crc(self.model), *scores)

    def _take(self, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        if not self.scenes:
            return (13, 0)
        classified = self._classify(kind, self.scenes.pop(0))
        return struct.pack("<II", *CAMERA_US) + classified if isinstance(classified, bytes) else classified

    def _repeat(self, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        if payload not in (b"\0", b"\1"):
            return (6, 0)
        self.repeating = payload == b"\1"
        return b""

    def _frame(self, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        number, offset, wanted, trigger = struct.unpack("<IIHB", payload)
        if self.held is None or self.held[0] != number:
            if offset:
                return (10, 0)
            if trigger and not self.presses:
                return struct.pack("<IIIIIHHBB", number, 0, 0, 0, 0, 0, 0, 0, 0)
            if not self.frames:
                return (13, 0)
            self.presses -= trigger
            self.held = (number, self.frames.pop(0))
        width, height, form, rows = self.held[1]
        head = (number, offset, len(rows), zlib.crc32(rows), CAMERA_US[0], width, height, form, 0)
        return struct.pack("<IIIIIHHBB", *head) + rows[offset : offset + wanted]

    def _camera(self, kind: int, payload: bytes) -> bytes:
        self.camera = payload or self.camera
        return self.camera

    def _bench(self, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        (count,) = struct.unpack("<H", payload)
        cycles = MICROSECONDS * CYCLES_PER_US
        return struct.pack("<HHIIQ", count, CYCLES_PER_US, cycles - 1, cycles + 1, count * cycles)

    def _load(self, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        offset, total = struct.unpack_from("<II", payload)
        chunk = payload[8:]
        if offset == 0:
            if chunk[4:6] != b"\3\0":
                return (8, -3)
            if int.from_bytes(chunk[16:20], "little") + total > MEMORY:
                return (9, 0)
            self.model, self.loading = self.image, (total, bytearray())
        if self.loading is None:
            is_held = self.model[offset : offset + len(chunk)] == chunk and len(self.model) == total
            return struct.pack("<I", total) if is_held and self.model != self.image else (10, 0)
        expected, held = self.loading
        if total != expected or offset > len(held):
            return (10, 0)
        held[offset : offset + len(chunk)] = chunk
        if len(held) == total:
            self.loading = None
            if zlib.crc32(held[16:]) != header_crc(held):
                return (8, -4)
            self.model = bytes(held)
        return struct.pack("<I", len(held))

    def _set_baud(self, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        return b"" if 9600 <= int.from_bytes(payload, "little") <= 2_000_000 else (6, 0)

    def _error(self, sequence: int, reason: int, detail: int) -> None:
        self._send(0xFF, sequence, struct.pack("<Bb", reason, detail) + b"why it was not done")

    def _send(self, kind: int, sequence: int, payload: bytes) -> None:
        body = struct.pack("<BBHI", 1, kind, sequence, len(payload)) + payload
        self.put(b"\0" + stuff(body + struct.pack("<I", zlib.crc32(body))) + b"\0")


def header_crc(sqz: bytes) -> int:
    return int.from_bytes(sqz[12:16], "little")


def stuff(data: bytes) -> bytes:
    out, block = b"", b""
    for byte in [*data, 0]:
        if byte:
            block += bytes([byte])
        if not byte or len(block) == 254:
            out += bytes([len(block) + 1]) + block
            block = b""
    return out


def unstuff(data: bytes) -> bytes | None:
    """Fails, as the chip's receiver does, only when the last block is cut short."""
    out, left, zero = b"", 0, False
    for byte in data:
        if left:
            out, left = out + bytes([byte]), left - 1
        else:
            out += b"\0" if zero else b""
            left, zero = byte - 1, byte != 255
    return None if left else out
