"""An S3 server on loopback, spoken to over HTTP: moto's, with faults at will.

It answers one request after the other, so that a condition and what it guards are one
step, as they are at the store. What goes wrong, and when, is for `fault` to say.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.s3.models import s3_backends
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "ledgers"
KEYS = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_DEFAULT_REGION": "us-east-1",
}
# What a fault says is done with a request.
BEFORE, AFTER, ERROR, LOST, REFUSED = "before", "after", "error", "lost", "refused"


Fault = Callable[[int, str], str | float | None]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *arguments: Any) -> None:
        pass


class S3Server:
    """Serves one bucket, BUCKET, from its making until `close`.

    fault
        Called with number (from 0 on) and text ("PUT /bucket/key") of each request;
        None lets it pass. BEFORE and AFTER kill the process `victim` with the request
        undone or done; ERROR answers 500 with it undone, LOST with it done, REFUSED
        403; a number answers after so many seconds.
    """

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, request_handler=_Quiet)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self.environment = {**KEYS, "AWS_ENDPOINT_URL": self.address}
        if BUCKET not in self._backend.buckets:
            self._backend.create_bucket(BUCKET, KEYS["AWS_DEFAULT_REGION"])
        self.victim = 0
        self.is_unconditional = False
        self._kept: dict[str, bytes] = {}
        self.calm()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def calm(self) -> None:
        """No faults from here on, and counted anew."""
        self.fault: Callable[[int, str], str | float | None] = lambda _number, _what: (
            None
        )
        self.requests: list[str] = []

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        what = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        act = self.fault(len(self.requests), what)
        self.requests.append(what)
        if self.is_unconditional:
            environ.pop("HTTP_IF_NONE_MATCH", None)
            environ.pop("HTTP_IF_MATCH", None)
        if isinstance(act, float):
            time.sleep(act)
        if act == BEFORE:
            os.kill(self.victim, signal.SIGKILL)
        if act in (BEFORE, ERROR):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return self._refuse(start, "500 Internal Server Error", "InternalError")
        if act == REFUSED:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return self._refuse(start, "403 Forbidden", "AccessDenied")
        if act in (AFTER, LOST):
            list(self._app(environ, lambda *_: None))
            if act == AFTER:
                os.kill(self.victim, signal.SIGKILL)
            return self._refuse(start, "500 Internal Server Error", "InternalError")
        return self._app(environ, start)

    def _refuse(self, start: Any, status: str, code: str) -> Iterable[bytes]:
        start(status, [("Content-Type", "application/xml")])
        return [f"<Error><Code>{code}</Code></Error>".encode()]

    def keep(self) -> None:
        """Remember what the bucket holds, for `restore`."""
        self._kept = self.objects()

    def restore(self) -> None:
        """Have the bucket hold what it held at `keep`, and no faults."""
        self.empty()
        for key, content in self._kept.items():
            self.put(key, content)

    def empty(self) -> None:
        """Remove all that the bucket holds."""
        self.calm()
        self.is_unconditional = False
        self._bucket.keys = type(self._bucket.keys)()

    def fill(self, prefix: str, folder: Path) -> None:
        """Copy a folder into the bucket, below a prefix."""
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not path.name.startswith("."):
                self.put(f"{prefix}/{name}", path.read_bytes())

    def put(self, key: str, content: bytes) -> None:
        """Have an object hold this, past all conditions."""
        self._backend.put_object(BUCKET, key, content)

    def remove(self, key: str) -> None:
        del self._bucket.keys[key]

    def objects(self) -> dict[str, bytes]:
        """What the bucket holds, by key."""
        return {key: self._bucket.keys[key].value for key in self._bucket.keys}

    @property
    def _bucket(self) -> Any:
        return self._backend.buckets[BUCKET]

    @property
    def _backend(self) -> Any:
        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
