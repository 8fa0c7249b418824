"""A small web server for the pages under OVERHAUL_HOME: the Prefect UI cannot link to files.

It listens on this machine alone, and whoever does not know the token in the address gets nothing.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from overhaul.flows.settings import Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_NAME = r"[A-Za-z0-9._-]+"
_PAGE = re.compile(
    rf"(?:runs/{_NAME}/(?:pages|reports)|pull-requests/{_NAME}|reports(?:/{_NAME}){{0,2}})/{_NAME}\.html"
)


@dataclass(frozen=True, slots=True)
class Pages:
    """Where pages are served; port and token stay the same over restarts, so that links stay valid."""

    port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.token}"


def pages_of(settings: Settings) -> Pages:
    """Return what is recorded under the home, or choose and record it."""
    record = _record(settings)
    if not record.exists():
        with _listen(0) as free:
            port = free.getsockname()[1]
        _write(Pages(port, secrets.token_urlsafe(24)), record, replace=False)
    return Pages(**json.loads(record.read_text()))


def link_to(page: Path, settings: Settings) -> str:
    """The address at which a person can open a page.

    That of OVERHAUL_PAGES_URL, where somebody publishes the folders of pages; else that of the page server, if the
    Prefect server in use is ours; else the file's own.
    """
    from overhaul.flows.server import is_ours

    try:
        relative = page.absolute().relative_to(settings.home.absolute()).as_posix()
    except ValueError:
        return page.absolute().as_uri()
    if published := os.environ.get("OVERHAUL_PAGES_URL"):
        return f"{published.rstrip('/')}/{relative}"
    if is_ours(settings, os.environ.get("PREFECT_API_URL")):
        return f"{pages_of(settings).url}/{relative}"
    return page.absolute().as_uri()


def page_at(path: str, settings: Settings) -> Path | None:
    """The page of a path in an address; None for whatever else is there, and for links."""
    if not _PAGE.fullmatch(path):
        return None
    home = settings.home.resolve()
    page = home / path
    return page if page.is_file() and page.resolve() == page else None


def application(settings: Settings, token: str) -> Starlette:
    """The server's application."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import FileResponse, PlainTextResponse
    from starlette.routing import Route

    async def show(request: Request) -> Response:
        known = secrets.compare_digest(request.path_params["token"].encode(), token.encode())
        path = request.path_params["path"]
        if known and not path:
            return PlainTextResponse(
                "Pages of runs are here; each run tells its own: overhaul show RUN --page\n", headers=HEADERS
            )
        page = page_at(path, settings) if known else None
        if page is None:
            return PlainTextResponse("There is no such page.\n", status_code=404, headers=HEADERS)
        return FileResponse(page, media_type="text/html; charset=utf-8", headers=HEADERS)

    return Starlette(
        routes=[Route("/{token}/{path:path}", show, methods=["GET"])],
        # A web page elsewhere must not reach it under a name of its own.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def serve(settings: Settings) -> None:
    """Serve until the process is ended."""
    import uvicorn

    pages = pages_of(settings)
    try:
        listening = _listen(pages.port)
    except OSError:
        listening = _listen(0)
        pages = Pages(listening.getsockname()[1], pages.token)
        _write(pages, _record(settings), replace=True)
    # The access log would hold the token.
    config = uvicorn.Config(
        application(settings, pages.token), access_log=False, log_level="warning", lifespan="off",
        server_header=False,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[listening])


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def _record(settings: Settings) -> Path:
    return settings.server / "pages.json"


def _write(pages: Pages, record: Path, *, replace: bool) -> None:
    """Write the record in one go, readable for its owner alone; another one that is there already stays."""
    record.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=record.parent)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(pages), file)
    if replace:
        Path(name).replace(record)
        return
    try:
        os.link(name, record)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()


if __name__ == "__main__":
    serve(Settings.from_environment())
