"""A real OpenID Connect provider on loopback: it asks nobody for a password."""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "desk", "desk-secret"


class Provider:
    """As a context manager it answers; who comes next is `subject`.

    `hours_ago` puts back the time at which it says that a login was made.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.subject, self.hours_ago = "", 0.0
        self._codes: dict[str, dict[str, Any]] = {}
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Provider:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def secrets_toml(self) -> str:
        """What the dashboard is to be configured with."""
        return f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{secrets.token_urlsafe(48)}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{self.url}/.well-known/openid-configuration"
client_kwargs = {{ scope = "openid", prompt = "login" }}
"""

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where to send the browser back to, with a code for the subject."""
        assert query["client_id"] == CLIENT and query["response_type"] == "code"
        code = secrets.token_urlsafe(16)
        self._codes[code] = {"sub": self.subject, "nonce": query.get("nonce")}
        back = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def exchange(self, code: str) -> dict[str, Any]:
        """The token for a code, which is good once."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": int(now - self.hours_ago * 3600),
            "exp": now + 600,
            # What a provider may say besides must count for nothing.
            "role": "office",
            "groups": ["office"],
            "email": "office@example.org",
            **self._codes.pop(code),
        }
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        about = {"token_type": "Bearer", "expires_in": 600}
        return {"access_token": secrets.token_urlsafe(8), "id_token": token, **about}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:  # noqa: N802 (of the library)
        address = urlsplit(self.path)
        if address.path == "/authorize":
            given = {key: value[0] for key, value in parse_qs(address.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(given))
            self.end_headers()
        elif address.path == "/jwks":
            self._say({"keys": [self.provider.key.as_dict(private=False)]})
        else:
            self._say(self.provider.metadata())

    def do_POST(self) -> None:  # noqa: N802 (of the library)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = parse_qs(body)
        basic = urlsafe_b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        by_header = self.headers.get("Authorization") == f"Basic {basic}"
        assert by_header or given.get("client_secret") == [SECRET]
        self._say(self.provider.exchange(given["code"][0]))

    def _say(self, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests' output is for the tests."""
