"""What rules quote: the words of items, and the names of classes."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from labelqa.guidelines.rule import Rule
from labelqa.text import is_unspaced, words_of

MIN_RUN = 6  # words in a row that make a quote
MIN_WHOLE = 3  # words of a whole item that make a quote
STOCK_PHRASE = 5  # words that stand in more different items than this are a phrase of the field, no quote
NEAR = 0.8  # similarity of a quoted word and a class name that is taken for a misspelled class
_CODE = re.compile(r"`([^`\n]{1,80})`")
_OPEN, _CLOSE = '"\u201c\u201d\u201e\u00ab\u2039', '"\u201c\u201d\u00bb\u203a'
_QUOTED = re.compile(
    rf"[{_OPEN}]([^{_OPEN}{_CLOSE}\n]{{1,80}})[{_CLOSE}]"
    "|(?<!\\w)['\u2018]([^'\u2018\u2019\n]{1,80})['\u2019](?!\\w)"  # apostrophes stand within words
)
_CALLED_CLASS = re.compile(r"(?:class|label|category)\s+$", re.IGNORECASE)
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that a rule shares with items.

    Attributes
    ----------
    words : str
        The longest run of words it shares with the first of them.
    items : tuple of str
        Ids of the items, in the order of the items.
    """

    words: str
    items: tuple[str, ...]


def quoted_items(rules: Iterable[Rule], items: Mapping[str, str]) -> dict[str, Quote]:
    """Return, for each rule that quotes items verbatim, what it quotes.

    Quoted is a run of six words, or a whole item of at least three (two characters of a script without spaces count as
    one word); punctuation and case do not matter. A rule may quote the item that it shows.

    Parameters
    ----------
    rules : iterable of Rule
        The rules.
    items : mapping of str to str
        Text by item id.

    Examples
    --------
    >>> rule = Rule(id="R1", class_name="billing", kind="use_when", text="They say: my card was charged twice again.")
    >>> quoted_items([rule], {"T1": "My card was charged twice, again!"})
    {'R1': Quote(words='my card was charged twice again', items=('T1',))}
    """
    by_rule = {r.id: (r, tuple(words_of(r.text))) for r in rules}
    runs = _runs(by_rule.values())
    found: dict[tuple[str, Words], dict[Words, list[str]]] = defaultdict(lambda: defaultdict(list))
    for item, text in items.items() if runs else ():
        words = tuple(words_of(text))
        for run in {run for run in _runs_of_item(words) if run in runs}:
            for rule_id in runs[run]:
                found[rule_id, run][words].append(item)
    hits: dict[str, dict[str, Words]] = defaultdict(dict)
    for (rule_id, _), texts in found.items():
        if len(texts) <= STOCK_PHRASE:
            hits[rule_id] |= {i: t for t, ids in texts.items() for i in ids if i != by_rule[rule_id][0].item}
    place = {item: at for at, item in enumerate(items)}
    made = {i: _quote(by_rule[i][1], dict(sorted(of.items(), key=lambda e: place[e[0]]))) for i, of in hits.items()}
    return {rule_id: quote for rule_id, quote in made.items() if quote is not None}


def _runs(rules: Iterable[tuple[Rule, Words]]) -> dict[Words, set[str]]:
    runs: dict[Words, set[str]] = defaultdict(set)
    for rule, words in rules:
        for n in range(MIN_WHOLE, MIN_RUN + 1):
            for at in range(len(words) - n + 1):
                runs[words[at : at + n]].add(rule.id)
    return runs


def _runs_of_item(words: Words) -> Iterator[Words]:
    """Yield the runs that quote an item: all of six words, or the whole of a short one."""
    if len(words) < MIN_RUN:
        yield words
    for at in range(len(words) - MIN_RUN + 1):
        yield words[at : at + MIN_RUN]


def _quote(rule: Words, items: Mapping[str, Words]) -> Quote | None:
    longest = {item: _shared_run(rule, words) for item, words in items.items()}
    quoted = {i: run for i, run in longest.items() if _weight(run) >= (MIN_WHOLE if run == items[i] else MIN_RUN)}
    if not quoted:
        return None
    return Quote(words=" ".join(next(iter(quoted.values()))), items=tuple(quoted))


def _shared_run(rule: Words, item: Words) -> Words:
    match = difflib.SequenceMatcher(None, rule, item, autojunk=False).find_longest_match()
    return rule[match.a : match.a + match.size]


def _weight(run: Words) -> float:
    return sum(0.5 if is_unspaced(word) else 1.0 for word in run)


def unknown_classes(text: str, classes: Iterable[str]) -> Iterator[str]:
    """Yield what a rule names as a class that is none, each once.

    Backticks name a class. Quotation marks may hold anything: they name a class after the word class, label or
    category, or if what they hold is spelled nearly like one.

    Examples
    --------
    >>> list(unknown_classes("Not `refund`; see 'biling', or 'my card'.", ["billing", "bug"]))
    ['refund', 'biling']
    """
    names = [c.casefold() for c in classes]
    seen: dict[str, None] = {}
    for match in sorted([*_CODE.finditer(text), *_QUOTED.finditer(text)], key=lambda m: m.start()):
        name = next(g for g in match.groups() if g is not None).strip()
        means_class = match.re is _CODE or bool(_CALLED_CLASS.search(text, 0, match.start()))
        if name.casefold() not in names and (means_class or _is_near(name, names)):
            seen.setdefault(name)
    yield from seen


def _is_near(name: str, names: list[str]) -> bool:
    return bool(difflib.get_close_matches(name.casefold(), names, n=1, cutoff=NEAR))
