"""The sending half of an ESP32's serial port, as its registers tell of it."""

from tests.support.register_model import Registers

UART_TX, UART_STATUS = 0x60000000, 0x3FF4001C


class Uart:
    """A port whose FIFO loses one character each `pace` reads of the status."""

    def __init__(self, chip: Registers, pace: int = 3, waiting: int = 0) -> None:
        self.chip, self.pace, self.reads = chip, pace, 0
        self.waiting, self.overflowed = waiting, False
        self.sent = bytearray()
        chip.on_read[UART_STATUS] = self.status
        chip.on_write[UART_TX] = self.accept

    def status(self) -> int:
        self.reads += 1
        if self.waiting > 0 and self.reads % self.pace == 0:
            self.waiting -= 1
        sending = 0x2 if self.waiting > 0 or self.reads % self.pace else 0
        return self.waiting << 16 | sending << 24

    def accept(self, value: int) -> None:
        self.waiting += 1
        self.overflowed |= self.waiting > 128
        self.sent.append(value)
