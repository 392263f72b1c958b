"""How each engine is given the rows of a pandas frame, and how it is made to fail midway."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

PARTITIONS = 3
SPARK_TYPES = {"integer": "bigint", "string": "string", "boolean": "boolean", "floating": "double"}


MAIN_TYPES = [(1, 2, 3), ("b", "a"), (False, True), (1.0, 2.0)]
ALL_TYPES = [*MAIN_TYPES, (10, 9, -1), ("NA", "None"), (0.5, 2.0)]


class PandasFrames:
    """Rows in a pandas frame."""

    label_types = ALL_TYPES
    ordered = True  # rows have an order, so "first" and "last" have a meaning
    files = False

    def hold(self, rows: pd.DataFrame, folder: Path) -> Any:
        return rows

    def fail_midway(self, rows: pd.DataFrame, folder: Path) -> Any:
        pytest.skip("a frame in memory has nothing left to fail at")


class EagerPolarsFrames(PandasFrames):
    def hold(self, rows, folder):
        pl = pytest.importorskip("polars", reason="polars is not installed")
        return pl.from_pandas(rows)


class LazyPolarsFrames(EagerPolarsFrames):
    ordered = False

    def hold(self, rows, folder):
        return super().hold(rows, folder).lazy()

    def fail_midway(self, rows, folder):
        import polars as pl

        return self.hold(rows, folder).with_columns(pl.col("label").cast(pl.Int64))


class ArrowFrames(PandasFrames):
    def hold(self, rows, folder):
        return as_arrow(rows)


class DuckFrames(PandasFrames):
    ordered = False

    def hold(self, rows, folder):
        import duckdb

        return duckdb.connect().from_arrow(as_arrow(rows))

    def fail_midway(self, rows, folder):
        return self.hold(rows, folder).project(
            "item, annotator, case when item = 'i3' then error('boom') else label end as label"
        )


class IbisFrames(PandasFrames):
    ordered = False

    def hold(self, rows, folder):
        return self._connection(rows).table("labels")

    def fail_midway(self, rows, folder):
        connection = self._connection(rows)
        failing = "case when item = 'i3' then error('boom') else label end"
        connection.con.execute(f"create view failing as select item, annotator, {failing} as label from labels")
        return connection.table("failing")

    def _connection(self, rows):
        ibis = pytest.importorskip("ibis", reason="ibis is not installed")
        connection = ibis.duckdb.connect()
        connection.con.register("rows", as_arrow(rows))
        connection.con.execute("create table labels as select * from rows")
        return connection


class DaskFrames(PandasFrames):
    ordered = False

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def scheduler(cls) -> Iterator[None]:
        dask = pytest.importorskip("dask", reason="dask is not installed")
        pytest.importorskip("dask.dataframe", reason="dask's data frame is not installed")
        with dask.config.set(scheduler="synchronous"):
            yield

    def hold(self, rows, folder):
        import dask.dataframe as dd

        return dd.from_pandas(rows.reset_index(drop=True), npartitions=PARTITIONS)

    def fail_midway(self, rows, folder):
        return self.hold(rows, folder).map_partitions(refuse_third_item, meta=rows.iloc[:0])


class DaskClusterFrames(DaskFrames):
    """Dask on two worker processes."""

    label_types = MAIN_TYPES

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def scheduler(cls) -> Iterator[None]:
        distributed = pytest.importorskip("distributed", reason="dask's distributed scheduler is not installed")
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        )
        with cluster, distributed.Client(cluster):
            yield


class SparkFrames(PandasFrames):
    """PySpark on two local threads; the session is made once."""

    label_types = MAIN_TYPES
    ordered = False

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def session(cls) -> Iterator[None]:
        pyspark_sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
        if shutil.which("java") is None:
            pytest.skip("PySpark needs Java, which is not installed")
        os.environ["PYSPARK_PYTHON"] = sys.executable
        builder = pyspark_sql.SparkSession.builder.master("local[2]").appName("labelqa tests")
        for key, value in {
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "4",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.log.level": "OFF",
        }.items():
            builder = builder.config(key, value)
        cls.spark = builder.getOrCreate()
        yield
        cls.spark.stop()

    def hold(self, rows, folder):
        kinds = {c: SPARK_TYPES[pd.api.types.infer_dtype(rows[c], skipna=True)] for c in rows}
        schema = ", ".join(f"`{c}` {kind}" for c, kind in kinds.items())
        values = [
            tuple(None if pd.isna(v) else v.item() if isinstance(v, np.generic) else v for v in row)
            for row in rows.astype(object).itertuples(index=False)
        ]
        return self.spark.createDataFrame(values, schema).repartition(PARTITIONS)

    def fail_midway(self, rows, folder):
        return self.hold(rows, folder).selectExpr(
            "item", "annotator", "case when item = 'i3' then raise_error('boom') else label end as label"
        )


class ParquetFile(PandasFrames):
    files = True

    def hold(self, rows, folder):
        path = folder / "labels.parquet"
        pq.write_table(as_arrow(rows), path)
        return path

    def fail_midway(self, rows, folder):
        """Spoil data, not the footer: the file opens, and fails as it is read."""
        path = folder / "spoiled.parquet"
        table = as_arrow(pd.concat([rows] * 200, ignore_index=True))
        pq.write_table(table, path, compression="zstd", use_dictionary=False)
        whole = bytearray(path.read_bytes())
        whole[100:2000] = bytes(1900)
        path.write_bytes(bytes(whole))
        return path


class ParquetFiles(ParquetFile):
    """Several files, by a pattern; an item's labels lie in several of them."""

    def hold(self, rows, folder):
        for i, part in enumerate(np.array_split(np.arange(len(rows)), PARTITIONS)):
            pq.write_table(as_arrow(rows.iloc[part]), folder / f"part-{i}.parquet")
        return str(folder / "part-*.parquet")

    def fail_midway(self, rows, folder):
        self.hold(rows, folder)
        super().fail_midway(rows, folder).rename(folder / "part-1.parquet")
        return str(folder / "part-*.parquet")


class CsvFile(PandasFrames):
    files = True

    def hold(self, rows, folder):
        path = folder / "labels.csv"
        rows.to_csv(path, index=False)
        return path

    def fail_midway(self, rows, folder):
        """A row far down has too many values."""
        path = folder / "ragged.csv"
        lines = ["item,annotator,label", *["i1,ann,x"] * 60_000, "i2,ann,x,y,z", *["i3,ann,x"] * 10]
        path.write_text("\n".join(lines) + "\n")
        return path


def as_arrow(rows: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(rows, preserve_index=False)


def refuse_third_item(part: pd.DataFrame) -> pd.DataFrame:
    if (part["item"] == "i3").any():
        raise ValueError("boom")
    return part
