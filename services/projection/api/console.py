"""The console: the built page at `/`, its files under `/console/`. Built from `console/` by `make console`.

The files hold no data, so they need no token; what the page asks of the API does.
"""

import asyncio
import gzip
import hashlib
import json
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.projection.settings import ProjectionSettings

BUILT: Final = Path(__file__).parents[1] / "console"
INDEX: Final = "index.html"
CONFIG: Final = "config.json"
COMPRESSED: Final = frozenset({".js", ".css", ".html", ".json", ".svg", ".bin"})
YEAR: Final = "public, max-age=31536000, immutable"
"""Names under `assets/` hold a digest of the content, so what has one never changes."""


def content_policy(ingest_url: str | None) -> str:
    """The page may load from here alone, and talk to here and to ingest."""
    connect = "'self'"
    if ingest_url:
        parts = urlsplit(ingest_url)
        connect += f" {parts.scheme}://{parts.netloc}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src {connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    )


@dataclass(slots=True)
class Asset:
    """A file of the build; compressed once, when it is first asked for."""

    body: bytes
    media_type: str
    cache: str
    small: bool
    etag: str = field(init=False)
    packed: bytes | None = None

    def __post_init__(self) -> None:
        self.etag = f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'

    async def gzipped(self) -> bytes:
        if self.packed is None:
            self.packed = await asyncio.to_thread(gzip.compress, self.body, 6, mtime=0)
        return self.packed


def _asset(name: str, body: bytes) -> Asset:
    suffix = Path(name).suffix
    media_type = {".js": "text/javascript", ".json": "application/json"}.get(suffix)
    media_type = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    cache = YEAR if name.startswith("assets/") else "no-cache"
    return Asset(body, media_type, cache, small=suffix in COMPRESSED)


class Console:
    """ASGI middleware: answers GET and HEAD of `/` and `/console/…`, and hands everything else on."""

    def __init__(self, app: ASGIApp, ingest_url: str | None, built: Path = BUILT) -> None:
        self._app = app
        found = {path.relative_to(built).as_posix(): path for path in sorted(built.rglob("*")) if path.is_file()}
        self._assets = {name: _asset(name, path.read_bytes()) for name, path in found.items()}
        self._assets[CONFIG] = _asset(CONFIG, json.dumps({"ingest_url": ingest_url}).encode())
        self._headers = {
            "Content-Security-Policy": content_policy(ingest_url),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Vary": "Accept-Encoding",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asset = self._wanted(scope)
        if asset is None:
            await self._app(scope, receive, send)
            return
        await (await self._answer(asset, Headers(scope=scope)))(scope, receive, send)

    def _wanted(self, scope: Scope) -> Asset | None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        path: str = scope["path"]
        name = INDEX if path in ("/", "/console", "/console/") else path.removeprefix("/console/")
        return None if name == path else self._assets.get(name)

    async def _answer(self, asset: Asset, asked: Headers) -> Response:
        headers = self._headers | {"Cache-Control": asset.cache, "ETag": asset.etag}
        if asset.etag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if asset.small and "gzip" in asked.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(await asset.gzipped(), media_type=asset.media_type, headers=headers)
        return Response(asset.body, media_type=asset.media_type, headers=headers)


def install_console(app: FastAPI, settings: ProjectionSettings) -> None:
    """Serve the console. To be called last: it stands before the token."""
    app.add_middleware(Console, ingest_url=settings.ingest_url)
