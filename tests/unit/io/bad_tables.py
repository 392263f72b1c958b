"""Tables whose columns or labels are not what they must be, and parameters that do not fit them."""

from __future__ import annotations

from labelqa.annotations.classes import LabelCleaning
from labelqa.errors import shorten
from labelqa.io.sources import FORMATS
from tests.unit.io.writers import LONG, BadInput, several, text

VOTES = "id,neg,neu,pos\n" + "".join(
    f"{i},{i % 4},{(3 - i % 4) // 2},{3 - i % 4 - (3 - i % 4) // 2}\n" for i in range(12)
)
AMBIGUOUS = "rev_id,worker_id,attack,aggression\n" + "".join(
    f"{i},{w},{(i * 7 + w) % 3 % 2},{(i * 5 + w) % 4 % 2}\n" for i in range(10) for w in range(3)
)
PAIRED = "id,annotator_1,label_1,annotator_2,label_2\n" + "".join(
    f"{i},{'ana' if i % 2 else 'ben'},{'yes' if i % 3 else 'no'},"
    f"{'cem' if i % 2 else 'dan'},{'no' if i % 4 else 'yes'}\n"
    for i in range(12)
)
SURVEY = "respondent,q1,q2,q3\n" + "".join(f"r{i},{i % 5},{(i + 1) % 5},{i * 3 % 5}\n" for i in range(12))

