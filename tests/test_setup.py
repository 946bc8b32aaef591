"""What the set-up promises: pinned packages, one command, a quick second start.

The scripts run for real with small stand-ins for Python, make and apt-get on the
PATH, which write down how they were called; nothing is downloaded.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from chromium import answers, find_chromium

PROJECT = Path(__file__).resolve().parents[1]
REQUIREMENTS = tuple(
    f"requirements{name}.txt" for name in ("", "-dev", "-s3", "-spark")
)
PIN = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;\\]+)(?P<marker>[^\\\n]*)"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})*)\n",
    re.MULTILINE,
)


def read(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def pins(name: str) -> set[tuple[str, str]]:
    return {(pin["name"], pin["version"]) for pin in PIN.finditer(read(name))}


# --- the pins ------------------------------------------------------------------


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_line_is_a_pin_with_hashes_or_a_comment(name):
    text = read(name)
    assert all(pin["hashes"] for pin in PIN.finditer(text))
    rest = PIN.sub("", text).splitlines()
    assert [line for line in rest if not line.lstrip().startswith("#")] == []


@pytest.mark.parametrize(
    ("name", "needed_by"),
    [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))],
)
def test_every_package_that_the_project_names_is_pinned(name, needed_by):
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    named = project["dependencies"] + [p for extra in needed_by for p in extras[extra]]
    # What an extra brings is pinned by its own name, what a system lacks all the same.
    bare = {re.split(r"[\[;]", package)[0] for package in named}
    assert bare <= {pinned for pinned, _ in pins(name)}


def test_tests_run_on_the_very_versions_that_readers_get():
    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_the_cluster_of_the_check_has_the_version_of_the_client():
    (client,) = (
        v for name, v in pins("requirements-dev.txt") if name == "pyspark-client"
    )
    assert ("pyspark", client) in pins("requirements-spark.txt")


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_make_lock_repeats_the_command_that_wrote_the_pins(name):
    header = re.search(r"^#    uv (pip compile .*)$", read(name), re.MULTILINE)[1]
    dry = subprocess.run(
        ["make", "-n", "lock"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    commands = " ".join(dry.stdout.replace("\\\n", " ").split())
    assert f"uv {header} --quiet" in commands


@pytest.mark.parametrize(
    "name",
    [
        *REQUIREMENTS,
        "pyproject.toml",
        "Makefile",
        ".ci/run",
        ".streamlit/config.toml",
        "setup/python_environment.sh",
        "setup/browser.sh",
        "setup/constraints.in",
        "setup/spark.in",
        "setup/spark.sh",
    ],
)
def test_no_file_of_the_set_up_names_a_host_to_load_from(name):
    assert (
        # An address of a lake is no host.
        re.findall(
            r"\b(?!s3:)\w+://\S+|--(?:extra-)?index-url|--find-links", read(name)
        )
        == []
    )


# --- the configuration of Streamlit ----------------------------------------------


def flat(table: dict, prefix: str = "") -> dict[str, object]:
    """Return {"server.address": "127.0.0.1", …} of nested tables."""
    found = {}
    for key, value in table.items():
        inner = flat(value, f"{prefix}{key}.") if isinstance(value, dict) else None
        found |= inner if inner is not None else {f"{prefix}{key}": value}
    return found


def test_streamlit_knows_every_option_and_warns_of_none():
    shown = subprocess.run(
        [sys.executable, "-m", "streamlit", "config", "show"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stderr == ""
    from streamlit import config

    options = config.get_config_options()
    assert set(flat(tomllib.loads(read(".streamlit/config.toml")))) <= set(options)


def test_a_plain_start_listens_on_loopback_and_tells_readers_no_details():
    chosen = flat(tomllib.loads(read(".streamlit/config.toml")))
    assert {
        "server.address": "127.0.0.1",
        "server.allowedHosts": ["127.0.0.1", "localhost"],
        "server.maxUploadSize": 5,
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
    }.items() <= chosen.items()


def test_no_file_of_the_project_is_served():
    assert "server.enableStaticServing" not in flat(
        tomllib.loads(read(".streamlit/config.toml"))
    )


# --- the environment -------------------------------------------------------------

STAND_IN = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in
    *version_info\\ \\<*) [ -z "${OLD:-}" ] ;;
    --version) echo "Python ${OLD:-3.12.1}" ;;
    *ensurepip*) [ -z "${NO_VENV:-}" ] || [ -e "$CALLS.apt" ] ;;
    *python%d*) echo python3.12-venv ;;
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip install"*) [ -z "${PIP_FAILS:-}" ] ;;
    *chromium.py) [ -n "${HAS_CHROMIUM:-}" ] && echo /usr/bin/chromium ;;
    "-m data_pipeline demo"*)
        [ -e "$5/lake" ] || { mkdir -p "$5/lake" && touch "$5/CURRENT"; } ;;
    "-m ui.server"*) printf 'LEDGER_LAKE=%s\\n' "$LEDGER_LAKE" >> "$CALLS" ;;
esac
"""
APT_GET = """#!/bin/sh
printf 'apt-get %s\\n' "$*" >> "$CALLS"
touch "$CALLS.apt"
"""
TOOLS = "sh env cmp cp rm basename mkdir touch find grep make sed".split()


