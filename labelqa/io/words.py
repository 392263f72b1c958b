"""The field's words for item, annotator, label and the rest, and the reading of column names."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
NAMED_NOUN = 2.0  # from here on a noun names its role by itself
_STRONG, _GOOD, _FAIR, _WEAK = 4.0, 3.0, 2.5, 1.5


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


def _scored(strong: str = "", good: str = "", fair: str = "", weak: str = "") -> dict[str, float]:
    groups = ((weak, _WEAK), (fair, _FAIR), (good, _GOOD), (strong, _STRONG))
    return {word: score for words, score in groups for word in words.split()}


LONGEST = 300  # characters of a column name that are looked at: more is no name
NOUNS: dict[str, dict[str, float]] = {
    "item": _scored(
        strong="item task unit example instance sample orig datapoint stimulus element",
        good="document doc subject record question case hit object observation specimen snippet pair",
        fair="id uid uuid guid rowid key",
        weak="text sentence sent tweet comment post image img article utterance passage message ticket url file "
        "filename photo picture video audio clip paragraph story dialogue dialog conversation page patient scan slide "
        "study paper abstract essay product node entity thread query review email mail report problem statement "
        "claim headline title name index idx rev frame phrase word token term bird dog face",
    ),
    "annotator": _scored(
        strong="annotator worker rater coder performer labeler labeller judge crowdworker turker grader assessor "
        "evaluator tagger marker scorer annotateur kodierer",
        good="reviewer user participant respondent contributor observer reader radiologist pathologist physician "
        "doctor clinician moderator screener examiner inspector operator analyst linguist juror voter expert "
        "ann anno annot wid",
        weak="who person member student initials login author model llm system",
    ),
    "label": _scored(
        strong="label category class",
        good="answer rating response judgment judgement annotation choice verdict vote decision tag classification "
        "lbl lab kategorie",
        fair="value score code grade result output coding opinion assessment evaluation",
    ),
    "round": _scored(strong="round rnd", weak="phase pass iteration wave batch session stage cycle repetition"),
}
ID_WORDS = word_set(
    "id ids key no nr num number ref hash uuid uid guid index idx code name anon handle email file filename path url"
)
LABEL_TAILS = word_set("id name text value code index idx str string")
BY_WORDS = word_set("annotated labeled labelled rated coded judged completed submitted reviewed created graded")
REFERENCE = word_set(
    "gold golden goldstandard gt truth true groundtruth expected correct reference adjudicated consensus majority "
    "aggregated aggregate aggre agg mv prediction predicted pred predictions canonical clean oracle baseline"
)
SETTLED = word_set("final agreed agree match matches resolved resolution settled conflict discussion same diff")
CERTAINTY = word_set("confidence certainty conf probability prob weight trust agreement entropy")
METADATA = word_set(
    "comment comments note notes remark remarks reason rationale explanation feedback text url link status time date "
    "start end duration seconds sec age gender sex race country region city state language lang locale channel "
    "platform source split fold partition dataset batch page order position trial version device browser ip "
    "education occupation income ethnicity religion priority difficulty length len count counts n size price reward "
    "bonus year month day hour domain topic genre department dept customer vendor brand type kind title "
    "description keywords flag queue team group cluster site format author id ids"
)
PROPERTIES = word_set(
    "star stars helpful useful like likes upvotes downvotes views shares sentiment polarity quality severity urgency "
    "importance relevance complexity readability fluency coherence consistency correctness toxicity overall"
)
MODELS = word_set("gpt chatgpt claude llama gemini mistral qwen deepseek bert human humans crowd expert ai machine")
NOT_AN_ITEM = word_set(
    "assignment annotation label judgment judgement response answer submission session batch suite type project "
    "dataset group campaign job rating vote class category status order"
)
SPLITTABLE = tuple(sorted({w for nouns in NOUNS.values() for w in nouns if len(w) > 3}, key=len, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A column name taken apart.

    Attributes
    ----------
    words : tuple of str
        Its words in lower case and singular, numbers included.
    head : str
        The noun it ends with, leaving out ``id``, ``name``, numbers and the like.
    has_id : bool
        Whether ``id`` or the like follows the noun.
    number : str
        What tells it from its siblings: the ``2`` of ``rater 2``, the ``b`` of ``Reviewer B``; else empty.
    """

    words: tuple[str, ...]
    head: str
    has_id: bool
    number: str = ""


def take_apart(name: str) -> Name:
    """Return the words of a column name and what they say."""
    words = [w for part in _WORD.findall(name[:LONGEST]) for w in _split(_singular(part.casefold()))]
    number = ""
    if len(words) > 1 and (words[-1].isdigit() or (len(words[-1]) == 1 and words[-1].isalpha())):
        number = words[-1]
    rest = words[:-1] if number else list(words)
    has_id = False
    while len(rest) > 1 and rest[-1] in ID_WORDS:
        rest.pop()
        has_id = True
    return Name(words=tuple(words), head=rest[-1] if rest else "", has_id=has_id, number=number)