TABLES: list[BadInput] = [
    BadInput(
        name="unknown columns",
        write=text(LONG),
        kwargs={"item": "text", "annotator": "anotator"},
        options=["--item", "text", "--annotator", "anotator"],
        message=(
            "labels.csv: there is no column 'text' (asked for as item) (allowed: item, annotator, label)\n"
            "labels.csv: there is no column 'anotator' (asked for as annotator) (allowed: item, annotator, "
            "label; did you mean 'annotator'?)"
        ),
    ),
    BadInput(
        name="one column for two roles",
        write=text(LONG),
        kwargs={"item": "item", "label": "item"},
        options=["--item", "item", "--label", "item"],
        message="labels.csv: column 'item' was named for more than one role. Give each role a column of its own.",
    ),
    BadInput(
        name="no annotator column",
        write=text("id,text,label\n1,a b c,yes\n2,d e f,no\n3,g h i,no\n"),
        message=(
            "labels.csv: cannot tell which column holds the annotator; recognised item='id', label='label'. "
            "Columns: id ('1', '2'); text ('a b c', 'd e f'); label ('yes', 'no'). Name the column: "
            "annotator= (--annotator); for one column an annotator, annotator=[...] (--annotator a,b,c)."
        ),
    ),
    BadInput(
        name="two columns could be the label",
        write=text(AMBIGUOUS),
        message=(
            "labels.csv: 2 columns could be the label: 'attack', 'aggression'; recognised item='rev_id', "
            "annotator='worker_id'. Columns: rev_id ('0', '1'); worker_id ('0', '1'); attack ('0', '1'); "
            "aggression ('0', '1'). Name the column: label= (--label)."
        ),
    ),
    BadInput(
        name="votes per class",
        write=text(VOTES),
        message=(
            "labels.csv: columns 'neg', 'neu', 'pos' look like votes per class (whole numbers with one sum "
            "in every row), not like labels of annotators. Columns: id ('0', '1'); neg ('0', '1'); neu "
            "('1', '0'); pos ('2', '1'). Give one row a label (item, annotator, label), or one column an "
            "annotator."
        ),
    ),
    BadInput(
        name="names beside labels",
        write=text(PAIRED),
        message=(
            "labels.csv: several groups of columns could be the annotators' labels: 'label_1', 'label_2', "
            "'annotator_1', 'annotator_2'. Columns: id ('0', '1'); annotator_1 ('ben', 'ana'); label_1 "
            "('no', 'yes'); annotator_2 ('dan', 'cem'); label_2 ('yes', 'no'). Name the annotators' "
            "columns: annotator=[...] (--annotator a,b,c)."
        ),
    ),
    BadInput(
        name="one row a respondent",
        write=text(SURVEY),
        message=(
            "labels.csv: columns 'q1', 'q2', 'q3' look like one item or question each, not one annotator "
            "each. Columns: respondent ('r0', 'r1'); q1 ('0', '1'); q2 ('1', '2'); q3 ('0', '3'). Turn the "
            "table so that each row is an item, or name the annotators' columns with annotator=[...]."
        ),
    ),
    BadInput(
        name="all labels empty",
        write=text("item,annotator,label\n1,ana,\n1,ben, \n2,ana,\n"),
        message=(
            "labels.csv: there is not one label in 3 rows (3 no label). Columns were read as item=item, "
            "annotator=annotator, label=label: name others if that is wrong."
        ),
    ),
    BadInput(
        name="text labels on an interval scale",
        write=text(LONG),
        kwargs={"level": "interval"},
        options=["--level", "interval"],
        message=(
            "level='interval' needs numbers, but 2 of 2 classes are not: 'no', 'yes' (allowed: nominal, "
            "ordinal). Choose a level that fits text labels, or set those labels aside first."
        ),
    ),
    BadInput(
        name="labels outside the classes",
        write=text("item,annotator,label\n1,ana,sport\n1,ben,sprot\n2,ana,sport\n2,ben,sprot\n3,ana,culture\n"),
        kwargs={"classes": ["sport", "politics"]},
        options=["--classes", "sport,politics"],
        message=(
            "labels.csv row 3: label 'sprot' is not a class (allowed: sport, politics; did you mean "
            "'sport'?). 2 such rows; pass classes=... (--classes) with it, or fix the file.\n"
            "labels.csv row 6: label 'culture' is not a class (allowed: sport, politics). Pass classes=... "
            "(--classes) with it, or fix the file."
        ),
    ),
    BadInput(
        name="a class twice",
        write=text(LONG),
        kwargs={"classes": ["yes", "no", "yes"]},
        options=["--classes", "yes,no,yes"],
        message="classes names a class twice: yes. Name each class once.",
    ),
    BadInput(
        name="repeated label",
        write=text(LONG + "\n1,ana,no\n"),
        message=(
            "labels.csv row 7: annotator 'ana' labeled item '1' again (first in row 2) (allowed: error, "
            "first, last). 1 repeated rows in 1 (item, annotator) pairs: choose which label counts with "
            "on_duplicate='first' or 'last' (--on-duplicate), or name a round column if they are separate "
            "rounds."
        ),
    ),
    BadInput(
        name="repeated label in two files",
        write=several({"may.csv": LONG, "june.csv": "item,annotator,label\n3,ana,no\n2,ben,yes\n"}),
        message=(
            "june.csv row 3: annotator 'ben' labeled item '2' again (first in may.csv row 5) (allowed: "
            "error, first, last). 1 repeated rows in 1 (item, annotator) pairs: choose which label counts "
            "with on_duplicate='first' or 'last' (--on-duplicate), or name a round column if they are "
            "separate rounds."
        ),
    ),
    BadInput(
        name="repeated row of a wide table",
        write=text("id,ana,ben\n1,yes,no\n2,no,no\n2,no,yes\n3,yes,yes\n"),
        message=(
            "labels.csv row 4: annotator 'ana' labeled item '2' again (first in row 3)\n"
            "labels.csv row 4: annotator 'ben' labeled item '2' again (first in row 3) (allowed: error, "
            "first, last). 2 repeated rows in 2 (item, annotator) pairs: choose which label counts with "
            "on_duplicate='first' or 'last' (--on-duplicate), or name a round column if they are separate "
            "rounds."
        ),
    ),
    BadInput(
        name="files with different columns",
        write=several({"ana.csv": "item,label\n1,yes\n2,no\n", "ben.csv": "item,category\n1,yes\n2,no\n"}),
        message=(
            "ben.csv: the columns differ from those of ana.csv: this file has no 'label' and has 'category' "
            "in addition. Give all files the same columns, or read only those that belong together."
        ),
    ),
    BadInput(
        name="label to map does not occur",
        write=text(LONG),
        kwargs={"cleaning": LabelCleaning(mapping={"yess": "yes"})},
        options=["--map-labels", "yess=yes"],
        message="label 'yess' was named for cleaning but does not occur (allowed: yes, no; did you mean 'yes'?)",
    ),
    BadInput(
        name="cannot-tell label does not occur",
        write=text(LONG),
        kwargs={"cleaning": LabelCleaning(cannot_tell=("unsure",))},
        options=["--cannot-tell", "unsure"],
        message="label 'unsure' was named for cleaning but does not occur (allowed: yes, no)",
    ),
    BadInput(
        name="several questions on each item",
        write=text(
            "item,coder,variable,value\n"
            + "".join(f"{i},{who},{q},{(i + k) % 2}\n" for i in range(9) for k, who in enumerate("ab") for q in "xy")
        ),
        message=(
            "labels.csv row 3: annotator 'a' labeled item '0' again (first in row 2)\n"
            "labels.csv row 5: annotator 'b' labeled item '0' again (first in row 4)\n"
            "labels.csv row 7: annotator 'a' labeled item '1' again (first in row 6) (allowed: error, first, last). 18 "
            "repeated rows in 18 (item, annotator) pairs: choose which label counts with on_duplicate='first' or 'last'"
            " (--on-duplicate), or name a round column if they are separate rounds, or choose one question of column "
            "'variable': question='x' (--question)."
        ),
    ),
    BadInput(
        name="unknown format",
        write=text(LONG),
        kwargs={"format": "yaml"},
        options=None,
        message=f"format='yaml' is not known (allowed: {shorten(FORMATS)})",
    ),
    BadInput(
        name="format that it is not",
        write=text(LONG),
        kwargs={"format": "parquet"},
        options=None,
        message=(
            "labels.csv: format='parquet' was asked for, but the content is CSV or TSV text. Leave format "
            "out: it is found from the content."
        ),
    ),
    BadInput(
        name="tab-separated asked for",
        write=text(LONG),
        kwargs={"format": "tsv"},
        options=None,
        message="labels.csv: format='tsv' was asked for, but the columns are separated by commas",
    ),
    BadInput(
        name="unknown level",
        write=text(LONG),
        kwargs={"level": "ordered"},
        options=None,
        message="level='ordered' is not known (allowed: nominal, ordinal, interval, ratio)",
    ),
    BadInput(
        name="unknown question",
        write=text(LONG),
        kwargs={"question": "tone"},
        options=None,
        message="question='tone' is neither a column nor a value of one (allowed: item, annotator, label)",
    ),
]
