"""Addresses have one level: a page's name. A deeper one is led to its page-not-found.

Streamlit answers every address with the same document, which loads its parts from
beside itself: one level deeper they are not found, and the reader sees a white page.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.web.server.starlette import starlette_app


class OneLevel:
    """Send who gets a document at `/a/b?lang=en` to `/a_b?lang=en`.

    Seen by the answer: what else lies below other names, such as scripts and
    downloads, is no document. The way is relative, so that it also holds below a
    prefix that a proxy takes off.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = _way_up(scope) if scope["type"] == "http" else ""
        if not way:
            await self.app(scope, receive, send)
            return
        is_led = False

        async def lead(message: Message) -> None:
            nonlocal is_led
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                is_led = message["status"] == 200 and kind.startswith("text/html")
                if is_led:
                    await RedirectResponse(way)(scope, receive, send)
            if not is_led:
                await send(message)

        await self.app(scope, receive, lead)


def _way_up(scope: Scope) -> str:
    """Where the address leads on one level; "" where it has no more than one."""
    base = "/" + (config.get_option("server.baseUrlPath") or "").strip("/")
    levels = scope["path"].removeprefix(base).strip("/").split("/")
    if len(levels) < 2:
        return ""
    query = scope["query_string"].decode("latin-1")
    name = quote("_".join(filter(None, levels)), safe="")
    return "../" * (len(levels) - 1) + name + (f"?{query}" if query else "")


def keep() -> None:
    """Have the server of this process lead so; to be called before it starts."""
    before = starlette_app.create_streamlit_middleware
    starlette_app.create_streamlit_middleware = lambda: [
        Middleware(OneLevel),
        *before(),
    ]
