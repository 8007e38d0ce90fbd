"""A loopback HTTP server for download tests: serves bytes, honours ranges, and misbehaves on demand."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote


@dataclass
class FileServer:
    """files: contents by name. requests: name and Range header of each request, in order.

    breaks: bytes of a body after which the connection is cut, one entry a request. ranges: whether Range is
    honoured. shift: added to the start of a range that was asked for. length: whether it is announced.
    headers: sent with every file; If-Range is compared with ETag and Last-Modified among them. redirects:
    where a POST to a name is sent on to; without it the answer is `refusal`. posts: their names and bodies.
    pause: seconds between the quarters of a body.
    """

    files: dict[str, bytes]
    breaks: list[int] = field(default_factory=list)
    ranges: bool = True
    shift: int = 0
    length: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    refusal: int = 404
    pause: float = 0.0
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    posts: list[tuple[str, bytes]] = field(default_factory=list)
    address: str = ""


@contextmanager
def serve(server: FileServer) -> Iterator[FileServer]:
    """Run `server` until the block ends; its address is http://127.0.0.1:port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, wanted = unquote(self.path.lstrip("/")), self.headers.get("Range")
            server.requests.append((name, wanted))
            if self.headers.get("If-Range", "") not in ("", *server.headers.values()):
                wanted = None
            if name not in server.files:
                self.send_error(404)
                return
            content, start = server.files[name], 0
            if wanted and server.ranges:
                start = int(wanted.removeprefix("bytes=").removesuffix("-")) + server.shift
                if start >= len(content):
                    self.send_error(416)
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            else:
                self.send_response(200)
            body = content[start:]
            if server.length:
                self.send_header("Content-Length", str(len(body)))
            for header, value in server.headers.items():
                self.send_header(header, value)
            self.end_headers()
            body = body[: server.breaks.pop(0)] if server.breaks else body
            for part in range(4) if server.pause else ():
                quarter = len(body) // 4
                self.wfile.write(body[part * quarter : (part + 1) * quarter])
                time.sleep(server.pause)
            self.wfile.write(body[4 * (len(body) // 4) :] if server.pause else body)

        def do_POST(self) -> None:
            name = unquote(self.path.lstrip("/"))
            server.posts.append((name, self.rfile.read(int(self.headers["Content-Length"]))))
            if name not in server.redirects:
                self.send_error(server.refusal)
                return
            self.send_response(302)
            self.send_header("Location", f"{server.address}/{server.redirects[name]}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.address = f"http://127.0.0.1:{http.server_port}"
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