def item_score(name: Name) -> float:
    """How much a column name says that it holds the item (0 = nothing)."""
    score = NOUNS["item"].get(name.head, 0.0)
    if name.words and name.words[-1] == "by":
        return 0.0
    if name.head in NOT_AN_ITEM or is_reference(name):
        return 0.0
    if NOUNS["annotator"].get(name.head, 0.0) >= _GOOD:
        return 0.0
    if name.has_id:
        return max(score, _STRONG - 0.2) if score else _WEAK * (name.head not in METADATA)
    return score - _modified(name)


def annotator_score(name: Name) -> float:
    """How much a column name says that it holds the annotator."""
    if is_reference(name):
        return 0.0
    if len(name.words) > 1 and name.words[-1] == "by":
        return _GOOD if name.words[-2] in BY_WORDS else 0.0
    score = NOUNS["annotator"].get(name.head, 0.0)
    if score == _WEAK and len(name.words) > 1 + name.has_id:
        return 0.0
    if not score and name.head in ("name", "email", "username") and len(name.words) == 1:
        return 1.0
    return score - (0.3 if len(name.words) > 1 + name.has_id else 0.0) * (score > 0)


def label_score(name: Name) -> float:
    """How much a column name says that it holds the label."""
    if is_reference(name) or not CERTAINTY.isdisjoint(name.words):
        return 0.0
    head, tail = name.head, name.words[-1] if name.words else ""
    if len(name.words) > 1 and name.words[-2] in NOUNS["label"] and tail in LABEL_TAILS:
        return NOUNS["label"][name.words[-2]] - 1.5
    if name.has_id and NOUNS["label"].get(head, 0.0) and tail not in LABEL_TAILS:
        return 0.0
    score, modified = NOUNS["label"].get(head, 0.0), _modified(name)
    if modified and score == _FAIR:
        return 0.6  # a "toxicity score" may stand beside the label "toxicity"
    return max(score - (1.5 if "final" in name.words and modified else modified), 0.0)


def round_score(name: Name) -> float:
    """How much a column name says that it holds the round."""
    return NOUNS["round"].get(name.head, 0.0)


def is_metadata(name: Name) -> bool:
    """Whether a column name speaks of the item, the annotator or the work, not of a label."""
    first = name.words[0] if name.words else ""
    return (
        name.head in METADATA
        or first in ("is", "has", "was", "contains", "needs")
        or not CERTAINTY.isdisjoint(name.words)
        or (len(name.words) > 1 and bool(name.words[-1] in METADATA))
    )


def names_somebody(name: Name) -> bool:
    """Whether a column name speaks of people or of models that label."""
    return any(annotator_score(name) or w in NOUNS["annotator"] or w in MODELS for w in name.words)


def names_a_thing(name: Name) -> bool:
    """Whether a column name is a word for the item, a label or a property: beside names of people it is none."""
    if is_metadata(name) or not PROPERTIES.isdisjoint(name.words):
        return True
    alone = len(name.words) - bool(name.number) - name.has_id <= 1
    return alone and (name.head in NOUNS["label"] or name.head in NOUNS["item"])


def is_reference(name: Name) -> bool:
    """Whether a column holds the truth, a consensus or a prediction: never a label of an annotator."""
    return not REFERENCE.isdisjoint(name.words)


def _modified(name: Name) -> float:
    """Return what a name loses for words before its noun: ``worker label`` says less than ``label``."""
    extra = len(name.words) - 1 - name.has_id - bool(name.number)
    return 0.5 if extra > 0 else 0.0


def _singular(word: str) -> str:
    if word.endswith("ies") and word[:-3] + "y" in NOUNS["label"]:
        return word[:-3] + "y"
    singular = word[:-1] if word.endswith("s") else word
    known = any(singular in nouns for nouns in NOUNS.values()) or singular == "id"
    return singular if known else word.removesuffix("es") if word == "classes" else word


def _split(word: str) -> list[str]:
    """Split words written together: ``workerid``, ``goldlabel``, ``taskname``."""
    if any(word in nouns for nouns in NOUNS.values()) or word in METADATA | REFERENCE | CERTAINTY:
        return [word]
    for noun in SPLITTABLE:
        rest = word.removeprefix(noun)
        if rest != word and rest in ID_WORDS | LABEL_TAILS:
            return [noun, rest]
        rest = word.removesuffix(noun)
        if rest != word and (rest in REFERENCE or rest in ("crowd", "final", "human", "user", "text")):
            return [rest, noun]
    return [word]
