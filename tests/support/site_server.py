"""Serves the built page over loopback, and the far end of its fake serial port (fake_serial.js)."""

import json
import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

POLL_SECONDS = 0.02


@dataclass
class Device:
    """What a serial port leads to: file descriptors for what it sends and for what it takes.

    busy: the port does not open. opened: the speeds it was opened with. signals: how its lines were set.
    restart: called when they restart the chip. damage: makes what arrives of what the page sends. gone: set
    when it is unplugged. reading: held by who reads from it.
    """

    sends: int
    takes: int
    busy: bool = False
    opened: list[int] = field(default_factory=list)
    signals: list[dict[str, bool]] = field(default_factory=list)
    restart: Callable[[], None] = lambda: None
    damage: Callable[[bytes], bytes] = bytes
    gone: Event = field(default_factory=Event)
    reading: Lock = field(default_factory=Lock)

    def unplug(self) -> None:
        """Returns when nobody reads from it any more."""
        self.gone.set()
        with self.reading:
            pass


@dataclass
class SiteServer:
    """address: of the page. device: what is plugged in now. hung_up: set when the page closes the port, a new
    one each time it opens it.
    """

    address: str
    device: Device | None = None
    hung_up: Event = field(default_factory=Event)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: SiteServer, *arguments: Any, **options: Any) -> None:
        self.site = site
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        if self.path == "/serial/read":
            self._stream()
        else:
            super().do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        address = urlsplit(self.path)
        device = self.site.device
        answer = b""
        if device is None or (address.path == "/serial/open" and device.busy):
            answer = b"busy"  # no error of HTTP: the browser's console would tell of it
        elif address.path == "/serial/open":
            device.opened.append(int(parse_qs(address.query)["baud"][0]))
            self.site.hung_up.set()
            self.site.hung_up = Event()
            answer = b"open"
        elif address.path == "/serial/write":
            os.write(device.takes, device.damage(body))
        elif address.path == "/serial/signals":
            signals = json.loads(body)
            device.signals.append(signals)
            if signals["requestToSend"]:
                device.restart()
        else:
            self.site.hung_up.set()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _stream(self) -> None:
        """What the device sends, as it comes, until either side hangs up."""
        device, hung_up = self.site.device, self.site.hung_up
        assert device is not None
        self.send_response(HTTPStatus.OK)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with device.reading:
            while not (hung_up.is_set() or device.gone.is_set()):
                if select.select([device.sends], [], [], POLL_SECONDS)[0]:
                    data = os.read(device.sends, 4096)
                    if not data:
                        break
                    self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def handle(self) -> None:
        with suppress(ConnectionError):  # the browser drops connections that it does not need any more
            super().handle()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve_site(folder: Path) -> Iterator[SiteServer]:
    """Serve `folder` until the block ends."""
    site = SiteServer("")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, site, directory=str(folder))) as http:
        http.daemon_threads = True
        site.address = f"http://127.0.0.1:{http.server_port}"
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
        thread.start()
        try:
            yield site
        finally:
            site.hung_up.set()
            http.shutdown()
            thread.join()
