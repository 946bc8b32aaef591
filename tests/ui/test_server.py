"""The server answers on this machine alone: there is no login."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from reports.words.catalogue import text
from tests.pages.logged_in import SECRETS, configure_login
from ui import roles

PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::", "office.example"])
@pytest.mark.parametrize("way", ["option", "environment"])
def test_an_address_that_others_reach_does_not_start(address, way):
    option = ("--server.address", address) if way == "option" else ()
    environment = {} if option else {"STREAMLIT_SERVER_ADDRESS": address}
    ended = subprocess.run(
        [sys.executable, "-m", "ui.server", *option, "--server.port", "1"],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    for language in ("zh", "en"):
        message = text(language, "failure.open_address", address=address)
        assert message in ended.stderr
    assert "Traceback" not in ended.stderr


WHOLE = """[auth]
redirect_uri = "http://127.0.0.1:8501/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "desk"
client_secret = "secret"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""


@pytest.mark.parametrize(
    ("lacking", "kind", "said"),
    [
        ('client_id = "desk"\n', "incomplete", "client_id"),
        (
            'cookie_secret = "0123456789abcdef0123456789abcdef"\n',
            *("incomplete", "cookie_secret"),
        ),
        ("0123456789abcdef0123456789", "short_secret", "has fewer than"),
        ("]", "unreadable", "is not valid TOML"),
    ],
)
def test_half_a_login_is_refused_wherever_the_server_listens(
    lacking, kind, said, tmp_path
):
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(WHOLE.replace(lacking, "", 1), "utf-8")
    options = ("--server.address", "127.0.0.1", "--server.port", "1")
    ended = subprocess.run(
        [sys.executable, "-m", "ui.server", *options, "--secrets.files", str(secrets)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert said in ended.stderr
    for language in ("zh", "en"):
        values = dict.fromkeys(("path", "said", "least"), "|")
        sentence = text(language, f"roles.login_fault.{kind}", **values)
        assert all(part in ended.stderr for part in sentence.split("|"))
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "localhost", "::1"])
def test_addresses_of_this_machine_are_taken(address, listening_on):
    listening_on(address)
    assert roles.open_address() is None


@pytest.mark.parametrize("address", [None, "", "0.0.0.0"])
def test_no_address_means_all_of_them(address, listening_on):
    listening_on(address)
    assert roles.open_address() == "0.0.0.0"


def test_under_a_bare_run_no_page_is_shown_to_others(listening_on):
    listening_on("0.0.0.0")
    page = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60).run()
    message = text("zh", "failure.open_address", address="0.0.0.0")
    assert [error.value for error in page.error] == [message]
    assert not page.exception
    assert not page.subheader and not page.button


PAGES = sorted(str(path) for path in PROJECT.glob("pages/*/*.py"))


@pytest.mark.parametrize("script", PAGES, ids=lambda path: Path(path).stem)
def test_a_page_that_is_started_by_itself_shows_nothing_to_others(script, listening_on):
    """`streamlit run pages/gaps/talks.py --server.address 0.0.0.0`"""
    listening_on("0.0.0.0")
    page = AppTest.from_file(script, default_timeout=60).run()
    message = text("zh", "failure.open_address", address="0.0.0.0")
    assert [error.value for error in page.error] == [message]
    assert not page.exception
    assert not page.main.children.keys() - {0}, "nothing but that sentence"


@pytest.mark.parametrize("is_login", [False, True], ids=["no login", "login"])
@pytest.mark.parametrize("script", PAGES, ids=lambda path: Path(path).stem)
def test_a_page_that_is_started_by_itself_says_how_to_start(script, is_login, tmp_path):
    """`python -m streamlit run pages/gaps/talks.py`, which knows no door."""
    undo = configure_login(tmp_path, SECRETS if is_login else "")
    try:
        page = AppTest.from_file(script, default_timeout=60).run()
    finally:
        undo()
    (error,) = page.error
    assert error.value == text("zh", "failure.alone", script=Path(script).name)
    assert not page.exception
    assert not page.main.children.keys() - {0}, "nothing but that sentence"


@pytest.fixture
def listening_on():
    before = config.get_option("server.address")
    yield lambda address: config.set_option("server.address", address)
    config.set_option("server.address", before)
