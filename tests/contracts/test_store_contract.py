"""What a store promises, on every database."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Text, inspect

from labelqa.errors import ConflictError, ParameterError, StoreError
from labelqa.store.database import Store, import_store, open_store
from labelqa.store.migrate import VERSION_TABLE
from labelqa.store.records import (
    AssignmentRecord,
    DecisionRecord,
    DraftRecord,
    EventRecord,
    ItemRecord,
    LabelRecord,
    PersonRecord,
    ProjectRecord,
    RoundRecord,
    VersionRecord,
)
from labelqa.store.schema import METADATA, TABLES, JsonText
from labelqa.store.writer import Writer
from tests.contracts.stores import (
    PROJECT,
    Server,
    acknowledged,
    check_campaign,
    decide_once,
    open_fixed,
    prepare_campaign,
    retry_all,
    start_server,
    workers,
)

P = "p1"
TIME = "2026-01-01T00:00:00.000000+00:00"
HOSTILE = [
    "'; DROP TABLE labels; --",
    '%s %(x)s :name ? \\ " ` $1',
    "\u202egnp.exe \x1b[31m \x07",
    "日本語 Ünïcödé 👩‍👩‍👧 e\u0301",
    " \t\r\n ",
    "NULL",
    "{'a': 1}",
    "\x1f\x1e,;\x01",
]
KINDS = ("sqlite", "postgresql", "memory")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    started = start_server()
    yield started
    started.stop()


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "memory":
        yield "memory:"
    elif request.param == "sqlite":
        yield str(tmp_path / "project.db")
    else:
        made = request.getfixturevalue("server").new_database()
        yield made
        request.getfixturevalue("server").drop(made)


@pytest.fixture
def shared_url(url: str) -> str:
    if url == "memory:":
        pytest.skip("memory is of one process")
    return url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_fixed(url) as opened:
        with opened.write() as writer:
            writer.add_project(ProjectRecord(id=P, name="tickets", classes=("bug", "ask"), created_by="Ann"))
            writer.add_items(item(f"i{k}") for k in range(6))
        yield opened


def item(name: str, **data: object) -> ItemRecord:
    return ItemRecord(project_id=P, item=name, payload=data)


def label(uuid: str, of: str = "i0", says: str = "bug", by: str = "Ann", round: int = 1, **more) -> LabelRecord:
    return LabelRecord(project_id=P, uuid=uuid, item=of, annotator=by, label=says, round=round, **more)


def decision(uuid: str, of: str = "i0", **more) -> DecisionRecord:
    return DecisionRecord(project_id=P, uuid=uuid, item=of, **({"labels": ("bug",), "actor": "Lea"} | more))


def add_round(writer: Writer, number: int = 1, annotators: tuple[str, ...] = ("Ann", "Ben")) -> None:
    writer.add_round(RoundRecord(project_id=P, number=number, name="first", guideline_version=1))
    writer.add_assignments(
        AssignmentRecord(project_id=P, round=number, id=f"{who}{k}", annotator=who, position=k, item=f"i{(k * 5) % 6}")
        for who in annotators
        for k in range(3)
    )


class TestStore:
    # -- what is stored comes back

    def test_every_record_comes_back_with_all_its_fields(self, store: Store) -> None:
        project = ProjectRecord(
            id="p2",
            name="full",
            classes=("a", "b"),
            level="ordinal",
            settings={"seed": 7},
            created_utc=TIME,
            created_by="L",
        )
        person = PersonRecord(project_id="p2", name="Ann", role="lead", added_utc=TIME, added_by="L")
        thing = ItemRecord(
            project_id="p2", item="x", position=5, payload={"t": "é", "n": [1, 2.5, None]}, held_out=True
        )
        version = VersionRecord(
            project_id="p2",
            number=1,
            content_hash="h",
            content={"rules": []},
            parent=None,
            author="L",
            reason="first",
            edit="minor",
            restored_from=None,
            evidence=[{"kind": "item", "ref": "x"}],
            created_utc=TIME,
        )
        draft = DraftRecord(project_id="p2", author="L", base_version=1, content={"rules": [1]}, updated_utc=TIME)
        lap = RoundRecord(
            project_id="p2",
            number=1,
            name="n",
            purpose="check",
            guideline_version=1,
            design={"k": 2},
            manifest_hash="m",
            state="closed",
            created_utc=TIME,
            created_by="L",
        )
        task = AssignmentRecord(
            project_id="p2",
            round=1,
            id="t1",
            annotator="Ann",
            position=0,
            item="x",
            stratum="paired",
            repeat_of="t0",
            probability=0.1 + 0.2,
        )
        said = LabelRecord(
            project_id="p2",
            seq=1,
            uuid="u",
            item="x",
            annotator="Ann",
            label="a",
            round=1,
            assignment="t1",
            guideline_version=1,
            seconds=2.5,
            created_utc=TIME,
        )
        ruled = DecisionRecord(
            project_id="p2",
            seq=1,
            uuid="d",
            item="x",
            labels=("a", "b"),
            cause="slip",
            rule_id="R1",
            confidence=0.9,
            note="n",
            actor="L",
            guideline_version=1,
            created_utc=TIME,
        )
        event = EventRecord(project_id="p2", seq=1, uuid="e", kind="k", actor="L", at_utc=TIME, detail={"a": [True]})
        with store.write() as writer:
            assert writer.add_project(project) == project
            writer.put_person(person)
            assert writer.add_items([thing]) == 1
            assert writer.add_version(version) == version
            writer.put_draft(draft)
            assert writer.add_round(lap) == lap
            assert writer.add_assignments([task]) == 1
            assert writer.add_labels([said]) == 1
            assert writer.add_decision(ruled)
            assert writer.add_event(event) == event
        with store.read() as reader:
            assert reader.project("full") == reader.project("p2") == project
            assert reader.people("p2") == [person] == [reader.person("p2", "Ann")]
            assert reader.items("p2") == [thing] == [reader.item("p2", "x")]
            assert reader.versions("p2") == [version] == [reader.version("p2", 1)] == [reader.latest_version("p2")]
            assert reader.drafts("p2") == [draft] == [reader.draft("p2", "L")]
            assert reader.rounds("p2") == [lap] == [reader.round("p2", 1)]
            assert reader.assignments("p2", 1) == [task] == [reader.assignment("p2", 1, "t1")]
            assert reader.labels("p2") == [said] == [reader.label("p2", "u")]
            assert reader.decisions("p2") == [ruled] == [reader.decision("p2", "d")]
            assert reader.events("p2") == [event] == reader.last_events("p2")

    def test_hostile_text_is_stored_as_it_is(self, store: Store) -> None:
        with store.write() as writer:
            writer.add_items(item(text, text=text) for text in HOSTILE)
            writer.add_labels(label(f"u{text}", of=text, says=text, by=text) for text in HOSTILE)
            writer.add_decision(decision("d", note="".join(HOSTILE), labels=tuple(HOSTILE)))
        with store.read() as reader:
            assert [i.item for i in reader.items(P, HOSTILE)] == HOSTILE
            assert [i.payload["text"] for i in reader.items(P, HOSTILE)] == HOSTILE
            assert [(each.label, each.annotator, each.item) for each in reader.labels(P)] == [
                (t, t, t) for t in HOSTILE
            ]
            assert reader.decisions(P)[0].labels == tuple(HOSTILE)
            assert reader.decisions(P)[0].note == "".join(HOSTILE)
            assert reader.labels_frame(P)["label"].tolist() == HOSTILE

    @pytest.mark.parametrize(
        ("text", "why"),
        [("a\0b", "NUL character"), ("a\ud800", "lone surrogate"), ("", "is empty"), ("x" * 1001, "longer than 1,000")],
    )
    def test_names_no_database_can_hold_are_refused_everywhere_alike(self, store: Store, text: str, why: str) -> None:
        with pytest.raises(StoreError, match=why), store.write() as writer:
            writer.add_labels([label("u1"), label("u2", by=text)])
        with store.read() as reader:
            assert reader.labels(P) == []

    @pytest.mark.parametrize(
        "wrong",
        [
            {"seconds": float("nan")},
            {"guideline_version": 2**31},
            {"guideline_version": "1"},
            {"says": 3},
            {"says": None},
        ],
    )
    def test_values_of_another_type_are_refused_everywhere_alike(self, store: Store, wrong: dict) -> None:
        with pytest.raises(StoreError), store.write() as writer:
            writer.add_labels([label("u1", **wrong)])

    def test_data_of_items_keeps_numbers_lists_and_characters(self, store: Store) -> None:
        payload = {"n": 0.1 + 0.2, "big": 2**53 + 1, "list": [1, [None, True]], "nul": "a\0b", "": "empty key"}
        with store.write() as writer:
            writer.add_items([item("odd", **payload)])
        with store.read() as reader:
            assert reader.item(P, "odd").payload == payload

    def test_data_json_cannot_hold_is_refused(self, store: Store) -> None:
        with pytest.raises(StoreError, match="cannot be written as JSON"), store.write() as writer:
            writer.add_items([item("odd", what={1, 2})])

    # -- projects and people

    def test_an_unknown_project_lists_those_that_there_are(self, store: Store) -> None:
        with store.read() as reader, pytest.raises(StoreError, match=r"no project 'tikets'.*did you mean 'tickets'"):
            reader.project("tikets")

    def test_a_project_name_is_taken_once(self, store: Store) -> None:
        with pytest.raises(ConflictError, match="'tickets' already"), store.write() as writer:
            writer.add_project(ProjectRecord(name="tickets"))

    def test_names_come_in_the_same_order_everywhere(self, store: Store) -> None:
        names = ["b", "B", "a", "Z", "é", "_", "ab"]
        with store.write() as writer:
            for name in names:
                writer.put_person(PersonRecord(project_id=P, name=name, role="annotator"))
        with store.read() as reader:
            assert [p.name for p in reader.people(P)] == sorted(names)

    def test_a_new_role_replaces_the_old_one(self, store: Store) -> None:
        with store.write() as writer:
            for role in ("annotator", "lead"):
                writer.put_person(PersonRecord(project_id=P, name="Ann", role=role, added_by="L"))
        with store.read() as reader:
            assert [(p.name, p.role) for p in reader.people(P)] == [("Ann", "lead")]
            assert reader.person(P, "Ben") is None

    def test_settings_of_an_unknown_project_are_refused(self, store: Store) -> None:
        with pytest.raises(StoreError, match="no such project"), store.write() as writer:
            writer.set_settings("p9", {})

    # -- items

    def test_items_come_in_pages(self, store: Store) -> None:
        with store.read() as reader:
            first = reader.items(P, limit=4)
            rest = reader.items(P, after=first[-1].position, limit=4)
            assert [i.item for i in first + rest] == reader.item_ids(P) == [f"i{k}" for k in range(6)]
            assert [i.item for i in reader.items(P, ["i4", "nope", "i1", "i1"])] == ["i1", "i4"]
            assert reader.count_items(P) == 6

    def test_items_stored_again_are_passed_over_unless_they_differ(self, store: Store) -> None:
        with store.write() as writer:
            assert writer.add_items([item("i1"), item("new"), item("new")]) == 1
        with store.read() as reader:
            assert reader.item(P, "new").position == 6
        with pytest.raises(StoreError, match="'i1' is stored with other data"), store.write() as writer:
            writer.add_items([item("newer"), item("i1", text="other")])
        with store.read() as reader:
            assert reader.count_items(P) == 7

    def test_held_out_items_are_told_apart(self, store: Store) -> None:
        with store.write() as writer:
            writer.hold_out(P, ["i2", "i5"])
        with store.read() as reader:
            assert reader.item_ids(P, held_out=True) == ["i2", "i5"]
            assert reader.count_items(P, held_out=False) == 4
            assert [i.item for i in reader.items(P, held_out=True)] == ["i2", "i5"]
        with pytest.raises(StoreError, match="no item 'nope'"), store.write() as writer:
            writer.hold_out(P, ["i1", "nope"])

    # -- labels

    def test_a_label_sent_twice_is_stored_once(self, store: Store) -> None:
        with store.write() as writer:
            assert writer.add_labels([label("u1"), label("u1"), label("u2", of="i1")]) == 2
        with store.write() as writer:
            assert writer.add_labels([label("u1", seconds=9.0), label("u3", of="i2")]) == 1
        with store.read() as reader:
            assert [(each.seq, each.uuid) for each in reader.labels(P)] == [(1, "u1"), (2, "u2"), (3, "u3")]
            assert reader.label(P, "u1").seconds is None

    def test_a_uuid_with_another_label_is_refused_and_nothing_of_the_write_is_stored(self, store: Store) -> None:
        with store.write() as writer:
            writer.add_labels([label("u1")])
        with pytest.raises(StoreError, match="'u1' is stored with other content"), store.write() as writer:
            write_both(writer, label("u2", of="i1"), label("u1", says="ask"))
        with store.read() as reader:
            assert [each.uuid for each in reader.labels(P)] == ["u1"]

    @pytest.mark.parametrize("others", [0, 300], ids=["few", "many"])
    def test_a_correction_supersedes_and_both_are_kept(self, store: Store, others: int) -> None:
        more = [label(f"o{k}", of="i1", by=f"other {k}") for k in range(others)]
        with store.write() as writer:
            writer.add_labels([label("u1"), label("ben", by="Ben"), label("later", round=2)])
            writer.add_labels([*more, label("u2", says="ask")])
            writer.add_labels([label("u3", says="bug"), label("u4", says="ask")])
        with store.read() as reader:
            mine = reader.labels(P, annotator="Ann")
            assert [each.uuid for each in mine] == ["later", "u4"]
            every = reader.labels(P, annotator="Ann", round=1, superseded=True)
            assert [(each.uuid, each.supersedes) for each in every] == [
                ("u1", None),
                ("u2", "u1"),
                ("u3", "u2"),
                ("u4", "u3"),
            ]
            assert reader.count_labels(P) == {1: 2 + others, 2: 1}
            assert len(reader.labels_frame(P, round=1)) == 2 + others
            assert len(reader.labels_frame(P, round=1, superseded=True)) == 5 + others
            assert [each.uuid for each in reader.labels_of_item(P, "i0")] == ["ben", "later", "u4"]

    def test_a_correction_of_what_is_no_longer_current_is_a_conflict(self, store: Store) -> None:
        with store.write() as writer:
            writer.add_labels([label("u1")])
            writer.add_labels([label("u2", says="ask", supersedes="u1")])
        with pytest.raises(ConflictError, match="changed the label of item 'i0' meanwhile"), store.write() as writer:
            writer.add_labels([label("u3", says="bug", supersedes="u1")])

    def test_repeats_of_an_item_are_labels_of_their_own(self, store: Store) -> None:
        with store.write() as writer:
            add_round(writer)
            writer.add_labels([label("u1", assignment="Ann0"), label("u2", assignment="Ann1"), label("u3")])
        with store.read() as reader:
            assert len(reader.labels(P, item="i0")) == 3

    def test_labels_of_unknown_items_are_refused_by_name(self, store: Store) -> None:
        with pytest.raises(StoreError, match="no item 'x', 'y'"), store.write() as writer:
            writer.add_labels([label("u1"), label("u2", of="x"), label("u3", of="y")])

    def test_labels_of_unknown_assignments_are_refused(self, store: Store) -> None:
        with pytest.raises(StoreError, match="does not hold"), store.write() as writer:
            writer.add_labels([label("u1", assignment="nope")])

    def test_frame_has_its_columns_and_types_even_when_empty(self, store: Store) -> None:
        with store.write() as writer:
            empty = writer.labels_frame(P)
            writer.add_labels([label("u1", seconds=1.5), label("u2", of="i1", guideline_version=3)])
            full = writer.labels_frame(P)
        assert list(empty.columns) == list(full.columns)
        assert empty.dtypes.tolist() == full.dtypes.tolist()
        assert full["seconds"].tolist()[0] == 1.5
        assert full["guideline_version"].isna().tolist() == [True, False]

    # -- guidelines

    def test_the_second_of_two_next_versions_is_a_conflict(self, store: Store) -> None:
        one = VersionRecord(project_id=P, number=1, content_hash="h", content={}, author="L")
        with store.write() as writer:
            writer.add_version(one)
        with pytest.raises(ConflictError, match="cannot follow version 1"), store.write() as writer:
            writer.add_version(one)
        with store.write() as writer:
            writer.add_version(replace(one, number=2, parent=1))
        with store.read() as reader:
            assert [v.number for v in reader.versions(P)] == [1, 2]
            assert reader.latest_version(P).number == 2
            assert reader.version(P, 3) is None

    def test_each_author_has_one_draft(self, store: Store) -> None:
        with store.write() as writer:
            for author, content in (("L", 1), ("M", 2), ("L", 3)):
                writer.put_draft(DraftRecord(project_id=P, author=author, content={"v": content}))
            assert [(d.author, d.content["v"]) for d in writer.drafts(P)] == [("L", 3), ("M", 2)]
            writer.delete_draft(P, "L")
            writer.delete_draft(P, "nobody")
            assert writer.draft(P, "L") is None

    # -- rounds

    def test_assignments_are_worked_off_in_order(self, store: Store) -> None:
        with store.write() as writer:
            add_round(writer)
            seen = []
            while (task := writer.next_assignment(P, 1, "Ann")) is not None:
                seen.append(task.id)
                writer.add_labels([label(f"u{task.id}", of=task.item, assignment=task.id)])
                assert writer.workload(P, 1) == {"Ann": (len(seen), 3), "Ben": (0, 3)}
            assert seen == ["Ann0", "Ann1", "Ann2"] == [a.id for a in writer.assignments(P, 1, "Ann")]
            assert writer.next_assignment(P, 1, "Ben").id == "Ben0"
            assert writer.next_assignment(P, 1, "nobody") is None

    def test_a_round_is_added_once_and_changes_its_state(self, store: Store) -> None:
        with store.write() as writer:
            add_round(writer)
            writer.set_round_state(P, 1, "closed")
            assert writer.round(P, 1).state == "closed"
        with pytest.raises(ConflictError, match="round 1 already"), store.write() as writer:
            add_round(writer)
        with pytest.raises(StoreError, match="no such round 7"), store.write() as writer:
            writer.set_round_state(P, 7, "closed")

    def test_the_same_assignment_twice_is_refused(self, store: Store) -> None:
        with store.write() as writer:
            add_round(writer)
        task = AssignmentRecord(project_id=P, round=1, id="Ann0", annotator="Ann", position=9, item="i0")
        with pytest.raises(StoreError, match="stored already"), store.write() as writer:
            writer.add_assignments([task])

    # -- decisions and events

    def test_a_decision_sent_twice_is_stored_once(self, store: Store) -> None:
        with store.write() as writer:
            assert writer.add_decision(decision("d1"))
            assert not writer.add_decision(decision("d1", guideline_version=2))
            assert writer.add_decision(decision("d2", kind="undo", labels=(), supersedes="d1"))
            assert writer.add_decision(decision("d3", of="i1"))
            with pytest.raises(StoreError, match="'d1' is stored with other content"):
                writer.add_decision(decision("d1", note="other"))
        with store.read() as reader:
            assert [d.uuid for d in reader.decisions_of_item(P, "i0")] == ["d1", "d2"]
            assert [d.uuid for d in reader.decisions(P, after=1, limit=1)] == ["d2"]
            assert reader.count_decisions(P) == 3

    def test_decisions_on_unknown_things_are_refused(self, store: Store) -> None:
        with pytest.raises(StoreError, match="no item 'x'"), store.write() as writer:
            writer.add_decision(decision("d1", of="x"))
        with pytest.raises(StoreError, match="supersedes 'nope', which is not stored"), store.write() as writer:
            writer.add_decision(decision("d1", supersedes="nope"))

    def test_events_are_numbered_without_gaps_and_stored_once(self, store: Store) -> None:
        event = EventRecord(project_id=P, uuid="e1", kind="k", actor="L", detail={"b": 1, "a": 2})
        with store.write() as writer:
            first = writer.add_event(event)
            assert writer.add_event(event) == first
            for k in range(4):
                writer.add_event(EventRecord(project_id=P, kind="more", actor="L", detail={"k": k}))
        with pytest.raises(ZeroDivisionError), store.write() as writer:
            write_and_fail(writer)
        with store.write() as writer:
            assert writer.add_event(EventRecord(project_id=P, kind="last", actor="L")).seq == 6
        with store.read() as reader:
            assert [e.seq for e in reader.events(P, after=2, limit=2)] == [3, 4]
            assert [e.seq for e in reader.last_events(P, 2)] == [6, 5]

    # -- transactions

    def test_an_exception_undoes_the_whole_write(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.write() as writer:
            write_and_fail(writer)
        with store.read() as reader:
            assert (reader.labels(P), reader.events(P)) == ([], [])

    def test_a_failed_statement_leaves_the_store_usable(self, store: Store) -> None:
        with pytest.raises(StoreError), store.write() as writer:
            writer.add_labels([label("u1", assignment="nope")])
        with store.write() as writer:
            assert writer.add_labels([label("u1")]) == 1

    def test_a_write_inside_a_write_is_part_of_it_and_is_undone_alone(self, store: Store) -> None:
        with store.write() as outer:
            outer.add_labels([label("u1")])
            with store.write() as inner:
                inner.add_labels([label("u2", of="i1")])
            with pytest.raises(StoreError, match="does not hold"), store.write() as inner:
                write_both(inner, label("u3", of="i2"), label("u4", of="i2", assignment="nope"))
            with store.read() as reader:
                assert [each.uuid for each in reader.labels(P)] == ["u1", "u2"]
        with store.read() as reader, store.read() as same:
            assert [each.uuid for each in same.labels(P)] == ["u1", "u2"]
            assert same is reader

    def test_a_write_inside_a_read_is_refused(self, store: Store) -> None:
        with store.read(), pytest.raises(StoreError, match="cannot begin inside a read"), store.write():
            pass
        with store.write() as writer:
            writer.add_labels([label("u1")])

    def test_a_reader_is_of_no_use_after_its_block(self, store: Store) -> None:
        with store.read() as reader:
            pass
        with pytest.raises(StoreError, match="used after its block"):
            reader.projects()

    def test_a_reader_sees_one_state_while_others_write(self, store: Store, shared_url: str) -> None:
        with store.read() as reader:
            before = reader.labels(P)
            with open_store(shared_url) as other, other.write() as writer:
                writer.add_labels([label("u1")])
            assert (before, reader.labels(P), reader.count_labels(P)) == ([], [], {})
        with store.read() as reader:
            assert reader.count_labels(P) == {1: 1}

    def test_threads_lose_nothing(self, store: Store) -> None:
        failures: list[BaseException] = []

        def run(name: str) -> None:
            try:
                for k in range(15):
                    with store.write() as writer:
                        decide_once(writer, f"{name}-{k}")
                    with store.read() as reader:
                        reader.project(PROJECT)
            except BaseException as error:
                failures.append(error)

        with store.write() as writer:
            project = writer.add_project(ProjectRecord(name=PROJECT, settings={"count": 0})).id
            writer.add_items(ItemRecord(project_id=project, item=f"i{k}") for k in range(50))
        threads = [threading.Thread(target=run, args=(f"t{k}",)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert check_campaign(store, []) == 60

    # -- files

    @pytest.mark.parametrize("format", ["jsonl", "parquet"])
    def test_an_export_comes_back_as_it_was(self, store: Store, tmp_path: Path, format: str) -> None:
        fill(store)
        store.export(tmp_path / "out", format=format)
        with import_store(tmp_path / "out", tmp_path / "copy.db") as copy:
            copy.export(tmp_path / "again", format=format)
        assert contents(tmp_path / "again") == contents(tmp_path / "out")

    def test_an_export_goes_back_to_the_same_kind_of_database(self, shared_url: str, tmp_path: Path) -> None:
        with open_fixed("memory:") as source:
            with source.write() as writer:
                writer.add_project(ProjectRecord(id=P, name="tickets"))
                writer.add_items(item(f"i{k}") for k in range(6))
            fill(source)
            source.export(tmp_path / "out")
        with import_store(tmp_path / "out", shared_url) as copy:
            copy.export(tmp_path / "again")
        assert contents(tmp_path / "again") == contents(tmp_path / "out")
        with pytest.raises(StoreError, match="holds project 'tickets' already"):
            import_store(tmp_path / "out", shared_url)

    def test_the_same_clock_and_ids_give_the_same_files(self, store: Store, tmp_path: Path) -> None:
        fill(store)
        store.export(tmp_path / "a")
        with open_fixed("memory:") as other:
            with other.write() as writer:
                writer.add_project(ProjectRecord(id=P, name="tickets", classes=("bug", "ask"), created_by="Ann"))
                writer.add_items(item(f"i{k}") for k in range(6))
            fill(other)
            other.export(tmp_path / "b")
        assert contents(tmp_path / "a") == contents(tmp_path / "b")

    def test_an_export_never_overwrites(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("keep me")
        with pytest.raises(StoreError, match="exists and is not empty"):
            store.export(tmp_path)
        with pytest.raises(ParameterError, match="format='xml'"):
            store.export(tmp_path / "x", format="xml")
        assert [f.name for f in tmp_path.iterdir() if f.suffix == ".txt"] == ["mine.txt"]

    def test_a_backup_holds_everything(self, store: Store, tmp_path: Path) -> None:
        fill(store)
        if store.kind == "postgresql":
            with pytest.raises(StoreError, match="not copied as a file"):
                store.backup(tmp_path / "copy.db")
            return
        store.backup(tmp_path / "copy.db")
        with open_store(tmp_path / "copy.db", create=False) as copy:
            copy.export(tmp_path / "a")
        store.export(tmp_path / "b")
        assert contents(tmp_path / "a") == contents(tmp_path / "b")

    # -- opening

    def test_what_was_stored_is_there_when_opened_again(self, shared_url: str) -> None:
        with open_store(shared_url) as first, first.write() as writer:
            writer.add_project(ProjectRecord(id=P, name="tickets"))
        with open_store(shared_url, create=False) as again, again.read() as reader:
            assert [p.name for p in reader.projects()] == ["tickets"]

    def test_migrations_make_the_tables_that_queries_expect(self, store: Store) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        with store._engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"version_table": VERSION_TABLE, "compare_type": differs, "compare_server_default": True},
            )
            assert compare_metadata(context, METADATA) == []
            names = set(inspect(connection).get_table_names())
        assert names == {t.name for t in TABLES} | {VERSION_TABLE}

    def test_a_newer_database_is_refused(self, shared_url: str) -> None:
        with open_store(shared_url) as store, store._engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
        with pytest.raises(StoreError, match=r"made by a newer labelqa \(revision 9999"):
            open_store(shared_url)

    def test_an_empty_database_is_refused_where_none_is_to_be_made(self, url: str) -> None:
        with pytest.raises(StoreError, match=r"no such file|holds no project"):
            open_store(url, create=False)


class TestProcesses:
    def test_four_processes_lose_nothing_and_none_fails(self, shared_url: str, tmp_path: Path) -> None:
        prepare_campaign(shared_url)
        names = [f"w{k}" for k in range(4)]
        with workers(shared_url, names, 40, tmp_path) as processes:
            assert [p.wait(timeout=120) for p in processes] == [0] * 4, errors(tmp_path, names)
        acks = acknowledged(tmp_path, names)
        with open_store(shared_url) as store:
            assert check_campaign(store, acks) == len(acks) == 160

    def test_killed_writers_lose_nothing_acknowledged(self, shared_url: str, tmp_path: Path) -> None:
        prepare_campaign(shared_url)
        names = [f"w{k}" for k in range(3)]
        with workers(shared_url, names, 100_000, tmp_path) as processes:
            wait_for(lambda: len(acknowledged(tmp_path, names)) > 30)
            for process in processes:
                process.kill()
        acks = acknowledged(tmp_path, names)
        with open_store(shared_url) as store:
            n = check_campaign(store, acks)
            assert retry_all(store, acks) == 0
            assert check_campaign(store, acks) == n
            if store.kind == "sqlite":
                with store._engine.connect() as connection:
                    assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"

    def test_processes_that_open_a_new_database_at_once_all_succeed(self, shared_url: str, tmp_path: Path) -> None:
        barrier = threading.Barrier(4)
        failures: list[BaseException] = []

        def run() -> None:
            barrier.wait()
            try:
                open_store(shared_url).close()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []


def differs(context, inspected_column, column, inspected_type, column_type) -> bool | None:
    """Leave the comparison to Alembic, except for JSON: it is text, whose collation Alembic does not see."""
    return not isinstance(inspected_type, Text) if isinstance(column_type, JsonText) else None


def write_both(writer: Writer, first: LabelRecord, second: LabelRecord) -> None:
    writer.add_labels([first])
    writer.add_labels([second])


def write_and_fail(writer: Writer) -> None:
    writer.add_labels([label("u1")])
    writer.add_event(EventRecord(project_id=P, kind="lost", actor="L"))
    raise ZeroDivisionError


def fill(store: Store) -> None:
    with store.write() as writer:
        writer.put_person(PersonRecord(project_id=P, name="Ann", role="lead"))
        writer.add_items([item("odd", text="\u202e é", n=[1.5, None])])
        writer.add_version(VersionRecord(project_id=P, number=1, content_hash="h", content={"rules": []}, author="L"))
        writer.put_draft(DraftRecord(project_id=P, author="L", base_version=1, content=[1]))
        add_round(writer)
        writer.add_labels([label("u1", assignment="Ann0", seconds=0.1), label("u2", says="ask", assignment="Ann0")])
        writer.add_decision(decision("d1", confidence=0.25))
        writer.add_event(EventRecord(project_id=P, kind="k", actor="L", detail={"x": "y"}))


def contents(folder: Path) -> dict[str, bytes]:
    files = {f.name: f.read_bytes() for f in folder.iterdir()}
    assert json.loads(files["manifest.json"])["tables"]["labels"]["rows"] == 2
    return files


def errors(folder: Path, names: list[str]) -> str:
    return "\n".join((folder / f"{name}.errors").read_text(encoding="utf-8")[-1500:] for name in names)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
