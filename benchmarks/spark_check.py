"""Does a cluster of Apache Spark write the marts that DuckDB writes?

    make spark-check
    python -m benchmarks.spark_check --lake parquet      a copy of a lake that is there

A standalone cluster on loopback, a master and two workers with an executor each, builds
the demo city. Then it builds it again, and halfway a worker is killed with its
executor. Both times every mart must have the rows of DuckDB's, as a bag, and columns of
the same name, order and type.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.marts import differing_marts
from data_pipeline.engines import SparkEngine
from data_pipeline.registry import load_registry
from data_pipeline.store.lake import Lake
from data_pipeline.store.snapshots import Snapshot
from data_pipeline.warehouse import build
from tests.browser.serving import free_port

LOOPBACK = "127.0.0.1"
N_WORKERS = 2
SETTINGS = {
    "spark.connect.grpc.binding.address": LOOPBACK,
    "spark.driver.memory": "2g",
    "spark.executor.cores": "1",
    "spark.executor.memory": "1g",
    "spark.sql.shuffle.partitions": str(N_WORKERS),
    "spark.ui.enabled": "false",
}
START_SECONDS = 120
# How far into the step in the middle of a build the worker is killed.
KILLED_AFTER = 2.0  # seconds


class Cluster:
    """A standalone cluster with Spark Connect before it; ends with its context.

    Parameters
    ----------
    home
        SPARK_HOME: where `bin/spark-class` lies.
    folder
        An empty one, for logs and scratch files.
    """

    def __init__(self, home: Path, folder: Path):
        self.home, self.folder = home, folder
        self.processes: list[subprocess.Popen] = []
        port, page, connect = (free_port() for _ in range(3))
        self.master = f"spark://{LOOPBACK}:{port}"
        self.page = f"http://{LOOPBACK}:{page}/json/"
        self.remote = f"sc://{LOOPBACK}:{connect}"
        self.ports = {"--port": str(port), "--webui-port": str(page)}
        self.settings = SETTINGS | {"spark.connect.grpc.binding.port": str(connect)}

    def __enter__(self) -> Cluster:
        try:
            ports = [part for pair in self.ports.items() for part in pair]
            self._start("master", "master.Master", "--host", LOOPBACK, *ports)
            self._wait(lambda: self.n_executors() == 0, "the master")
            self.workers = [self._start_worker(n) for n in range(N_WORKERS)]
            settings = (("--conf", "=".join(pair)) for pair in self.settings.items())
            self._start(
                *("connect", "SparkSubmit", "--master", self.master),
                *(part for setting in settings for part in setting),
                *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
                "spark-internal",
            )
            self._wait(lambda: self.n_executors() == N_WORKERS, "the executors")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            _kill(process)

    def kill_worker(self) -> None:
        """Kill the first worker and its executor, which is of its process group."""
        _kill(self.workers[0])

    def n_executors(self) -> int | None:
        """Workers that are alive and run an executor; None: no answer yet."""
        # A proxy from the environment is not used.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(self.page, timeout=5) as answer:
                workers = json.load(answer)["workers"]
        except OSError:
            return None
        alive = [one for one in workers if one["state"] == "ALIVE"]
        return sum(one["coresused"] > 0 for one in alive)

    def _start_worker(self, number: int) -> subprocess.Popen:
        limits = ("--cores", "1", "--memory", "1500m", "--webui-port", "0")
        place = ("--host", LOOPBACK, self.master)
        return self._start(f"worker{number}", "worker.Worker", *limits, *place)

    def _start(self, name: str, kind: str, *arguments: str) -> subprocess.Popen:
        environment = os.environ | {
            "SPARK_HOME": str(self.home),
            "SPARK_LOCAL_IP": LOOPBACK,
            "SPARK_CONF_DIR": str(self.folder),
            "SPARK_LOCAL_DIRS": str(self.folder / "scratch"),
            "SPARK_WORKER_DIR": str(self.folder / name),
        }
        command = [self.home / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}"]
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                [*command, *arguments],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def _wait(self, is_there: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + START_SECONDS
        while not is_there():
            ended = [p for p in self.processes if p.poll() is not None]
            if ended or time.monotonic() > until:
                for log in sorted(self.folder.glob("*.log")):
                    said = log.read_text("utf-8", "replace").splitlines()[-5:]
                    print(log.name, *said, sep="\n  ", file=sys.stderr)
                raise SystemExit(f"{what} of the cluster did not start")
            time.sleep(0.5)


def _kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def check_cluster(root: Path, cluster: Cluster) -> bool:
    """Build a lake with DuckDB and twice with the cluster; whether all is equal."""
    registry = load_registry()
    make = functools.partial(build, root, registry)
    open_engine = functools.partial(SparkEngine, cluster.remote)
    killed_in, now = [], [""]

    def kill() -> None:
        cluster.kill_worker()
        killed_in.append(now[0])

    def kill_midway(model: str, done: int, n_steps: int) -> None:
        now[0] = f"{model}, step {done + 1} of {n_steps}"
        if done == n_steps // 2:
            threading.Timer(KILLED_AFTER, kill).start()

    def compare(title: str, theirs: Snapshot) -> list[str]:
        differing = differing_marts(root, ours, theirs)
        print(f"{title}: {'; '.join(differing) or 'every mart equal'}", flush=True)
        return differing

    with Lake(root).writing():
        ours = make()
        whole = make(open_engine=open_engine)
        faults = compare(f"Spark with {N_WORKERS} workers", whole)
        # Or the next build would take everything over from it.
        shutil.rmtree(root / "marts" / whole.id)
        halved = make(open_engine=open_engine, progress=kill_midway)
        faults += compare(f"one killed while it made {', '.join(killed_in)}", halved)
    n_left = cluster.n_executors()
    if len(killed_in) != 1 or n_left != N_WORKERS - 1:
        faults.append(f"killed {len(killed_in)} times, {n_left} executors left")
        print(faults[-1])
    return not faults


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.spark_check", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--spark", type=Path, default=Path(".venv-spark"))
    parser.add_argument("--lake", type=Path, help="default: a demo city made anew")
    options = parser.parse_args()
    homes = list(options.spark.resolve().glob("lib/python*/site-packages/pyspark"))
    if not homes:
        parser.error(f"no Apache Spark in {options.spark}: make spark-check")
    # The cluster ends with this process, however it is made to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as name:
        root, folder = Path(name) / "lake_root", Path(name) / "cluster"
        folder.mkdir()
        if options.lake:
            shutil.copytree(options.lake, root, symlinks=True)
        else:
            command = [sys.executable, "-m", "data_pipeline", "demo", "--lake", root]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with Cluster(homes[0], folder) as cluster:
            return 0 if check_cluster(root, cluster) else 1


if __name__ == "__main__":
    raise SystemExit(main())