class Machine:
    """A folder with a copy of the set-up and a PATH of stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "a copy with blanks"
        self.bin = folder / "bin"
        self.calls_file = folder / "calls"
        self.bin.mkdir()
        self.project.mkdir()
        shutil.copytree(PROJECT / "setup", self.project / "setup")
        shutil.copytree(PROJECT / ".ci", self.project / ".ci")
        shutil.copy(PROJECT / "Makefile", self.project)
        for name in REQUIREMENTS:
            (self.project / name).write_text("streamlit==1.67.0\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.add("python3", STAND_IN)
        self.add("id", "#!/bin/sh\necho 1000\n")
        self.add("uname", "#!/bin/sh\necho Linux\n")

    def add(self, name: str, script: str) -> None:
        """Put a stand-in on the PATH; never write through a link to the real tool."""
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(script)
        (self.bin / name).chmod(0o755)

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess:
        """Run in the copy and keep nothing of the calls that came before."""
        self.calls_file.write_text("")
        environment = {"PATH": str(self.bin), "CALLS": str(self.calls_file)}
        return subprocess.run(
            command,
            cwd=self.project,
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def install(self, **variables: str) -> subprocess.CompletedProcess:
        script = "setup/python_environment.sh"
        return self.run("sh", script, "requirements.txt", **variables)

    def calls(self, containing: str) -> list[str]:
        return [c for c in self.calls_file.read_text().splitlines() if containing in c]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_the_first_start_makes_the_environment_and_takes_hashed_packages_only(machine):
    assert machine.install().returncode == 0
    assert machine.calls("-m venv") == ["-m venv .venv"]
    (call,) = machine.calls("pip install")
    assert call.endswith("--require-hashes -r requirements.txt")


def test_a_second_start_installs_nothing(machine):
    machine.install()
    assert machine.install().returncode == 0
    assert machine.calls("-m") == []


def test_changed_pins_are_installed_even_when_the_file_looks_older(machine):
    machine.install()
    pins_file = machine.project / "requirements.txt"
    pins_file.write_text("streamlit==1.68.0\n")
    os.utime(pins_file, (0, 0))
    machine.install()
    assert len(machine.calls("pip install")) == 1


def test_untouched_pins_with_a_new_time_are_not_installed_again(machine):
    machine.install()
    (machine.project / "requirements.txt").touch()
    machine.install()
    assert machine.calls("pip install") == []


def test_a_failed_installation_is_tried_again(machine):
    assert machine.install(PIP_FAILS="yes").returncode != 0
    assert machine.install().returncode == 0
    assert len(machine.calls("pip install")) == 1


def test_an_environment_whose_python_is_gone_is_made_anew(machine):
    machine.install()
    (machine.project / ".venv/bin/python").unlink()
    assert machine.install().returncode == 0
    assert machine.calls("-m venv") == ["-m venv .venv"]
    assert len(machine.calls("pip install")) == 1


def test_an_old_python_is_refused_with_what_was_found_and_what_to_do(machine):
    refused = machine.install(OLD="3.9.2", PYTHON="python3")
    assert refused.returncode != 0
    assert "3.11 or newer is needed (found: Python 3.9.2)" in refused.stderr
    assert "brew install" in refused.stderr
    assert not (machine.project / ".venv").exists()


def test_a_newer_python_beside_an_old_one_is_taken(machine):
    machine.add("python3", STAND_IN.replace("${OLD:-}", "3.9.2"))
    machine.add("python3.12", STAND_IN)
    assert machine.install().returncode == 0
    assert machine.calls("-m venv") == ["-m venv .venv"]


def test_no_python_at_all_is_a_sentence_too(machine):
    (machine.bin / "python3").unlink()
    refused = machine.install()
    assert refused.returncode != 0
    assert "no python3 on the PATH" in refused.stderr


def test_without_rights_a_missing_venv_module_is_a_sentence_with_the_remedy(machine):
    refused = machine.install(NO_VENV="yes")
    assert refused.returncode != 0
    assert "sudo apt-get install python3.12-venv" in refused.stderr


def test_root_on_debian_gets_the_missing_venv_module_installed(machine):
    machine.add("apt-get", APT_GET)
    machine.add("id", "#!/bin/sh\necho 0\n")
    assert machine.install(NO_VENV="yes").returncode == 0
    update, install = machine.calls("apt-get")
    assert update == "apt-get update -qq"
    assert install.endswith(" python3.12-venv")


# --- make run, make test, CI -------------------------------------------------------


def test_make_run_fills_an_empty_lake_once_and_then_only_serves(machine):
    machine.run("make", "run", "LAKE=ledgers", "PORT=8600")
    assert machine.calls("-m data_pipeline") == [
        "-m data_pipeline demo --lake ledgers --if-empty",
        "-m data_pipeline build --if-stale --lake ledgers",
    ]
    (served,) = machine.calls("-m ui.server")
    assert served.startswith("-m ui.server --server.address 127.0.0.1")
    assert served.endswith("--server.port 8600")
    assert machine.calls("LEDGER_LAKE") == ["LEDGER_LAKE=ledgers"]

    machine.run("make", "run", "LAKE=ledgers")
    assert machine.calls("-m data_pipeline") == [
        "-m data_pipeline build --if-stale --lake ledgers"
    ]
    assert len(machine.calls("-m ui.server")) == 1


def test_make_run_builds_a_filled_lake_that_was_never_built(machine):
    (machine.project / "parquet/lake").mkdir(parents=True)
    machine.run("make", "run")
    assert machine.calls("-m data_pipeline") == [
        "-m data_pipeline demo --lake parquet --if-empty",
        "-m data_pipeline build --if-stale --lake parquet",
    ]


def test_make_test_checks_style_and_runs_pytest_on_two_workers(machine):
    done = machine.run("make", "test", HAS_CHROMIUM="yes")
    assert done.returncode == 0, done.stderr
    assert machine.calls("pip install")[0].endswith("-r requirements-dev.txt")
    assert machine.calls("-m ruff") == ["-m ruff check .", "-m ruff format --check ."]
    (call,) = machine.calls("-m pytest")
    assert "-n 2 --dist loadfile --no-loadscope-reorder" in call


TELLS_ITS_WORKER = """
import os
import pytest

