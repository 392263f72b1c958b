"""The file of one annotator, in the format of the tool that shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from labelqa.errors import check_choice
from labelqa.review.exchange.files import write_file
from labelqa.review.exchange.label_studio import as_tasks, labeling_config
from labelqa.review.exchange.prodigy import as_prodigy
from labelqa.review.exchange.sheet import Payload, make_sheet
from labelqa.review.exchange.spreadsheet import as_csv
from labelqa.review.manifest import Manifest

SUFFIXES = {"csv": ".csv", "label_studio": ".json", "prodigy": ".jsonl"}
FORMATS = tuple(SUFFIXES)


def write_annotator_file(
    path: str | Path,
    manifest: Manifest,
    annotator: str,
    payload: Payload,
    *,
    columns: Sequence[str],
    format: str = "csv",
    private_columns: Collection[str] = (),
) -> tuple[Path, ...]:
    """Write what one annotator labels: ids of assignments and the columns to show, nothing else.

    The file holds no item ids, strata, probabilities, names or labels. The same input gives the same bytes.

    Parameters
    ----------
    path : str or Path
        The file; for Label Studio the labeling configuration is written beside it, ending in ``.config.xml``.
    manifest : Manifest
        The round.
    annotator : str
        Whose assignments.
    payload : mapping of item to (mapping of column to value)
        What is known of the items.
    columns : sequence of str
        The columns to show; all others stay out.
    format : {"csv", "label_studio", "prodigy"}
        For which tool.
    private_columns : collection of str
        Columns that hold labels or names: refused if they are among `columns`.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    ParameterError
        If a column gives away labels or names, something is missing, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from labelqa.review.manifest import build_manifest
    >>> from labelqa.review.plan import plan_round
    >>> from labelqa.review.sampling import Candidates
    >>> plan = plan_round(Candidates.of(["a", "b"]), ["ana", "bo"], counts={"fresh": 2}, round=1, seed=0)
    >>> manifest = build_manifest(plan, project="p", guideline_version=1, guideline_hash="0f", classes=["x", "y"])
    >>> payload = {"a": {"text": "Hello"}, "b": {"text": "Good bye"}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (file,) = write_annotator_file(f"{folder}/ana.csv", manifest, "ana", payload, columns=["text"])
    ...     len(file.read_text(encoding="utf-8-sig").splitlines())
    4
    """
    check_choice("format", format, FORMATS)
    target = Path(path)
    sheet = make_sheet(manifest, annotator, payload, columns=columns, private_columns=private_columns)
    if format == "csv":
        contents = {target: as_csv(sheet)}
    elif format == "prodigy":
        contents = {target: as_prodigy(sheet)}
    else:
        contents = {target: as_tasks(sheet), target.with_suffix(".config.xml"): labeling_config(sheet)}
    for file, content in contents.items():
        write_file(file, content)
    return tuple(contents)
