"""Label Studio: tasks as JSON, the labeling configuration, and what its JSON exports give back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from labelqa.errors import FileFormatError, ParameterError, Problem, shorten
from labelqa.review.exchange.filled import Filled
from labelqa.review.exchange.jsonvalues import as_list, as_map, number, text_of, texts_of
from labelqa.review.exchange.sheet import Sheet
from labelqa.text import visible

LABEL, COMMENT = "label", "comment"
ASSIGNMENT, MANIFEST = "labelqa_assignment", "labelqa_manifest"
# Names that the flat export (JSON_MIN) puts beside those of the data.
RESERVED = {
    *("id", LABEL, COMMENT, "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "data", "meta"),
    *("annotations", "completions", "predictions", ASSIGNMENT, MANIFEST),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_IMAGE = re.compile(r"https?://\S+\.(?:png|jpe?g|gif|webp|bmp|svg)(?:[?#]\S*)?", re.IGNORECASE)


def as_tasks(sheet: Sheet) -> bytes:
    """Return the tasks to import, in their order.

    The ids stand in ``meta``, which the JSON export keeps, and in ``data``, which the flat export (JSON_MIN) keeps.
    """
    names = _fields(sheet.columns)
    tasks = [
        {
            "data": {
                **dict(zip(names, row.cells, strict=True)),
                ASSIGNMENT: row.assignment,
                MANIFEST: sheet.manifest_hash,
            },
            "meta": {
                "assignment": row.assignment,
                "manifest": sheet.manifest_hash,
                "round": sheet.round,
                "guideline_version": sheet.guideline_version,
            },
        }
        for row in sheet.rows
    ]
    return (json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode()


def labeling_config(sheet: Sheet) -> bytes:
    """Return the labeling configuration (XML): what is shown, one choice of the classes, a comment.

    Raises
    ------
    ParameterError
        If a class holds a character that XML cannot.
    """
    bad = [c for c in sheet.classes if _NO_XML.search(c)]
    if bad:
        what = f"classes hold control characters, which Label Studio cannot show: {shorten(map(visible, bad))}"
        raise ParameterError(Problem(what=what, parameter="classes", value=bad[0], next_step="Use another format."))
    lines = ["<View>", f"  <Header value={_quoted(f'Round {sheet.round}, guideline {sheet.guideline_version}')}/>"]
    for i, (column, name) in enumerate(zip(sheet.columns, _fields(sheet.columns), strict=True)):
        if len(sheet.columns) > 1:
            lines.append(f"  <Header size={_quoted('5')} value={_quoted(visible(column))}/>")
        tag = "Image" if _are_images([row.cells[i] for row in sheet.rows]) else "Text"
        lines.append(f"  <{tag} name={_quoted(f'shown_{i + 1}')} value={_quoted('$' + name)}/>")
    lines.append(f'  <Choices name="{LABEL}" toName="shown_1" choice="single" required="true" showInline="false">')
    lines += [f"    <Choice value={_quoted(c)}/>" for c in sheet.classes]
    comment = f'  <TextArea name="{COMMENT}" toName="shown_1" placeholder="Comment" rows="2" maxSubmissions="1"/>'
    return "\n".join([*lines, "  </Choices>", comment, "</View>", ""]).encode()


def _quoted(text: str) -> str:
    return quoteattr(text)


def _fields(columns: Sequence[str]) -> list[str]:
    """Return the names of the columns in ``data``: those that a variable ``$name`` can hold stay as they are."""
    plain = {c for c in columns if _NAME.fullmatch(c) and c not in RESERVED}
    numbered = (f"field_{i + 1}" for i in range(2 * len(columns)))
    free = iter([n for n in numbered if n not in plain])
    return [c if c in plain else next(free) for c in columns]


def _are_images(cells: Sequence[str]) -> bool:
    filled = [c for c in cells if c]
    return bool(filled) and all(_IMAGE.fullmatch(c) for c in filled)


def read_label_studio(text: str, name: str) -> list[Filled]:
    """Return the answers in a JSON or JSON_MIN export; a task with several annotations gives several.

    A cancelled annotation is a skipped item, unless the task has a submitted one as well.

    Raises
    ------
    FileFormatError
        If it is no list of tasks.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        what = f"this is not JSON ({error})"
        raise FileFormatError(Problem(what=what, file=name, next_step="Export as JSON from Label Studio.")) from None
    tasks = data if isinstance(data, list) else [data]
    problems = [
        Problem(what="this task is no JSON object", file=name, row=i + 1)
        for i, task in enumerate(tasks)
        if not isinstance(task, dict)
    ]
    if problems:
        raise FileFormatError(problems)
    return [filled for i, task in enumerate(tasks) for filled in _of_task(task, i + 1)]


def _of_task(task: Mapping[str, object], row: int) -> list[Filled]:
    meta, data = as_map(task.get("meta")), as_map(task.get("data")) or task
    assignment = text_of(meta.get("assignment")) or text_of(data.get(ASSIGNMENT))
    manifest = text_of(meta.get("manifest")) or text_of(data.get(MANIFEST))
    if "data" not in task:
        return [_flat(task, row, assignment, manifest)]
    annotations = [as_map(a) for a in as_list(task.get("annotations")) or as_list(task.get("completions"))]
    submitted = [a for a in annotations if not a.get("was_cancelled")]
    if not annotations:
        return [Filled(row=row, assignment=assignment, manifest=manifest)]
    return [_of_annotation(a, row, assignment, manifest) for a in submitted or annotations[-1:]]


def _of_annotation(annotation: Mapping[str, object], row: int, assignment: str, manifest: str) -> Filled:
    results = [as_map(r) for r in as_list(annotation.get("result"))]
    cancelled = bool(annotation.get("was_cancelled"))
    return Filled(
        row=row,
        assignment=assignment,
        manifest=manifest,
        labels=() if cancelled else _values(results, LABEL, "choices"),
        comment=" ".join(_values(results, COMMENT, "text")),
        skipped="cancelled" if cancelled else "",
        seconds=number(annotation.get("lead_time")),
        answered_utc=text_of(annotation.get("created_at")) or None,
    )


def _values(results: Sequence[Mapping[str, object]], control: str, kind: str) -> tuple[str, ...]:
    """Return the values that one control of the configuration gave."""
    return tuple(
        value
        for result in results
        if result.get("from_name") == control
        for value in texts_of(as_map(result.get("value")).get(kind))
    )


def _flat(task: Mapping[str, object], row: int, assignment: str, manifest: str) -> Filled:
    label = task.get(LABEL)
    return Filled(
        row=row,
        assignment=assignment,
        manifest=manifest,
        labels=texts_of(as_map(label).get("choices") if isinstance(label, dict) else label),
        comment=" ".join(texts_of(task.get(COMMENT))),
        seconds=number(task.get("lead_time")),
        answered_utc=text_of(task.get("created_at")) or None,
    )
