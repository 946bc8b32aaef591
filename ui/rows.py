"""Any figure or list of any page as a file, by command.

    python -m ui 'compare?kind=month&month=2016-07' compare_cells_month --out cells.csv

The page itself is run, without a browser, and hands over the frame that it would have
shown: there is no second way to a row. A pasted link serves as the address.
"""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from data_pipeline.disk import end_on_fault
from data_pipeline.rates import NoSnapshotError, resolve_snapshot
from data_pipeline.registry import RegistryError, load_registry
from data_pipeline.store.working_copy import lake_argument
from reports.files.export import FORMATS, UsageError, check_folder, write
from ui.lake import DEFAULT_LAKE, LAKE_VARIABLE, lake_folder, lake_name
from ui.menu import MENU, pages

DASHBOARD = Path(__file__).parents[1] / "dashboard.py"
DONE, FAILED, WRONG_USE = 0, 1, 2
# A page of the largest city, requested for the first time on a busy machine.
MOST_SECONDS = 600
# Of each command that asks (one, or none): what its page has offered so far, by name.
_asking: list[dict[str, Any]] = []


class PageError(Exception):
    """A page that ended before it had anything to hand over."""


def are_requested() -> bool:
    """Whether a command asks for the rows: then what is folded away is worked out."""
    return bool(_asking)


def offer(name: str, view: Any) -> None:
    """Note a figure or list of the page, so that a command may ask for it."""
    for offered in _asking:
        offered[name] = view


def command_of(page: str, query: str, name: str) -> str:
    """The command that gives the rows of a figure or list, as a shell takes it."""
    lake = lake_name()
    where = [] if Path(lake) == Path(DEFAULT_LAKE) else ["--lake", lake]
    return shlex.join(["python", "-m", "ui", f"{page}?{query}", name, *where])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one figure or list of a page; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        ending = _ending(options.out)
        found = _run(options.address, options.lake)
        if options.name not in found:
            raise UsageError(_say_offered(options, found))
        content = found[options.name].to_bytes(ending)
        if options.out is None:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            write(content, options.out)
    except UsageError as error:
        print(f"ui: {error}", file=sys.stderr)
        return WRONG_USE
    except (NoSnapshotError, RegistryError, PageError) as error:
        print(f"ui: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:
        return end_on_fault(error)
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ui", description=__doc__)
    parser.add_argument("address", metavar="ADDRESS", help="of a page, as pasted")
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="of a figure or list; without it: which"
    )
    parser.add_argument(
        "--lake",
        type=_lake,
        metavar="FOLDER",
        help=f"or s3://BUCKET/FOLDER; default {DEFAULT_LAKE}",
    )
    endings = ", ".join(f".{ending}" for ending in FORMATS)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=f"{endings}; default stdout as CSV"
    )
    return parser


def _lake(given: str) -> str:
    """A lake as LEDGER_LAKE names it, looked at before a page is run."""
    lake_argument(given)
    return given


def _ending(out: Path | None) -> str:
    ending = out.suffix.removeprefix(".").lower() if out else "csv"
    if ending not in FORMATS:
        raise UsageError(f"--out {out} ends in none of .{', .'.join(FORMATS)}.")
    if out:
        check_folder(out)
    return ending


def _run(address: str, lake: str | None) -> dict[str, Any]:
    """Run the page of an address; its figures and lists by name.

    Raises UsageError, NoSnapshotError and PageError.
    """
    from streamlit import config
    from streamlit.logger import set_log_level
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    config.set_option("logger.level", "error")
    # Who has a shell on the server has the files of the lake: nobody logs in here.
    config.set_option("secrets.files", [])
    # Last: the first option that is set has Streamlit read its own, levels among them.
    set_log_level("ERROR")
    if lake:
        os.environ[LAKE_VARIABLE] = lake
    parts = urlsplit(address)
    name = parts.path.rstrip("/").rpartition("/")[2] or MENU[0].name
    if name not in pages():
        near = difflib.get_close_matches(name, pages(), n=1)
        meant = f"did you mean {near[0]}?" if near else f"known: {', '.join(pages())}."
        raise UsageError(f"there is no page {name!r}; {meant}")
    app = AppTest.from_file(str(DASHBOARD), default_timeout=MOST_SECONDS)
    for key, value in parse_qsl(parts.query):
        app.query_params[key] = value
    # Standard pages share a script: a page is known by the name in its address.
    app._page_hash = calc_hash(name)
    offered: dict[str, Any] = {}
    _asking.append(offered)
    try:
        app.run()
    finally:
        _asking.remove(offered)
    for message in (*app.exception, *app.error, *app.warning):
        # Written as markdown, where signs of names are escaped.
        print(message.value.replace("\\", ""), file=sys.stderr)
    if not offered and app.exception:
        raise PageError(f"the page of {address} failed; what it said stands above.")
    if not offered:
        # Without a snapshot a page has nothing, which is no fault of the address.
        resolve_snapshot(lake_folder().resolve(), load_registry())
    return offered


def _say_offered(options: argparse.Namespace, found: dict[str, Any]) -> str:
    if not found:
        return f"{options.address} shows neither a figure nor a list with rows."
    known = f"it shows {', '.join(found)}."
    if options.name is None:
        return f"name a figure or list of {options.address}: {known}"
    return f"{options.address} shows no {options.name!r} now: {known}"