@pytest.mark.parametrize("number", range(6))
def test_it(number):
    with open(__file__.replace(".py", ".txt"), "a") as told:
        print(os.environ["PYTEST_XDIST_WORKER"], file=told)
"""


def test_a_file_of_tests_stays_on_one_worker(tmp_path):
    """Else what a module shares is made on both, cities and servers among it."""
    options = re.search(r"-m pytest (.*) \$\(PYTEST_ARGS\)", read("Makefile"))[1]
    files = [tmp_path / f"test_{name}.py" for name in "abc"]
    for file in files:
        file.write_text(TELLS_ITS_WORKER, "utf-8")
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
    options = options.replace("$(WORKERS)", "2").split()
    subprocess.run([*command, *options, "."], cwd=tmp_path, check=True, timeout=120)
    workers = [file.with_suffix(".txt").read_text("utf-8").split() for file in files]
    assert [(len(told), len(set(told))) for told in workers] == [(6, 1)] * 3
    assert {told[0] for told in workers} == {"gw0", "gw1"}


def test_ci_runs_make_test_at_the_root_without_input(machine, tmp_path):
    machine.add("make", '#!/bin/sh\necho "$PWD $* CI=$CI $(cat)" > "$CALLS"\n')
    for tool in ("bash", "dirname", "cat"):
        (machine.bin / tool).symlink_to(shutil.which(tool))
    elsewhere = str(machine.project / ".ci/run")
    done = machine.run("sh", "-c", f"cd '{tmp_path}' && exec bash '{elsewhere}'")
    assert done.returncode == 0, done.stderr
    assert machine.calls("CI") == [f"{machine.project} test CI=true "]


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_missing_browser_is_said_and_stops_ci_only(machine, ci, code):
    machine.install()
    done = machine.run("sh", "setup/browser.sh", CI=ci)
    assert done.returncode == code
    assert "No working Chromium was found" in done.stderr
    assert "fonts-noto-cjk" in done.stderr


def test_what_tests_need_is_installed_from_lists_that_are_fetched_once(machine):
    machine.install()
    machine.add("id", "#!/bin/sh\necho 0\n")
    machine.add("apt-get", APT_GET)
    machine.run("sh", "setup/browser.sh", CI="true")
    update, *installs = machine.calls("apt-get")
    assert update == "apt-get update -qq"
    assert len(installs) > 2
    assert all(call.startswith("apt-get install") for call in installs)


def test_a_chromium_that_does_not_answer_is_none(tmp_path, monkeypatch):
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\necho 'Please install the snap' >&2\nexit 1\n")
    stub.chmod(0o755)
    assert not answers(str(stub))
    assert not answers(str(tmp_path / "absent"))
    monkeypatch.setenv("CHROMIUM", str(stub))
    assert find_chromium() is None


# --- the cluster of the check ----------------------------------------------------

JAVA = """#!/bin/sh
[ -e "$CALLS.apt" ] && version=17.0.15 || version=$JAVA
echo "openjdk version \\"$version\\" 2025-04-15" >&2
"""


def test_spark_goes_into_an_environment_of_its_own(machine):
    machine.add("java", JAVA)
    assert machine.run("sh", "setup/spark.sh", JAVA="21.0.1").returncode == 0
    assert machine.calls("-m venv") == ["-m venv .venv-spark"]
    assert machine.calls("pip install")[0].endswith("-r requirements-spark.txt")


def test_an_old_java_is_refused_with_what_to_do(machine):
    machine.add("java", JAVA)
    refused = machine.run("sh", "setup/spark.sh", JAVA="1.8.0_392")
    assert refused.returncode == 1
    assert "Java 17 or newer is needed" in refused.stderr
    assert "sudo apt-get install openjdk-17-jre-headless" in refused.stderr
    assert machine.calls("pip install") == []


def test_where_it_may_java_is_installed(machine):
    machine.add("java", JAVA)
    machine.add("id", "#!/bin/sh\necho 0\n")
    machine.add("apt-get", APT_GET)
    assert machine.run("sh", "setup/spark.sh", JAVA="11.0.2").returncode == 0
    assert "openjdk-17-jre-headless" in machine.calls("apt-get install")[0]
    assert len(machine.calls("pip install")) == 1
