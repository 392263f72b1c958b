"""Names and plain words of this package: why something is undefined is worded once."""

from __future__ import annotations

from labelqa.reliability import names

NO_ANSWERS = "there are no annotations"
ONE_ANNOTATOR = "only one annotator gave answers"
NO_OVERLAP = "no item has answers by two annotators"
ONE_VALUE = "all answers are equal, so there is nothing to tell apart"
ONE_ITEM = "only one item has answers by two annotators"
LEAVE_ONE_OUT_UNDEFINED = names.LEAVE_ONE_OUT_UNDEFINED
TOO_MANY_PAIRS = "more than 50 million pairs of different answers within items: choose some annotators"
NO_SPANS = "nobody marked a span"
NO_BOXES = "nobody drew a box"
NO_MATCHES = "no two boxes overlap enough to match"
ONE_ITEM_COUNTS = "only one item says something about it"
NO_COMMON_OBJECTS = "no two annotators ranked the same two objects"
NO_COMPLETE_RANKING = "no item has two objects that all its annotators ranked"
ALL_TIED = "every ranking ties all its objects"
NO_TRIADS = "no three objects were compared in all three pairs without a tie"
NOT_ALL_PAIRS = "zeta needs every pair of objects judged, without ties"
TOO_FEW_OBJECTS = "zeta needs three objects"
NO_COMPLETE_ITEMS = "fewer than two items have a number by every annotator"
ALL_NUMBERS_EQUAL = "all numbers are equal"
ITEMS_EQUAL = "the numbers do not differ between items, so there is nothing to tell apart"
NOT_CROSSED = "not all annotators rated the same items, so annotators cannot be told from items"
