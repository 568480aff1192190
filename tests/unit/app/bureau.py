"""Who gives out and takes away what is kept of a person, and briefs of which much is."""

from typing import Any

from microintern.app import amending, checking_in, erasing, exporting, forgetting
from microintern.app.accounts import save_profile
from microintern.app.archive import Archive
from microintern.app.requests import AmendmentRequest, CheckInRequest, ErasureRequest, ProfileRequest
from microintern.app.views.export import Export
from microintern.domain.brief import Command
from microintern.domain.check_ins import Going, asked_at
from microintern.domain.documents import StoredFile
from microintern.domain.standing import Standing
from microintern.domain.states import State
from tests.twins.files import MemoryPreviews
from tests.twins.services import MemoryGroups, MemoryUsers
from tests.twins.webhooks import MemoryDeliveries
from tests.unit.app.world import World, a_world_in, rival
from tests.unit.builders import EMPLOYER, OPERATOR, POLICY, RIVAL, STUDENT, employer, operator, student

EVERYBODY = {account_id: ["some role"] for account_id in (STUDENT, RIVAL, EMPLOYER, OPERATOR, "colleague-00001")}
ADDRESS, NOTE, REFUSED, AGREED = "7 Elm Street, Albany", "Zqnote", "Zqrefused", "Zqagreed"


class Bureau:
    """Who gives out and takes away what is kept."""

    def __init__(self, world: World) -> None:
        self.world, self.users, self.groups = world, MemoryUsers(*EVERYBODY), MemoryGroups(dict(EVERYBODY))
        self.previews, self.deliveries = MemoryPreviews(), MemoryDeliveries()
        self.archive = Archive(
            briefs=world.briefs,
            accounts=world.accounts,
            standings=world.standings,
            organisations=world.organisations,
            records=world.records,
            credentials=world.credentials,
            endpoints=world.accounts.endpoints,
            cohorts=world.accounts.cohorts,
            talent=world.accounts.talent,
            searches=world.searches,
            students=world.students,
            threads=world.threads,
            mailings=world.accounts.mailings,
            portfolios=world.portfolios,
        )

    def export(self, by: Command, limit: int = 20, cursor: str | None = None) -> Export:
        ports: dict[str, Any] = {"ledger": self.world.ledger, "clock": self.world.clock, "policy": POLICY}
        return exporting.export(by, limit, cursor, archive=self.archive, **ports)

    def erase(self, by: Command, account_id: str | None = None) -> Standing:
        request = ErasureRequest(account_id=account_id or by.actor_id)
        return erasing.ask_own_erasure(by, request, archive=self.archive, clock=self.world.clock)

    def erase_for(self, account_id: str, by: Command | None = None) -> Standing:
        ports: dict[str, Any] = {"groups": self.groups, "clock": self.world.clock}
        return erasing.ask_erasure(by or operator(), account_id, archive=self.archive, **ports)

    def finish(self) -> int:
        ports: dict[str, Any] = {"files": self.world.files, "previews": self.previews, "deliveries": self.deliveries}
        return forgetting.finish_erasures(self.archive, users=self.users, **ports)

    def files_of(self, account_id: str) -> list[StoredFile]:
        kept = self.world.briefs._documents.values()
        return [file for file in kept if isinstance(file, StoredFile) and file.uploaded_by == account_id]

    @property
    def everything(self) -> str:
        stores = (self.world.briefs, self.world.accounts, self.world.standings, self.world.organisations)
        return repr([vars(store) for store in (*stores, self.world.records, self.world.files)])


def a_finished_brief() -> World:
    """Paid, after a dispute had been opened about the first submission of somebody who is named."""
    world = a_world_in(State.OPEN)
    save_profile(
        student(), ProfileRequest(name="Amara Okafor", about="Statistics."), accounts=world.accounts, clock=world.clock
    )
    world.apply(rival())
    for step in (world.be_payable, world.apply, world.award, world.upload_all, world.submit):
        step()
    world.dispute()
    world.answer_dispute()
    world.resolve()
    world.deadline_lapses()
    world.money_moves()
    world.stream_delivers()
    world.events_arrive()
    world.give_feedback(student())
    world.feedback_is_followed()
    world.events_are_counted()
    return world


def said_much() -> World:
    """Amara asked and was answered, and wrote to the employer once she was awarded; the brief is over."""
    world = a_world_in(State.OPEN)
    world.ask("Amara asks: is it one file?")
    world.ask("The rival asks, too.", rival())
    world.ask("It is one file.", employer(), answers=1)
    world.go_on(World.be_payable, World.apply, World.award)
    world.clock.forward(minutes=5)
    world.write("Amara will be late.")
    world.write("That is fine.", employer())
    world.go_on(World.upload_all, World.submit, World.approve, World.money_moves)
    return world


def spoken_of(world: World) -> None:
    """Both sides have given feedback, and it was counted."""
    world.give_feedback(employer())
    world.feedback_is_followed()
    world.events_are_counted()


def said_around_an_agreement() -> World:
    """The student said something wherever it can be said, and has handed in."""
    world = a_world_in(State.AWARDED)
    request = ProfileRequest(name="Amara Okafor", mailing_address=ADDRESS)
    save_profile(student(), request, accounts=world.accounts, clock=world.clock)
    ports: dict[str, Any] = {"briefs": world.briefs, "clock": world.clock}
    for number, (words, ends) in enumerate(((REFUSED, amending.refuse), (AGREED, None)), start=1):
        proposal = AmendmentRequest(reason=words, scope=words)
        amending.propose(student(), world.brief_id, proposal, policy=POLICY, **ports)
        if ends:
            ends(employer(), world.brief_id, number, **ports)
        else:
            amending.accept(employer(), world.brief_id, number, policy=POLICY, **ports)
    world.clock.at = asked_at(world.brief)[0]
    checking_in.answer(student(), world.brief_id, CheckInRequest(going=Going.BLOCKED, note=NOTE), **ports)
    world.upload_all()
    world.submit()
    return world


def propose(world: World, by: Command, words: str) -> None:
    request = AmendmentRequest(reason=words, scope=words)
    amending.propose(by, world.brief_id, request, briefs=world.briefs, clock=world.clock, policy=POLICY)
