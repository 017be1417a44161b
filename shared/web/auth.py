"""Optional bearer-token auth (RFC 6750): one shared token, off unless it is set."""

import hmac

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problems import Problem


class BearerToken:
    """ASGI middleware: every path but `/health/…` needs `Authorization: Bearer <token>`, or is answered 401."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/health/"):
            await self._app(scope, receive, send)
            return
        scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), self._token):
            await self._app(scope, receive, send)
            return
        problem = Problem(
            401,
            "no-token",
            "A token is needed",
            "Send the header 'Authorization: Bearer <token>' with the token of this service.",
            headers={"WWW-Authenticate": 'Bearer realm="tocsin"'},
        )
        await problem.response()(scope, receive, send)


def install_auth(app: FastAPI, token: SecretStr | None) -> None:
    """Ask for the token, where there is one."""
    if token is not None:
        app.add_middleware(BearerToken, token=token.get_secret_value())
