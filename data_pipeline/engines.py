"""What runs the SQL of a build: DuckDB in this process, or a Spark cluster elsewhere.

The text is the same for both. An engine binds Parquet to names, puts views over them
and writes what a select gives into one Parquet file; a build asks no more of it.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from data_pipeline.words import text

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

# As DuckDB writes them: a reader skips what it does not need in such steps.
ROWS_PER_GROUP = 122_880
# Where Spark would else read a time, a number or a path in another way than DuckDB.
SPARK_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
# Seconds until a cluster must have answered; tries, a quarter of a minute in all, until
# one that fell silent is given up (the client's own rule is ten minutes).
ANSWER_SECONDS = 10
MAX_RETRIES = 5


class EngineError(RuntimeError):
    """The engine is not there or cannot go on; the message says what to do."""


class Engine(Protocol):
    """What a build needs. Used as a context manager, it is closed at the end."""

    name: ClassVar[str]
    # Name and version: what another one made may lie on the disk in another way.
    made_by: str

    def __enter__(self) -> Engine: ...

    def __exit__(self, *_: object) -> None: ...

    def bind(self, name: str, paths: Sequence[Path], *, alike: bool = False) -> None:
        """Make `name` the rows of the given Parquet files, matched by column name.

        Of files that are all `alike` only the first is opened to learn the columns.
        """

    def view(self, name: str, select: str) -> None:
        """Make `name` the rows of a select that is run whenever it is read."""

    def hold(self, name: str) -> None:
        """Keep the rows behind a bound name in memory; the name stays."""

    def write(self, select: str, path: Path) -> None:
        """Run the select of a model into one Parquet file."""


class DuckDBEngine:
    """DuckDB in this process, locked into one folder."""

    name: ClassVar[str] = "duckdb"

    def __init__(self, folder: Path):
        self.connection = connect(folder)
        self.made_by = f"{self.name} {duckdb.__version__}"

    def __enter__(self) -> DuckDBEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def bind(self, name: str, paths: Sequence[Path], *, alike: bool = False) -> None:
        # A relation would be planned once when it is read and once when it is named.
        names = ", ".join("'{}'".format(str(path).replace("'", "''")) for path in paths)
        self.connection.execute(
            f"create or replace view {name} as"
            f" from read_parquet([{names}], union_by_name = {not alike})"
        )

    def view(self, name: str, select: str) -> None:
        # As in `bind`: a relation would be planned twice.
        self.connection.execute(f"create or replace view {name} as\n{select}")

    def hold(self, name: str) -> None:
        self.connection.table(name).create(f"held_{name}")
        self.connection.table(f"held_{name}").create_view(name, replace=True)

    def outline(self, name: str, select: str) -> None:
        """Bind a name to the columns of a select, as held, without running it."""
        self.connection.execute(
            f"create or replace table held_{name} as {select} with no data"
        )
        self.connection.table(f"held_{name}").create_view(name, replace=True)

    def write(self, select: str, path: Path) -> None:
        try:
            # A relation would be planned once when it is made and once when written.
            copy = f"copy (\n{select}\n) to ? (format parquet, compression zstd)"
            self.connection.execute(copy, [str(path)])
        except duckdb.IOException as error:
            raise _os_error(error, path) from error


class SparkEngine:
    """A Spark cluster behind Spark Connect; nothing of it is started or installed here.

    The cluster reads the lake under the same paths as this process, which alone writes:
    what a select gives comes back as Arrow.

    Parameters
    ----------
    remote
        sc://HOST:PORT, with the further parts that Spark Connect knows.

    Raises
    ------
    EngineError
        The client is not installed, the address is none, or nobody answers there.
    """

    name: ClassVar[str] = "spark"

    def __init__(self, remote: str):
        self.remote = remote
        self.session = self._session()
        with self._explained():
            self.made_by = f"{self.name} {self.session.version}"

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.stop()

    def bind(self, name: str, paths: Sequence[Path], *, alike: bool = False) -> None:
        with self._explained():
            reader = self.session.read.option("mergeSchema", str(not alike).lower())
            frame = reader.parquet(*(str(path) for path in paths))
            frame.createOrReplaceTempView(name)

    def view(self, name: str, select: str) -> None:
        with self._explained():
            self.session.sql(select).createOrReplaceTempView(name)

    def hold(self, name: str) -> None:
        with self._explained():
            self.session.table(name).cache().createOrReplaceTempView(name)

    def write(self, select: str, path: Path) -> None:
        with self._explained():
            table = self.session.sql(select).toArrow()
        # Which columns can never be blank each engine infers in its own way.
        schema = pa.schema([pa.field(one.name, one.type) for one in table.schema])
        pq.write_table(
            table.cast(schema), path, compression="zstd", row_group_size=ROWS_PER_GROUP
        )

    def _session(self) -> SparkSession:
        # Of this pandas, which nothing here uses, and of what is reported anyway.
        warnings.filterwarnings("ignore", module=r"pyspark\.")
        try:
            import grpc
            from pyspark.sql.connect.client import DefaultChannelBuilder
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession
        except ImportError:
            raise EngineError(text("en", "commands.engine.no_client")) from None
        # What it would log of a fault is reported as one sentence.
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
        logging.getLogger("pyspark.sql.connect").setLevel(logging.CRITICAL)
        with self._explained():
            channel = DefaultChannelBuilder(self.remote).toChannel()
        try:
            grpc.channel_ready_future(channel).result(timeout=ANSWER_SECONDS)
        except grpc.FutureTimeoutError:
            sentence = text("en", "commands.engine.silent", remote=self.remote)
            raise EngineError(sentence) from None
        finally:
            channel.close()
        with self._explained():
            session = SparkSession.builder.remote(self.remote).create()
            session.client.set_retry_policies([DefaultPolicy(max_retries=MAX_RETRIES)])
            for name, value in SPARK_SETTINGS.items():
                session.conf.set(name, value)
        return session

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """What the client or the cluster finds wrong becomes one sentence."""
        from grpc import RpcError
        from pyspark.errors import PySparkException

        try:
            yield
        except (PySparkException, RpcError) as error:
            said = str(error).strip().splitlines()[0].rstrip(".")
            sentence = text(
                "en", "commands.engine.fault", remote=self.remote, said=said
            )
            raise EngineError(sentence) from error


def _os_error(error: duckdb.IOException, path: Path) -> OSError:
    """The system's own error, of which DuckDB tells only the words."""
    words = {os.strerror(number): number for number in errno.errorcode}
    number = next((n for word, n in words.items() if word in str(error)), errno.EIO)
    return OSError(number, os.strerror(number), str(path))


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that can read and write below `folder` and nowhere else.

    The only place that opens connections. The settings hold in this order only: after
    external access is off nothing can be allowed any more, after the lock nothing set.
    """
    connection = duckdb.connect(
        config={
            "python_enable_replacements": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    allowed = f"{folder.resolve()}/"
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    # One step of DuckDB 2.0's optimiser takes two of three seconds over the thousand
    # operators of `measured`, as its time grows with their square, and saves nothing.
    # Other versions do not have it, and refuse names that they do not know.
    slow = "select name from duckdb_optimizers() where name = 'projection_placement'"
    if connection.execute(slow).fetchone():
        connection.execute("set disabled_optimizers = 'projection_placement'")
    # Stored files never change, and a model that reads hundreds opens them often.
    connection.execute("set parquet_metadata_cache = true")
    connection.execute("set temp_directory = ?", [f"{allowed}.spill"])
    connection.execute("set allowed_directories = ?", [[allowed]])
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection
