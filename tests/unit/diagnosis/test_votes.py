from __future__ import annotations

import numpy as np
import pytest

from labelqa.diagnosis.votes import Votes


def votes_of(*triples, k=3):
    item, person, label = (np.array(column) for column in zip(*triples, strict=True))
    return Votes.of(item, person, label, k)


def test_items_are_of_one_kind_exactly_where_as_many_people_gave_the_same_labels() -> None:
    votes, _ = votes_of(
        *((0, 0, 1), (0, 1, 1), (0, 2, 2)),  # 1 1 2 by three people
        *((1, 5, 2), (1, 6, 1), (1, 7, 1)),  # the same by others
        *((2, 0, 1), (2, 0, 1), (2, 1, 2)),  # 1 1 2 by two people: one said it twice
        *((3, 0, 1), (3, 1, 1), (3, 2, 0)),
    )
    first, kind = votes.kinds()
    assert kind.tolist() == [0, 0, 1, 2]
    assert first.tolist() == [0, 2, 3]


def test_kinds_do_not_collide_on_many_different_items() -> None:
    rng = np.random.default_rng(0)
    label = rng.integers(0, 50, (20_000, 4))
    item, person = np.repeat(np.arange(20_000), 4), np.tile(np.arange(4), 20_000)
    votes, _ = Votes.of(item, person, label.ravel(), 50)
    assert votes.kinds()[0].size == len(np.unique(np.sort(label, axis=1), axis=0))


def test_somebody_who_repeats_a_label_counts_once_among_people_and_twice_among_labels() -> None:
    votes, _ = votes_of((0, 0, 1), (0, 0, 1), (0, 1, 2))
    assert votes.entry_class.tolist() == [1, 2]
    assert votes.entry_count.tolist() == [2, 1]
    assert votes.entry_people.tolist() == [1, 1]
    assert votes.n_people.tolist() == [2]
    assert votes.repeated


def test_items_without_a_label_are_left_out_and_the_others_remembered() -> None:
    votes, kept = votes_of((7, 0, 1), (3, 0, 2))
    assert kept.tolist() == [3, 7]
    assert votes.n == 2
    assert votes.label.tolist() == [2, 1]


@pytest.mark.parametrize("rows", [[0, 1, 2], [3, 4, 5], [0, 1, 2, 6]])
def test_taking_labels_numbers_their_items_anew(rows: list[int]) -> None:
    votes, _ = votes_of(*((i, g, (i + g) % 3) for i in range(3) for g in range(3)))
    part = votes.take(np.array(rows))
    assert part.item.tolist() == np.unique(votes.item[rows], return_inverse=True)[1].tolist()
    assert part.label.tolist() == votes.label[rows].tolist()


def test_the_most_frequent_classes_come_first() -> None:
    votes, _ = votes_of((0, 0, 2), (0, 1, 2), (0, 2, 0), (1, 0, 1))
    assert votes.top.tolist() == [[2, 0, -1, -1], [1, -1, -1, -1]]
