"""What people who label would stumble over in a guideline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from labelqa.annotations.table import Annotations
from labelqa.errors import check_kind, did_you_mean
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.lint_result import Finding, GuidelineLint
from labelqa.guidelines.quotes import quoted_items, unknown_classes
from labelqa.guidelines.rule import EXAMPLE_KINDS, KIND_WORDS, Rule
from labelqa.text import counted, shortened, words_of


def lint_guideline(guideline: Guideline, items: Mapping[str, str] | Annotations | None = None) -> GuidelineLint:
    """Look for what is missing, contradictory or points nowhere in a guideline.

    Parameters
    ----------
    guideline : Guideline
        What to look at.
    items : mapping of str to str, Annotations or None
        Text by item id, to find rules that quote an item or show one that does not exist; of annotations, all texts
        that are known of their items.

    Returns
    -------
    GuidelineLint
        One finding a thing, errors first.

    Raises
    ------
    ParameterError
        If `guideline` is no guideline, or `items` neither a mapping nor annotations.

    Examples
    --------
    >>> from labelqa.guidelines.starter import starter_guideline
    >>> [(f.rule_id, f.code) for f in lint_guideline(starter_guideline(["bug"])).findings]
    [('R1', 'empty_rule')]
    """
    check_kind(
        "guideline", guideline, Guideline, allowed="a Guideline", next_step="For a version, pass its .guideline."
    )
    if isinstance(items, Annotations):
        items = _item_texts(items)
    elif items is not None:
        step = "Pass {item id: text}, or Annotations."
        check_kind("items", items, Mapping, allowed="a mapping of texts", next_step=step)
    found = [*_definitions(guideline), *_texts(guideline), *_boundaries(guideline), *_examples(guideline)]
    found += [] if items is None else [*_quotes(guideline, items), *_items(guideline, items)]
    place: dict[str | None, int] = {rule_id: at for at, rule_id in enumerate(guideline.ids)}
    classes = {name: at for at, name in enumerate(guideline.classes)}
    found.sort(key=lambda f: (f.severity, classes[f.class_name], place.get(f.rule_id, -1)))
    return GuidelineLint(findings=tuple(found), n_rules=len(guideline.rules), looked_at_items=items is not None)


def _item_texts(annotations: Annotations) -> dict[str, str]:
    """Return all texts of each item as one, by its id as rules cite it."""
    data = annotations.item_data
    texts = {str(item): "" for item in annotations.items}
    for column in (c for c in data.columns if c != "item"):
        for item, value in zip(texts, data[column], strict=True):
            texts[item] += f" {value}" if isinstance(value, str) else ""
    return texts


def _finding(rule: Rule, code: str, message: str, next_step: str) -> Finding:
    return Finding(
        rule_id=rule.id, class_name=rule.class_name, code=code, message=f"{_name(rule)} {message}", next_step=next_step
    )


def _name(rule: Rule) -> str:
    against = "" if rule.other is None else f" against '{rule.other}'"
    return f"{rule.id} ({KIND_WORDS[rule.kind]} of '{rule.class_name}'{against})"


def _definitions(guideline: Guideline) -> Iterator[Finding]:
    defined = {r.class_name for r in guideline.rules if r.kind == "definition"}
    for name in guideline.classes:
        if name not in defined:
            yield Finding(
                rule_id=None,
                class_name=name,
                code="class_without_definition",
                message=f"nothing says what '{name}' is",
                next_step=f"Add a definition: one or two sentences that say what makes an item '{name}'.",
            )
    for rule in guideline.rules:
        if rule.is_empty:
            yield _finding(rule, "empty_rule", "is empty", "Write it, or remove it.")


def _texts(guideline: Guideline) -> Iterator[Finding]:
    first: dict[tuple[str, ...], Rule] = {}
    for rule in guideline.rules:
        named = [rule.other] if rule.other is not None and rule.other not in guideline.classes else []
        for name in dict.fromkeys((*named, *unknown_classes(rule.text, guideline.classes))):
            near = did_you_mean(name, guideline.classes)
            message = f"names '{shortened(name, 40)}', which is no class{near}"
            step = f"Use a class of the guideline: {shortened(', '.join(guideline.classes), 120)}."
            yield _finding(rule, "undefined_class", message, step)
        words = tuple(words_of(rule.text))
        if rule.kind in EXAMPLE_KINDS or not words:
            continue
        twin = first.setdefault(words, rule)
        if twin is not rule:
            step = "Keep one; if it is true of two classes it does not tell them apart."
            yield _finding(rule, "text_given_twice", f"says the same as {_name(twin)}", step)


def _boundaries(guideline: Guideline) -> Iterator[Finding]:
    first: dict[frozenset[str | None], Rule] = {}
    shown = _pairs_with_examples(guideline)
    for rule in (r for r in guideline.rules if r.kind == "boundary"):
        pair = frozenset((rule.class_name, rule.other))
        twin = first.setdefault(pair, rule)
        if twin is not rule:
            step = "Write one boundary that says it all: people find one of the two and stop reading."
            yield _finding(rule, "boundary_given_twice", f"is about the same two classes as {_name(twin)}", step)
        elif pair not in shown:
            step = (
                f"Show an item on either side: an example of '{rule.class_name}' against '{rule.other}' and one of "
                f"'{rule.other}' against '{rule.class_name}'."
            )
            yield _finding(rule, "boundary_without_example", "shows no example", step)


def _pairs_with_examples(guideline: Guideline) -> set[frozenset[str | None]]:
    """Return the pairs that an example is set against, a boundary shows, or one item is for and against."""
    pairs: set[frozenset[str | None]] = set()
    sides: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for rule in guideline.rules:
        is_example = rule.kind in EXAMPLE_KINDS
        if rule.other is not None and not rule.is_empty and (is_example or rule.item is not None):
            pairs.add(frozenset((rule.class_name, rule.other)))
        if is_example and rule.item is not None:
            sides[rule.item][rule.kind].add(rule.class_name)
    for side in sides.values():
        pairs |= {frozenset((a, b)) for a in side["positive_example"] for b in side["negative_example"]}
    return pairs


def _examples(guideline: Guideline) -> Iterator[Finding]:
    positive: dict[str, Rule] = {}
    by_class: dict[tuple[str | None, str], Rule] = {
        (r.item, r.class_name): r for r in guideline.rules if r.kind == "positive_example" and r.item is not None
    }
    for rule in guideline.rules:
        if rule.kind == "positive_example" and rule.item is not None:
            twin = positive.setdefault(rule.item, rule)
            if twin.class_name != rule.class_name:
                message = f"shows item '{shortened(rule.item, 40)}', which {_name(twin)} shows for another class"
                step = "Decide which class it is an example of, or show another item."
                yield _finding(rule, "item_cited_twice", message, step)
        opposite = by_class.get((rule.item, rule.class_name)) if rule.kind == "negative_example" else None
        if opposite is not None:
            message = f"shows item '{shortened(rule.item, 40)}', which {_name(opposite)} shows as the opposite"
            yield _finding(rule, "contradicting_example", message, "Decide which of the two it is.")


def _quotes(guideline: Guideline, items: Mapping[str, str]) -> Iterator[Finding]:
    quotes = quoted_items(guideline.rules, items)
    for rule in (r for r in guideline.rules if r.id in quotes):
        quote = quotes[rule.id]
        others = f" and {counted(len(quote.items) - 1, 'other item')}" if len(quote.items) > 1 else ""
        message = f"quotes item '{shortened(quote.items[0], 40)}'{others}: '{shortened(quote.words, 60)}'"
        step = (
            "Say what is general about it: people would recognise the item instead of applying the rule. "
            "To show an item, cite its id in an example."
        )
        yield _finding(rule, "quotes_item", message, step)


def _items(guideline: Guideline, items: Mapping[str, str]) -> Iterator[Finding]:
    for rule in guideline.rules:
        if rule.item is not None and rule.item not in items:
            message = f"shows item '{shortened(rule.item, 40)}', which does not exist"
            yield _finding(rule, "unknown_item", message, "Correct the id of the item, or show another one.")
