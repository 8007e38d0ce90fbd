"""Serial ports of this machine: which one the board is on, and how to open it without holding it in reset."""

from __future__ import annotations

import errno
import time

import serial
from serial.tools import list_ports

from squeezenet_lib.errors import UserError

# A read returns after that long at the latest, with what has come.
_SLICE_SECONDS = 0.05
_WRITE_BYTES = 1024
_WRITE_SECONDS = 5.0  # for so many bytes: 1.1 s at 9,600 bits in a second

_ACCESS = {
    errno.EACCES: "you may not use it: on Linux `sudo usermod -aG dialout $USER`, then log in again",
    errno.ENOENT: "it does not exist: plug the board in, or name another port with --port",
    errno.EBUSY: "another program uses it: close that serial monitor",
    errno.EAGAIN: "another program uses it: close that serial monitor",
}


class SerialPort:
    """An open serial port, by its name or an address that pyserial knows (socket://..., rfc2217://...).

    Raises UserError when it cannot be opened, and later when the board is unplugged.
    """

    def __init__(self, name: str, baud: int) -> None:
        self.name = name
        try:
            self._port = serial.serial_for_url(
                name, baud, timeout=_SLICE_SECONDS, write_timeout=_WRITE_SECONDS, do_not_open=True
            )
            # On most boards these two lines, when set, hold the chip in reset or start its download mode.
            self._port.dtr = False
            self._port.rts = False
            self._port.exclusive = True
            self._port.open()
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None)
            why = _ACCESS.get(number or 0, f"{error}; check its name and its driver")
            raise UserError(f"the serial port {name} cannot be opened: {why}") from None

    @property
    def baud(self) -> int:
        return int(self._port.baudrate)

    def read(self, timeout: float) -> bytes:
        """What has come; b"" after `timeout` seconds of silence."""
        end = time.monotonic() + timeout
        try:
            while not (data := self._port.read(1)) and time.monotonic() < end:
                pass
            return bytes(data + self._port.read(self._port.in_waiting)) if data else b""
        except (OSError, TypeError) as error:  # pyserial reads from a port that has gone
            raise self._gone(error) from None

    def write(self, data: bytes) -> None:
        try:
            for at in range(0, len(data), _WRITE_BYTES):
                self._port.write(data[at : at + _WRITE_BYTES])
        except OSError as error:
            raise self._gone(error) from None

    def set_baud(self, baud: int) -> None:
        """Bits in a second. Raises UserError when the port does not offer it."""
        try:
            self._port.baudrate = baud
        except (OSError, ValueError) as error:
            raise UserError(f"{self.name} cannot be set to {baud} bits in a second ({error})") from None

    def close(self) -> None:
        self._port.close()

    def _gone(self, error: Exception) -> UserError:
        return UserError(
            f"the connection to {self.name} broke ({error}): plug the board in again and try again"
        )


def find_port(option: str = "--port") -> str:
    """The one USB serial port there is. Raises UserError, naming what there is, for none or several.

    option: with what the user names one.
    """
    ports = sorted(list_ports.comports(), key=lambda port: port.device)
    usb = [port for port in ports if port.vid is not None]
    if len(usb) == 1:
        return str(usb[0].device)
    if usb:
        listed = ", ".join(f"{port.device} ({port.description})" for port in usb)
        raise UserError(f"there are several USB serial ports, {listed}: name the board's with {option}")
    others = ", ".join(port.device for port in ports)
    seen = f"only {others}, which may be named with {option}" if others else "no other one either"
    raise UserError(
        f"no USB serial port was found, {seen}: plug the board in with a cable that carries data; when it "
        "still does not show, install the driver of its USB bridge (CP210x, CH340)"
    )
