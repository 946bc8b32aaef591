"""Start the dashboard: `python -m ui.server [options of streamlit run]`.

The scripts of the menu lie in pages/. Wherever a folder of that name stands beside the
main script, Streamlit takes the app for its older kind of pages until the script has
declared its menu once in the process: the first reader of a fresh server, coming by a
deep link, reads "Page not found" over the right page. Here the older kind is ruled
out before the first reader comes; under a bare `streamlit run dashboard.py` the frame
closes that message (`is_misread`).

Without a login configured nobody else may get in: an address that other machines reach
is refused here, and under a bare `streamlit run`, of the dashboard or of a page alone,
by whatever is shown (`roles.refuse_others`). A page alone, or this file, under
`streamlit run` shows how to start instead (`roles.refuse_alone`). A login that is only
half configured is refused as well, and so is a registry or a menu.toml with a fault.
"""

from __future__ import annotations

import sys

from streamlit import config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli

from data_pipeline.registry import RegistryError
from reports.words.catalogue import LANGUAGES, text
from ui import menu, one_level, roles
from ui.lake import lake_folder, lake_name


def is_misread() -> bool:
    """Whether this process still takes pages/ for the older kind of pages."""
    return bool(PagesManager.uses_pages_directory)


def _refuse_half_a_login() -> None:
    fault = roles.login_fault()
    if fault:
        kind, values = fault
        _refuse(f"roles.login_fault.{kind}", **values)


def _refuse_open_address() -> None:
    address = roles.open_address()
    if address is not None:
        _refuse("failure.open_address", address=address)


def _refuse_bad_lake() -> None:
    try:
        lake_folder()
    except ValueError:
        _refuse("failure.lake_address", lake=lake_name())


def _refuse_bad_registry() -> None:
    try:
        menu.pages()
    except RegistryError as error:
        sys.exit("\n".join(error.faults))


def _refuse(sentence: str, **values: str) -> None:
    """End the server before it serves anybody; why, in every language of the pages."""
    for language in LANGUAGES:
        print(text(language, sentence, **values), file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    roles.refuse_alone()
    _refuse_bad_lake()
    # Asked once the file, the environment and the options have been read.
    config.on_config_parsed(_refuse_half_a_login)
    config.on_config_parsed(_refuse_open_address)
    config.on_config_parsed(_refuse_bad_registry)
    PagesManager.uses_pages_directory = False
    one_level.keep()
    cli.main(["run", str(roles.DASHBOARD), *sys.argv[1:]], prog_name="streamlit")
