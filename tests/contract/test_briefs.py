"""The Briefs port: conditions, what a refusal carries, order and paging."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from microintern.adapters.briefs import shard_of
from microintern.domain.brief import Brief, Command, Decision, Dispute
from microintern.domain.documents import (
    Application,
    Content,
    FileStatus,
    StoredFile,
    Submission,
)
from microintern.domain.payments import PayoutStatus
from microintern.domain.payout_matrix import Outcome, Split
from microintern.domain.posting import FieldOfWork
from microintern.domain.problems import NotFound
from microintern.domain.states import Role, State
from microintern.domain.trail import Event
from microintern.ports.briefs import SHARDS, Briefs, BrowseFilter
from microintern.ports.conditions import Needs, PayeeNotReady, Stale, StaleDocument
from microintern.ports.paging import Page, Position
from tests.contract import examples
from tests.contract.conftest import Stores
from tests.contract.examples import EMPLOYER, NOW, STUDENT


def walk(page_after: Callable[[Position | None], Page]) -> list[Page]:
    """All pages of a list."""
    pages = [page_after(None)]
    while (position := pages[-1].next) and len(pages) < 50:
        pages.append(page_after(position))
    return pages


def posted(briefs: Briefs, *all_of_them: Brief) -> None:
    """Put briefs there."""
    for brief in all_of_them:
        assert briefs.create(brief, examples.content()) is None


class TestCreate:
    def test_what_is_created_is_read_back_whole(self, briefs: Briefs) -> None:
        brief, content = examples.brief(), examples.content()
        assert briefs.create(brief, content) is None
        snapshot = briefs.read(brief.brief_id, Content.key_of)
        assert snapshot is not None
        assert snapshot.brief == brief
        assert snapshot.posting == content.posting

    def test_a_taken_id_gives_the_brief_that_is_there_and_writes_nothing(self, briefs: Briefs) -> None:
        first = examples.brief()
        posted(briefs, first)
        assert briefs.create(examples.brief(hours=20), examples.content("Another")) == first
        snapshot = briefs.read(first.brief_id, Content.key_of)
        assert snapshot is not None
        assert snapshot.brief == first
        assert snapshot.posting.title == examples.content().posting.title

    def test_every_field_survives(self, briefs: Briefs) -> None:
        command = Command(actor_id=EMPLOYER, role=Role.EMPLOYER, key="key", body="body")
        decision = Decision(outcome=Outcome.STUDENT_WON, split=Split(student_minor=1, employer_minor=0, fee_minor=2))
        brief = examples.brief(
            student_id=STUDENT,
            application_id="application-0001",
            collecting=True,
            payment_method="sandbox-card",
            outcome=Outcome.SPLIT,
            split=Split(student_minor=1, employer_minor=2, fee_minor=0),
            dispute=Dispute(opened_by=Role.STUDENT, heard=[Role.STUDENT], decision=decision, reopened=True),
            funding_attempts=2,
            settled_at=NOW,
        ).remembering(command)
        posted(briefs, brief)
        snapshot = briefs.read(brief.brief_id)
        assert snapshot is not None
        assert snapshot.brief == brief


class TestRead:
    def test_nothing_is_none(self, briefs: Briefs) -> None:
        assert briefs.read("brief-000404") is None
        assert briefs.read("brief-000404", Content.key_of) is None

    def test_only_documents_that_exist_are_in_the_snapshot(self, briefs: Briefs) -> None:
        brief = examples.brief()
        posted(briefs, brief)
        application = examples.application(brief)
        briefs.add(brief.brief_id, application)
        snapshot = briefs.read(brief.brief_id, application.key, "file#file-000404", application.key)
        assert snapshot is not None
        assert snapshot.documents == {application.key: application}

    def test_a_document_without_its_brief_is_none(self, briefs: Briefs) -> None:
        brief = examples.brief()
        briefs.add(brief.brief_id, examples.submission())
        assert briefs.read(brief.brief_id, examples.submission().key) is None


class TestSave:
    def test_the_next_version_replaces_the_one_before(self, briefs: Briefs) -> None:
        before = examples.open_brief(payment_method="sandbox-card")
        posted(briefs, before)
        after = examples.moved(before, state=State.EXPIRED, due_at=None, lapse_at=None, payment_method=None)
        briefs.save(before, after)
        snapshot = briefs.read(before.brief_id)
        assert snapshot is not None
        assert snapshot.brief == after

    def test_a_stale_save_raises_with_the_current_brief_and_writes_nothing(self, briefs: Briefs) -> None:
        first = examples.brief()
        posted(briefs, first)
        second = examples.moved(first, collecting=True)
        briefs.save(first, second)
        with pytest.raises(Stale) as stale:
            briefs.save(first, examples.moved(first, state=State.CANCELLED))
        assert stale.value.current == second
        with pytest.raises(Stale) as stale:
            briefs.save(first, examples.moved(first, state=State.CANCELLED), examples.submission())
        assert stale.value.current == second
        snapshot = briefs.read(first.brief_id, examples.submission().key)
        assert snapshot is not None
        assert snapshot.brief == second
        assert snapshot.documents == {}

    def test_a_brief_that_is_not_there_cannot_be_saved(self, briefs: Briefs) -> None:
        brief = examples.brief()
        for documents in ([], [examples.submission()]):
            with pytest.raises(NotFound):
                briefs.save(brief, examples.moved(brief), *documents)
        assert briefs.read(brief.brief_id) is None

    def test_documents_are_written_with_the_brief(self, briefs: Briefs) -> None:
        before = examples.brief()
        posted(briefs, before)
        submission = examples.submission()
        briefs.save(before, examples.moved(before, submissions=1), submission)
        snapshot = briefs.read(before.brief_id, submission.key)
        assert snapshot is not None
        assert snapshot.brief.submissions == 1
        assert snapshot.documents == {submission.key: submission}

    def test_a_document_in_the_way_stops_everything(self, briefs: Briefs) -> None:
        before = examples.brief()
        posted(briefs, before)
        briefs.add(before.brief_id, examples.submission())
        with pytest.raises(StaleDocument):
            briefs.save(before, examples.moved(before), examples.submission(), examples.submission(2))
        snapshot = briefs.read(before.brief_id, examples.submission(2).key)
        assert snapshot is not None
        assert snapshot.brief == before
        assert snapshot.documents == {}

    def test_an_application_replaces_its_version_before_only(self, briefs: Briefs) -> None:
        before = examples.brief()
        posted(briefs, before)
        application = examples.application(before)
        briefs.add(before.brief_id, application)
        second = application.model_copy(update={"version": 2})
        third = application.model_copy(update={"version": 3})
        with pytest.raises(StaleDocument):
            briefs.save(before, examples.moved(before), third)
        with pytest.raises(StaleDocument):
            briefs.save(before, examples.moved(before), application)
        briefs.save(before, examples.moved(before), second)
        snapshot = briefs.read(before.brief_id, application.key)
        assert snapshot is not None
        assert snapshot.documents == {application.key: second}

    def test_a_payee_must_have_a_payout_account(self, stores: Stores) -> None:
        before = examples.open_brief()
        posted(stores.briefs, before)
        after = examples.moved(before, state=State.AWARDED)
        with pytest.raises(PayeeNotReady):
            stores.briefs.save(before, after, needs=Needs(payee=STUDENT))
        snapshot = stores.briefs.read(before.brief_id)
        assert snapshot is not None
        assert snapshot.brief == before
        pending = examples.payout_account(status=PayoutStatus.PENDING)
        stores.accounts.save_payout_account(pending)
        with pytest.raises(PayeeNotReady):
            stores.briefs.save(before, after, needs=Needs(payee=STUDENT))
        stores.accounts.save_payout_account(examples.payout_account(version=2))
        stores.briefs.save(before, after, examples.submission(), needs=Needs(payee=STUDENT))
        with pytest.raises(StaleDocument):
            stores.briefs.save(after, examples.moved(after), examples.submission(), needs=Needs(payee=STUDENT))

    def test_stale_comes_before_every_other_reason(self, briefs: Briefs) -> None:
        before = examples.open_brief()
        posted(briefs, before)
        after = examples.moved(before)
        briefs.save(before, after, examples.submission())
        with pytest.raises(Stale):
            briefs.save(before, after, examples.submission(), needs=Needs(payee=STUDENT))
        with pytest.raises(PayeeNotReady):
            briefs.save(after, examples.moved(after), examples.submission(), needs=Needs(payee=STUDENT))


class TestDocuments:
    def test_add_leaves_what_is_there_and_gives_it_back(self, briefs: Briefs) -> None:
        brief = examples.brief()
        first = examples.application(brief)
        other = examples.application(brief, statement="Another statement.")
        assert briefs.add(brief.brief_id, first) is None
        assert briefs.add(brief.brief_id, other) == first
        assert briefs.add(brief.brief_id, first) == first

    def test_replace_needs_the_version_before(self, briefs: Briefs) -> None:
        brief = examples.brief()
        posted(briefs, brief)
        first = examples.application(brief)
        second = first.model_copy(update={"version": 2, "withdrawn_at": NOW})
        with pytest.raises(StaleDocument):
            briefs.replace(second)
        briefs.add(brief.brief_id, first)
        briefs.replace(second)
        with pytest.raises(StaleDocument):
            briefs.replace(second.model_copy(update={"withdrawn_at": None}))
        snapshot = briefs.read(brief.brief_id, first.key)
        assert snapshot is not None
        assert snapshot.find(Application, first.key) == second

    def test_a_file_replaces_its_version_before_only(self, briefs: Briefs) -> None:
        brief = examples.brief()
        posted(briefs, brief)
        file = examples.file(brief)
        received = {"status": FileStatus.RECEIVED, "version_id": "v1", "received_at": NOW}
        second = file.model_copy(update={**received, "version": 2})
        with pytest.raises(StaleDocument):
            briefs.replace(second)
        briefs.add(brief.brief_id, file)
        briefs.replace(second)
        with pytest.raises(StaleDocument):
            briefs.replace(second.model_copy(update={"version_id": "v2"}))
        snapshot = briefs.read(brief.brief_id, file.key)
        assert snapshot is not None
        assert snapshot.find(StoredFile, file.key) == second

    def test_files_that_are_awaited_are_listed_from_their_time_on_and_only_while_they_are(self, briefs: Briefs) -> None:
        brief = examples.brief()
        posted(briefs, brief)
        waiting = [examples.file(brief, n, settle_by=NOW + timedelta(minutes=n)) for n in (2, 1, 3)]
        for file in [*waiting, examples.file(brief, 4)]:
            briefs.add(brief.brief_id, file)
        shard = int(shard_of(brief.brief_id))
        pages = walk(lambda after: briefs.list_awaited_files(shard, NOW + timedelta(minutes=3), 1, after))
        assert [file for page in pages for file in page.items] == [waiting[1], waiting[0]]
        briefs.replace(waiting[1].model_copy(update={"settle_by": None, "version": 2}))
        assert briefs.list_awaited_files(shard, NOW + timedelta(hours=1), 10).items == [waiting[0], waiting[2]]
        assert briefs.list_awaited_files((shard + 1) % SHARDS, NOW + timedelta(hours=1), 10).items == []
        assert briefs.list_unsettled(shard, brief.posted_at, 10).items == [], "briefs are not mixed up with files"

    def test_documents_of_one_kind_page_in_the_order_of_their_keys(self, briefs: Briefs) -> None:
        brief, other = examples.brief(1), examples.brief(2)
        numbers = [3, 1, 12, 2, 5]
        for number in numbers:
            briefs.add(brief.brief_id, examples.submission(number))
        briefs.add(brief.brief_id, examples.application(brief))
        briefs.add(other.brief_id, examples.submission(4))
        pages = walk(lambda after: briefs.list_documents(brief.brief_id, Submission, 2, after))
        assert [[item.number for item in page.items] for page in pages] == [[1, 2], [3, 5], [12]]
        assert briefs.list_documents(brief.brief_id, Submission, 5).next is None


class TestBrowse:
    def test_the_next_to_close_comes_first_page_by_page(self, briefs: Briefs) -> None:
        days = [5, 1, 4, 2, 3]
        posted(briefs, *(examples.open_brief(n, due_at=NOW + timedelta(days=n)) for n in days))
        pages = walk(lambda after: briefs.list_in_state(State.OPEN, 2, after))
        order = [[snapshot.brief.due_at for snapshot in page.items] for page in pages]
        assert order == [[NOW + timedelta(days=n) for n in part] for part in ([1, 2], [3, 4], [5])]
        assert all(snapshot.posting.title for page in pages for snapshot in page.items)

    def test_briefs_that_close_together_are_each_shown_once(self, briefs: Briefs) -> None:
        posted(briefs, *(examples.open_brief(n) for n in range(1, 8)))
        pages = walk(lambda after: briefs.list_in_state(State.OPEN, 3, after))
        shown = [snapshot.brief.brief_id for page in pages for snapshot in page.items]
        assert sorted(shown) == [f"brief-{n:06d}" for n in range(1, 8)]

    def test_only_the_state_asked_for_is_listed(self, briefs: Briefs) -> None:
        posted(
            briefs,
            examples.brief(1),
            examples.open_brief(2),
            examples.open_brief(3, state=State.DISPUTED),
            examples.open_brief(4, state=State.AWARDED),
        )
        listed = {state: briefs.list_in_state(state, 10).items for state in State}
        shown = {state: [s.brief.brief_id for s in items] for state, items in listed.items() if items}
        assert shown == {State.OPEN: ["brief-000002"], State.DISPUTED: ["brief-000003"]}

    def test_a_brief_enters_and_leaves_the_list_with_its_state(self, briefs: Briefs) -> None:
        first = examples.brief()
        posted(briefs, first)
        second = examples.moved(first, state=State.OPEN)
        third = examples.moved(second, state=State.AWARDED)
        for before, after, listed in ((first, second, 1), (second, third, 0)):
            briefs.save(before, after)
            assert len(briefs.list_in_state(State.OPEN, 10).items) == listed

    @pytest.mark.parametrize(
        ("only", "shown"),
        [
            (BrowseFilter(), [1, 2, 3]),
            (BrowseFilter(field=FieldOfWork.DESIGN), [2]),
            (BrowseFilter(skill="python"), [1, 3]),
            (BrowseFilter(skill="pyth"), []),
            (BrowseFilter(currency="JPY"), [3]),
            (BrowseFilter(pay_at_least_minor=20_000), [2, 3]),
            (BrowseFilter(hours_at_least=10, hours_at_most=20), [1, 2]),
            (BrowseFilter(hours_at_least=21), [3]),
            (BrowseFilter(closes_after=NOW + timedelta(days=2)), [2, 3]),
            (BrowseFilter(closes_before=NOW + timedelta(days=2)), [1, 2]),
            (BrowseFilter(closes_after=NOW + timedelta(days=2), closes_before=NOW + timedelta(days=2)), [2]),
            (BrowseFilter(closes_after=NOW + timedelta(days=3), closes_before=NOW + timedelta(days=1)), []),
            (BrowseFilter(skill="python", pay_at_least_minor=0, closes_after=NOW + timedelta(days=2)), [3]),
        ],
    )
    def test_filters(self, briefs: Briefs, only: BrowseFilter, shown: list[int]) -> None:
        posted(
            briefs,
            examples.open_brief(1, pay_minor=10_000, hours=10, due_at=NOW + timedelta(days=1)),
            examples.open_brief(
                2,
                field=FieldOfWork.DESIGN,
                skills=["layout"],
                pay_minor=20_000,
                hours=20,
                due_at=NOW + timedelta(days=2),
            ),
            examples.open_brief(3, currency="JPY", pay_minor=30_000, hours=40, due_at=NOW + timedelta(days=3)),
        )
        pages = walk(lambda after: briefs.list_in_state(State.OPEN, 1, after, only))
        assert [s.brief.brief_id for page in pages for s in page.items] == [f"brief-{n:06d}" for n in shown]


class TestOwnLists:
    def test_an_employer_sees_own_briefs_newest_first(self, briefs: Briefs) -> None:
        posted(briefs, *(examples.brief(n) for n in (2, 3, 1)), examples.brief(4, employer_id="employer-0002"))
        briefs.add("brief-000001", examples.application(examples.brief(1)))
        pages = walk(lambda after: briefs.list_of_employer(EMPLOYER, 2, after))
        assert [[s.brief.brief_id[-1] for s in page.items] for page in pages] == [["3", "2"], ["1"]]
        assert all(snapshot.posting for page in pages for snapshot in page.items)

    def test_a_student_sees_own_applications_newest_first(self, briefs: Briefs) -> None:
        all_briefs = [examples.open_brief(n, student_id=STUDENT) for n in (1, 2, 3)]
        posted(briefs, *all_briefs)
        for number, brief in zip((2, 3, 1), all_briefs, strict=True):
            briefs.add(brief.brief_id, examples.application(brief, number))
            briefs.add(brief.brief_id, examples.application(brief, number + 10, student_id="student-0002"))
        pages = walk(lambda after: briefs.list_of_student(STUDENT, 2, after))
        shown = [snapshot for page in pages for snapshot in page.items]
        assert [len(page.items) for page in pages] == [2, 1]
        assert [s.brief.brief_id[-1] for s in shown] == ["2", "1", "3"]
        assert [set(s.documents) for s in shown] == [
            {Content.key_of, f"application#application-{n:04d}"} for n in (3, 2, 1)
        ]

    def test_nobody_has_an_empty_list(self, briefs: Briefs) -> None:
        assert briefs.list_of_employer("employer-0404", 5) == Page(items=[])
        assert briefs.list_of_student("student-0404", 5) == Page(items=[])
        assert briefs.list_in_state(State.OPEN, 5) == Page(items=[])
        assert briefs.list_documents("brief-000404", Submission, 5) == Page(items=[])


def event_at(brief: Brief, at: datetime) -> Event:
    """The same thing, that happened at another time."""
    return brief.event.model_copy(update={"at": at})


class TestUnsettled:
    DUE = NOW + timedelta(days=3)

    def overdue(self, briefs: Briefs, before: datetime, limit: int = 50) -> list[str]:
        """Those of all parts."""
        found: list[Brief] = []
        for shard in range(SHARDS):
            pages = walk(lambda after, n=shard: briefs.list_unsettled(n, before, limit, after))  # type: ignore[misc]
            found += [brief for page in pages for brief in page.items]
        return sorted(brief.brief_id for brief in found)

    def test_a_brief_that_waits_for_a_person_is_listed_from_its_deadline_on(self, briefs: Briefs) -> None:
        posted(briefs, examples.brief())
        assert self.overdue(briefs, self.DUE) == []
        assert self.overdue(briefs, self.DUE + timedelta(milliseconds=1)) == ["brief-000001"]

    def test_the_deadline_that_counts_is_when_it_takes_effect(self, briefs: Briefs) -> None:
        grace = self.DUE + timedelta(minutes=15)
        posted(briefs, examples.brief(lapse_at=grace))
        assert self.overdue(briefs, grace) == []
        assert self.overdue(briefs, grace + timedelta(seconds=1)) == ["brief-000001"]

    def test_one_whose_money_is_being_collected_or_divided_is_listed_from_when_that_began(self, briefs: Briefs) -> None:
        first = examples.brief()
        began = NOW + timedelta(hours=1)
        posted(briefs, first)
        collecting = examples.moved(first, collecting=True, event=event_at(first, began))
        briefs.save(first, collecting)
        assert self.overdue(briefs, began) == []
        assert self.overdue(briefs, began + timedelta(seconds=1)) == ["brief-000001"]
        cancelled = {"state": State.CANCELLED, "collecting": False, "lapse_at": None}
        later = began + timedelta(hours=1)
        briefs.save(collecting, examples.moved(collecting, event=event_at(first, later), **cancelled))
        assert self.overdue(briefs, later) == []
        assert self.overdue(briefs, later + timedelta(seconds=1)) == ["brief-000001"]

    def test_a_settled_brief_is_listed_no_more(self, briefs: Briefs) -> None:
        first = examples.brief()
        posted(briefs, first)
        briefs.save(first, examples.moved(first, state=State.CANCELLED, lapse_at=None, settled_at=NOW))
        assert self.overdue(briefs, self.DUE + timedelta(days=100)) == []

    def test_what_is_listed_is_the_brief_as_it_is(self, briefs: Briefs) -> None:
        first = examples.brief()
        posted(briefs, first)
        second = examples.moved(first, hours=11)
        briefs.save(first, second)
        shards = [briefs.list_unsettled(n, self.DUE + timedelta(days=1), 5).items for n in range(SHARDS)]
        assert [brief for found in shards for brief in found] == [second]

    @pytest.mark.parametrize("limit", [1, 2, 50])
    def test_every_brief_is_in_one_part_and_the_longest_due_comes_first(self, briefs: Briefs, limit: int) -> None:
        late = [examples.brief(number, lapse_at=self.DUE - timedelta(minutes=number)) for number in range(12)]
        posted(briefs, *late)
        assert self.overdue(briefs, self.DUE + timedelta(seconds=1), limit) == [brief.brief_id for brief in late]
        for shard in range(SHARDS):
            due = [brief.lapse_at for brief in briefs.list_unsettled(shard, self.DUE + timedelta(seconds=1), 50).items]
            assert due == sorted(due)

    def test_a_nudge_changes_nothing_of_the_brief(self, briefs: Briefs) -> None:
        first = examples.brief()
        posted(briefs, first)
        for _ in range(2):
            briefs.nudge(first.brief_id)
        snapshot = briefs.read(first.brief_id)
        assert snapshot is not None
        assert snapshot.brief == first
        briefs.save(first, examples.moved(first))

    def test_the_workflows_token_changes_nothing_of_the_brief(self, briefs: Briefs) -> None:
        first = examples.brief(state=State.CANCELLED)
        posted(briefs, first)
        for token in ("token-1", "token-2"):
            briefs.await_settlement(first, token)
        snapshot = briefs.read(first.brief_id)
        assert snapshot is not None
        assert snapshot.brief == first
        briefs.save(first, examples.moved(first))
