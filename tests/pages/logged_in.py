"""A login as Streamlit is configured with one, and a table of roles beside a lake."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit import config
from streamlit.runtime.secrets import secrets_singleton

from data_pipeline.store.role_table import roles_path
from ui import roles

SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:8501/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "desk"
client_secret = "desk-secret"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""
ROLES = ("office", "leadership", "analyst", "G1", "G2", "G3", "G4")


def give_roles(lake: Path, *given: str, hours: int = 12) -> None:
    """Write a table in which everybody is called by his role."""
    lines = [f"session_hours = {hours}"]
    for role in given or ROLES:
        lines.append(f'[[person]]\nsubject = "{role}"\nrole = "{role}"')
    path = roles_path(lake)
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), "utf-8")


def cookie(subject: str, hours_ago: float = 0) -> dict[str, Any]:
    """What a login leaves in the cookie. All but `sub` and `iat` must count nothing."""
    issued = int(time.time() - hours_ago * 3600)
    about = {"sub": subject, "iat": issued, "is_logged_in": True}
    return about | {"role": "office", "email": "office", "groups": ["office"]}


def configure_login(folder: Path, secrets: str = SECRETS) -> Callable[[], None]:
    """Have this process read a secrets.toml; call what comes back at the end."""
    path = folder / "secrets.toml"
    path.write_text(secrets, "utf-8")
    before = config.get_option("secrets.files")

    def read_anew(files: list[str]) -> None:
        config.set_option("secrets.files", files)
        secrets_singleton._reset()
        roles.is_login_configured.cache_clear()

    read_anew([str(path)])
    return lambda: read_anew(before)
