"""A server in front of a forge's API: it lets requests through, notes them, answers with faults, and serves git.

Everything that a test does to a forge over HTTP goes through one of these.
"""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx

GIT_ENDINGS = ("/info/refs", "/git-upload-pack", "/git-receive-pack")
PASSED_ON = ("authorization", "content-type", "accept", "private-token")


@dataclass(frozen=True)
class Request:
    """A request as it came. `json` is its body, None if it has none."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def json(self) -> object:
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, data: object, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(data).encode(), {"Content-Type": "application/json"} | named)


@dataclass
class Fault:
    """What is answered to the next request of this method and end of path. `after`: once it was carried out.

    Without a response the connection is held until the front ends: the client runs out of patience.
    """

    method: str
    ending: str
    response: Response | None
    after: bool = False

    def meets(self, request: Request) -> bool:
        return request.method == self.method and request.path.endswith(self.ending)


@dataclass
class Front:
    """The server. `answer` is the forge behind it."""

    answer: Callable[[Request], Response]
    repositories: Path | None = None
    git_login: str = ""
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def handle(self, request: Request) -> Response | None:
        if self.repositories is not None and request.path.endswith(GIT_ENDINGS):
            return self._git(request)
        self.requests.append(request)
        fault = next((each for each in self.faults if each.meets(request)), None)
        if fault is None:
            return self.answer(request)
        self.faults.remove(fault)
        if fault.after:
            self.answer(request)
        if fault.response is None:
            self.ended.wait(30)
        return fault.response

    def writes(self) -> list[tuple[str, str]]:
        """What was to be changed, as method and path."""
        return [(each.method, each.path) for each in self.requests if each.method not in {"GET", "HEAD"}]

    def _git(self, request: Request) -> Response:
        login = base64.b64encode(self.git_login.encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return Response(401, b"who are you?", {"WWW-Authenticate": 'Basic realm="git"'})
        parts = urlsplit(request.target)
        owner, name, *rest = parts.path.strip("/").split("/")
        variables = {
            "GIT_PROJECT_ROOT": str(self.repositories), "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": "octocat",
            "PATH_INFO": "/".join(["", owner, name.removesuffix(".git") + ".git", *rest]),
            "QUERY_STRING": parts.query, "REQUEST_METHOD": request.method, "CONTENT_LENGTH": str(len(request.body)),
            "CONTENT_TYPE": request.headers.get("content-type", ""), "PATH": "/usr/bin:/bin",
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }  # fmt: skip
        done = subprocess.run(
            ["git", "http-backend"], env=variables, input=request.body, capture_output=True, check=True
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        return Response(int(headers.pop("Status", "200").split()[0]), body, headers)


@contextmanager
def serving(front: Front) -> Iterator[Front]:
    """Serve on a free port until the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self._chunks() if "chunked" in self.headers.get("Transfer-Encoding", "") else None
            if body is None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            response = front.handle(Request(self.command, self.path, headers, body))
            if response is None:
                self.close_connection = True
                return
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        def _chunks(self) -> bytes:
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    front.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield front
    finally:
        front.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def passed_on(upstream: httpx.Client, request: Request, target: str) -> Response:
    """Have the forge behind answer."""
    headers = {name: value for name, value in request.headers.items() if name in PASSED_ON}
    answer = upstream.request(request.method, target, headers=headers, content=request.body)
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name in {"content-type", "link"} or name.startswith("x-ratelimit")
    }
    return Response(answer.status_code, answer.content, kept)
