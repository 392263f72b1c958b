"""count_patterns: the counts of labels wherever they are."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import pandas as pd

from labelqa.annotations.classes import BuildOptions
from labelqa.annotations.duplicates import ON_DUPLICATE
from labelqa.annotations.schema import LEVELS
from labelqa.counts.engine.files import (
    OpenFiles,
    Progress,
    first_labels,
    is_path,
    opened,
    parts_by_item,
    ran_out_of_memory,
)
from labelqa.counts.engine.frame import EngineFrame, Roles, engine_frame
from labelqa.counts.engine.reduction import Kinds, check_totals, count_kinds
from labelqa.counts.engine.repeats import refuse_repeats, repeated, without_repeats
from labelqa.counts.engine.survey import Survey, survey
from labelqa.counts.memory import count_in_memory
from labelqa.counts.patterns import MAX_WHO_KINDS, TOO_MANY_KINDS, CountPatterns
from labelqa.counts.sparse import ClassCounts
from labelqa.counts.who import WhoCounts
from labelqa.errors import EngineError, LabelError, Problem, check_choice

MAX_PATTERNS = 20_000_000
PARTS = (1, 4, 16)  # files are counted whole, or in so many parts by items where memory does not suffice


def count_patterns(  # noqa: PLR0913  # one keyword a column and one an option, as read_annotations has
    frame_or_paths: object,
    *,
    item: str,
    label: str,
    annotator: str | None = None,
    classes: Sequence[Hashable] | None = None,
    level: str = "nominal",
    on_duplicate: str = "error",
    progress: Progress | None = None,
) -> CountPatterns:
    """Count the labels of every item inside the engine that holds them, and return the distinct count patterns.

    The result is all that agreement needs, and is small: 100 million labels in five classes have a few dozen patterns.
    It is the same, to the last digit, on every engine, in every order of rows and however they are partitioned.

    Parameters
    ----------
    frame_or_paths : frame, path, or list of paths
        One row a label: a pandas, polars (eager or lazy) or pyarrow table, a DuckDB relation, an Ibis, Dask or PySpark
        frame; or Parquet, CSV or TSV files (a path, a glob such as ``"labels/*.parquet"``, a folder, or a list), which
        may be larger than memory. Files are counted by DuckDB within 1 GB, spilling to the temporary folder; of text
        files all values are texts, and labels that spell numbers are numbers. Pass a DuckDB relation to set a limit
        of your own.
    item, label : str
        Columns.
    annotator : str, optional
        Column of who labeled. With it, repeated labels are found, and Cohen's and Conger's kappa are defined as long as
        the ways in which annotators labeled an item are not too many (2 million).
    classes : sequence, length k, optional
        Declared classes in order; labels outside them are an error. By default those that occur, in natural order.
    level : {"nominal", "ordinal", "interval", "ratio"}
        Level of measurement.
    on_duplicate : {"error", "first", "last"}
        What to do where an annotator labeled an item more than once; "first" and "last" need rows in order (pandas,
        eager polars, pyarrow, files). Without `annotator` repeated labels cannot be seen.
    progress : callable, optional
        Called with the share done, 0 to 1, of the query under way; only for files.

    Returns
    -------
    CountPatterns
        Patterns (p, k) with multiplicities (p,); with `annotator` also who labeled (`margins`, `pair_tables`). Its
        ``read_log`` counts rows without a label.

    Raises
    ------
    ParameterError
        If the frame is of no known kind, or a parameter is not allowed.
    ColumnError
        If a column is missing (the message lists those that exist) or a row has no item.
    LabelError
        If a label is not among `classes`, or there are more than 20 million patterns.
    DuplicateError
        If an annotator labeled an item twice and `on_duplicate` is "error".
    FileFormatError
        If a path matches no file, or a file cannot be read.
    EngineError
        If the engine fails midway; there is no partial result.

    Notes
    -----
    Labels become weights, an item the sums of its weights: two plain group-bys. Sums are read as counts only behind a
    checked bound on the labels an item has; beyond it items are told apart by hashes and looked up. The answer never
    depends on which. Categories of a column are classes whether they occur or not, as in annotations; those that a
    Parquet file remembers are not seen: name unused classes in `classes`.

    The embedded engine for files is DuckDB. On 100 million labels in Parquet polars' streaming engine was up to twice
    as fast, but took four to seven times the memory, and it cannot be held to a limit.

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({"doc": [1, 1, 2, 2], "label": ["x", "x", "y", "x"]})
    >>> count_patterns(long, item="doc", label="label").patterns.tolist()
    [[2, 0], [1, 1]]
    """
    check_choice("on_duplicate", on_duplicate, ON_DUPLICATE)
    check_choice("level", level, LEVELS)
    roles = Roles(item=item, label=label, annotator=annotator)
    options = BuildOptions(classes=classes, level=level, on_duplicate=on_duplicate)
    if is_path(frame_or_paths):
        with opened(frame_or_paths, progress) as files:
            return _count_files(files, roles, options)
    if isinstance(frame_or_paths, pd.DataFrame):
        return count_in_memory(frame_or_paths, roles, options)
    data = engine_frame(frame_or_paths, roles)
    found = survey(data, roles, options)
    if annotator is None or on_duplicate == "error":
        return _count([data], found, roles)
    kept = without_repeats(frame_or_paths, data, on_duplicate)
    return _count([kept], _of_kept(kept, found, roles, options), roles)


def _count_files(files: OpenFiles, roles: Roles, options: BuildOptions) -> CountPatterns:
    options = replace(options, read_numbers=files.kind == "csv")
    whole = engine_frame(files.relation, roles, file=files.name)
    found, relation = survey(whole, roles, options), files.relation
    if roles.annotator is not None and options.on_duplicate != "error":
        relation = first_labels(files, (roles.item, roles.annotator), roles.label, options.on_duplicate)
        found = _of_kept(engine_frame(relation, roles, file=files.name), found, roles, options)
    for n_parts in PARTS:
        parts = [engine_frame(r, roles, file=files.name) for r in parts_by_item(relation, roles.item, n_parts)]
        try:
            counted = _count(parts, found, roles)
        except EngineError as error:
            if n_parts == PARTS[-1] or not ran_out_of_memory(error):
                raise
        else:
            return counted.with_log(replace(counted.read_log, sources=files.sources))
    raise AssertionError("the last number of parts returns or raises")


def _of_kept(kept: EngineFrame, before: Survey, roles: Roles, options: BuildOptions) -> Survey:
    """Survey what is left without repeated labels; classes are those of all labels, as in annotations."""
    found = survey(kept, roles, options, before)
    gone = before.log.n_rows_read - found.log.n_rows_read
    log = found.log.adding(set_aside=repeated(gone, options.on_duplicate, kept.file))
    return replace(found, log=replace(log, n_rows_read=before.log.n_rows_read))


def _count(parts: Sequence[EngineFrame], found: Survey, roles: Roles) -> CountPatterns:
    """Count parts that share no item."""
    if roles.annotator is not None:
        kinds = _kinds_of(parts, found, by_annotator=True, limit=MAX_WHO_KINDS)
        if kinds is None or _repeats(kinds.rows, found.schema.k):
            for part in parts:
                refuse_repeats(part, found)
        if kinds is not None:
            return _by_annotator(kinds, found)
    kinds = _kinds_of(parts, found, by_annotator=False, limit=MAX_PATTERNS)
    if kinds is None:
        raise LabelError(
            Problem(
                what=f"items were labeled in more than {MAX_PATTERNS:,} different ways",
                file=parts[0].file,
                parameter="label",
                value=roles.label,
                next_step="Merge classes, or count parts that share no item and add them up.",
            )
        )
    return CountPatterns(
        patterns=kinds.rows,
        multiplicity=kinds.multiplicity,
        schema=found.schema,
        who_unknown_because=None if roles.annotator is None else TOO_MANY_KINDS,
        read_log=found.log,
    )


def _kinds_of(parts: Sequence[EngineFrame], found: Survey, *, by_annotator: bool, limit: int) -> Kinds | None:
    whole: Kinds | None = None
    for part in parts:
        kinds = count_kinds(part, found, by_annotator=by_annotator, limit=limit)
        if kinds is None:
            return None
        whole = kinds if whole is None else whole.followed_by(kinds)
    if whole is not None:
        check_totals(whole, found, parts[0])
    return whole


def _by_annotator(kinds: Kinds, found: Survey) -> CountPatterns:
    k = found.schema.k
    who, _ = WhoCounts.gather(kinds.rows, kinds.multiplicity, annotators=found.names, k=k)
    label = kinds.rows.classes % max(k, 1)
    return CountPatterns(
        patterns=ClassCounts.from_codes(kinds.rows.row, label, len(kinds.rows), k),
        multiplicity=kinds.multiplicity,
        schema=found.schema,
        who=who,
        read_log=found.log,
    )


def _repeats(rows: ClassCounts, k: int) -> bool:
    """Whether an annotator gave an item more than one label."""
    if (rows.counts > 1).any():
        return True
    row, annotator = rows.row, rows.classes // max(k, 1)
    return bool(((row[1:] == row[:-1]) & (annotator[1:] == annotator[:-1])).any())
