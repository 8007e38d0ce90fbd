"""Serial ports of this machine: which one the board is on, and how to open it without holding it in reset."""

from __future__ import annotations

import errno
import time
from pathlib import Path

import serial
from serial.tools import list_ports

from squeezenet_lib.errors import UserError
from squeezenet_lib.processes import announced

# A read returns after that long at the latest, with what has come.
_SLICE_SECONDS = 0.05
_WRITE_BYTES = 1024
_WRITE_SECONDS = 5.0  # for so many bytes, 1.1 s at 9,600 bits in a second; beside the line's time, for all
_BITS_PER_BYTE = 10  # start and stop bit
_RESET_SECONDS = 0.1  # as long as esptool

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
            with announced(f"{name} to be opened"):
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
        """Raises UserError when the port does not take it in about the time that the line needs."""
        end = time.monotonic() + _WRITE_SECONDS + 2 * _BITS_PER_BYTE * len(data) / self.baud
        try:
            for at in range(0, len(data), _WRITE_BYTES):
                if time.monotonic() > end:
                    raise serial.SerialTimeoutException
                self._port.write(data[at : at + _WRITE_BYTES])
        except serial.SerialTimeoutException:
            raise UserError(
                f"{self.name} takes no more bytes, what is behind it does not read: check that it is the "
                "board's port, and plug the board in again"
            ) from None
        except OSError as error:
            raise self._gone(error) from None

    def set_baud(self, baud: int) -> None:
        """Bits in a second. Raises UserError when the port does not offer it."""
        try:
            self._port.baudrate = baud
        except (OSError, ValueError) as error:
            raise UserError(f"{self.name} cannot be set to {baud} bits in a second ({error})") from None

    def reset(self) -> bool:
        """Restart the chip from its flash, as esptool does after writing: on most boards RTS pulls EN low.

        DTR, which pulls GPIO0 low, stays released: no download mode. False when the port has no such lines.
        """
        try:
            for held in (True, False):
                self._port.rts = held
                self._port.dtr = False  # some drivers of Windows pass RTS on only when DTR is set after it
                time.sleep(_RESET_SECONDS if held else 0)
        except OSError as error:
            if error.errno in (errno.ENOTTY, errno.EINVAL):
                return False
            raise self._gone(error) from None
        return True

    def close(self) -> None:
        self._port.close()

    def _gone(self, error: Exception) -> UserError:
        return UserError(
            f"the connection to {self.name} broke ({error}): plug the board in again and try again"
        )


def public_name(name: str) -> str:
    """The name of a port without what may tell of its owner: folders, hosts."""
    scheme, separator, _ = name.partition("://")
    if separator:
        return f"{scheme}://..."
    device = _device(name)
    return device if device.startswith("/dev/") else Path(device).name


def usb_bridge(name: str) -> str | None:
    """Vendor, product and name of the USB device behind a port, "10c4:ea60 CP2102N". None: it has none."""
    for port in list_ports.comports():
        if port.device == _device(name) and port.vid is not None:
            return f"{port.vid:04x}:{port.pid or 0:04x} {port.product or ''}".rstrip()
    return None


def _device(name: str) -> str:
    """What a link such as /dev/serial/by-id/... leads to."""
    return str(Path(name).resolve()) if name.startswith("/dev/") else name


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
