"""Tables that libraries write and that names and content tell: crowd-kit, cleanlab."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import labelqa as lq

SAMPLES = Path(__file__).parents[3] / "data/formats"


@pytest.mark.parametrize("who", ["worker", "performer"])
def test_crowd_kit_tables_are_read_with_workers_and_with_performers(tmp_path, who):
    text = (SAMPLES / "crowdkit_task_worker_label.csv").read_text(encoding="utf-8").replace("worker", who)
    path = tmp_path / "answers.dat"
    path.write_text(text, encoding="utf-8")
    found, expected = lq.read_annotations(path), lq.read_annotations(SAMPLES / "long.csv")
    columns = ["item", "annotator", "label"]
    assert found.to_frame()[columns].equals(expected.to_frame()[columns])
    assert found.read_log.mapping["annotator"] == who


def test_cleanlab_floats_with_gaps_are_the_same_classes_as_whole_numbers():
    found = lq.read_annotations(SAMPLES / "cleanlab_multiannotator_wide.csv")
    assert found.schema.names == ("0", "1", "2")
    assert len(found) == 11
    assert sorted(found.items) == ["phone-001", "phone-002", "phone-003", "phone-004"]
    assert found.annotators.tolist() == ["ana", "ben", "cem"]


def test_a_cleanlab_frame_with_numbered_rows_is_read():
    frame = pd.DataFrame({"ana": [0, 1, 2, 1], "ben": [0, 1, 0, 1], "cem": [0.0, np.nan, 2.0, 1.0]})
    found = lq.read_annotations(frame)
    assert found.schema.names == ("0", "1", "2")
    assert len(found) == 11
