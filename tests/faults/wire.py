"""Calls between the functions and the local AWS fail, and briefs must still be paid, once.

A brief without faults shows where the functions call AWS, and how often; from that and the table of kinds follow the
faults. Then briefs are led from posting to payout, several at once, each with faults of its own, by people who try
again under the same idempotency key when the API does not answer. The sweeper runs all the while.
"""

import itertools
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self

import httpx

from infra.config import SHORT_WINDOWS
from infra.local.caller import Caller, Refused, announcement, posting, send
from infra.local.inspection import schedule_names
from microintern.adapters.briefs import CONTROL
from microintern.domain.base import derived_id, fingerprint
from microintern.domain.documents import ScanStatus, StoredFile
from microintern.domain.policy import Policy
from tests.e2e.people import ONE_DELIVERABLE, SCORES, TEXT, People
from tests.faults.deployed import Deployed
from tests.faults.endings import wait_until_ended, wrong_endings
from tests.faults.proxy import Proxy, Rule
from tests.faults.wire_kinds import KINDS, LONGEST_S, SERVICES, Fault, Site, faults_at

WIRED = (
    "brief_stream",
    "briefs_api",
    "browse_api",
    "file_received",
    "files_api",
    "notify",
    "payments_webhook",
    "sandbox_delivery",
    "settlement",
    "sweep",
)
"""The functions that take part in a brief's way to payout, and the sweeper."""

READ_SECRETS = ("payments_webhook", "sandbox_delivery")
"""They keep what they have read for minutes, so that they must be started anew to read it again."""

WHEN_LATE = ("StartExecution", "DeleteMessage", "SendMessage", "ChangeMessageVisibility")
"""The sweeper calls these only when something else was late or had failed; no fault can be planned there. Each crash of
its calls for executions that stopped is in the crash sweep."""

ABREAST = 3
"""How many briefs go their way at once. Each more has every function started once more, which takes long here."""
FAULTS_EACH = 5
SHARED_FAULTS = 6
"""Of the calls which name no brief: at most so many among the briefs that are under way together."""
MOST_SECONDS_EACH = 1
"""Of the faults that take seconds, so many for each brief."""
MOST_SECONDS_SHARED = 2
SWEEP_EVERY_S = 2.0
MOST_REPEATS = 3
LIMIT_S = 90.0

STEPS = [
    "brief.posted",
    "brief.funding_requested",
    "brief.opened",
    "brief.awarded",
    "brief.submitted",
    "brief.approved",
    "brief.paid",
]
NOTICES = ["brief.approved", "brief.awarded", "brief.paid", "credential.issued", "feedback.awaited"]

Say = Callable[[str], None]


class Persistent(Caller):
    """Somebody who tries again, under the same key, when the API fails or does not answer."""

    def _send(self, method: str, path: str, headers: dict[str, str] | None = None, **request: Any) -> Any:
        until_s = time.monotonic() + LIMIT_S
        while True:
            try:
                return super()._send(method, path, headers, **request)
            except Refused as refused:
                if refused.status < 500 or time.monotonic() > until_s:
                    raise
            except httpx.TransportError:
                if time.monotonic() > until_s:
                    raise
            time.sleep(0.3)


@dataclass
class Journey:
    """One brief from posting to payout, with the faults on its way."""

    employer: Caller
    student: Caller
    employer_id: str
    student_id: str
    silent: bool = False
    """Whether the provider collects without telling, so that the sweeper has to find out."""
    faults: list[Fault] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def brief_id(self) -> str:
        """It follows from the key that the brief is posted under."""
        return derived_id("brief", fingerprint(self.employer_id, self.key))

    @property
    def pin(self) -> str:
        """What tells calls for this brief from others: JMESPath on a request's body."""
        return f"contains(to_string(@), '{self.brief_id}') || contains(to_string(@), '{self.student_id}')"

    def run(self, deployed: Deployed) -> None:
        """Lead the brief to its approval; what follows needs nobody."""
        try:
            self._run(deployed)
        except Exception as error:  # the other briefs go on
            self.wrong.append(f"{type(error).__name__}: {error}")

    def _run(self, deployed: Deployed) -> None:
        at = f"/briefs/{self.brief_id}"
        self.employer.post("/briefs", posting(deliverables=ONE_DELIVERABLE), self.key)
        method = "sandbox-silent" if self.silent else "sandbox-card"
        self.employer.post(f"{at}/funding", {"payment_method": method})
        deployed.wait_for(self.brief_id, CONTROL, "state", "open", limit_s=LIMIT_S)
        statement = {"statement": "I would like to.", "links": []}
        application = self.student.post(f"{at}/applications", statement)
        self.employer.post(f"{at}/award", {"application_id": application["application_id"]})
        announced = self.student.post(f"{at}/files", announcement(TEXT, "deliverable"))
        send(announced, TEXT)
        file_id = announced["file"]["file_id"]
        deployed.wait_for(self.brief_id, StoredFile.key_of(file_id), "scan", ScanStatus.CLEAN.value, limit_s=LIMIT_S)
        self.student.post(f"{at}/submissions", {"files": [{"deliverable": "answer", "file_id": file_id}]})
        self.employer.get(at)
        body = {"submission_number": 1, "scores": SCORES, "feedback": "Good work."}
        self.employer.post(f"{at}/approval", body)


class Wire:
    """A deployed stack with the proxy between its functions and its AWS. Use it in a `with` block."""

    def __init__(self, people: People) -> None:
        self.people, self.deployed = people, Deployed(people.stack)
        self.proxy = Proxy(people.stack.endpoint)
        self.numbers = itertools.count(1)
        self._lambda = people.stack.client("lambda")

    def __enter__(self) -> Self:
        """Send the functions' calls through the proxy."""
        self.proxy.__enter__()
        for function in WIRED:
            self.restart(function)
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the functions as they were."""
        try:
            for function in WIRED:
                self._configure(function, self.deployed.variables[function])
        finally:
            self.proxy.stop()

    def restart(self, function: str) -> None:
        """Have a function start anew, behind the proxy."""
        changes = {
            "AWS_ENDPOINT_URL": self.proxy.endpoint,
            "AWS_SDK_UA_APP_ID": function,  # by this, the proxy tells whose call it is
            "STARTED": str(next(self.numbers)),
        }
        variables = self.deployed.variables[function]
        if "POLICY" in variables:
            # The usual windows: faults that take seconds must not meet deadlines that do. The caps stay out of the way.
            caps = {name for name in Policy.model_fields if name.startswith("most_")}
            usual = Policy(overdue_after_s=2, **SHORT_WINDOWS.model_dump(include=caps))
            changes["POLICY"] = usual.model_dump_json()
        if function == "files_api":
            changes["AWS_ENDPOINT_URL_S3"] = self.people.stack.endpoint  # it makes addresses from it, and no calls
        self._configure(function, variables | changes)

    def _configure(self, function: str, variables: dict[str, str]) -> None:
        name = self.deployed.names[function]
        self._lambda.update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    @contextmanager
    def swept(self) -> Iterator[None]:
        """Have the sweeper run all the while."""
        done = threading.Event()

        def sweep() -> None:
            while not done.wait(SWEEP_EVERY_S):
                self.deployed.call("sweep", {})

        with ThreadPoolExecutor(1) as pool:
            sweeping = pool.submit(sweep)
            try:
                yield
            finally:
                done.set()
                sweeping.result()


@dataclass
class Batch:
    """Briefs that go their way together: each with its own faults, and some that can hit any of them."""

    journeys: list[list[Fault]]
    shared: list[Fault]

    @property
    def faults(self) -> list[Fault]:
        """All of its faults."""
        return [*itertools.chain.from_iterable(self.journeys), *self.shared]


class Crew:
    """An employer and as many students as there are briefs at once; they try again."""

    def __init__(self, people: People) -> None:
        self.employer = _persistent(people.employer)
        self.students = [_persistent(people.payable_student()) for _ in range(ABREAST)]
        self.employer_id = self.employer.get("/me")["account_id"]
        self.student_ids = [student.get("/me")["account_id"] for student in self.students]

    def journeys(self, batch: Batch) -> list[Journey]:
        """The batch's journeys; the sweeper has everything to do only when the provider is silent."""
        silent = any(fault.site.function == "sweep" for fault in batch.shared)
        people = zip(self.students, self.student_ids, batch.journeys, strict=False)
        made = [
            Journey(self.employer, student, self.employer_id, student_id, faults=faults)
            for student, student_id, faults in people
        ]
        made[-1].silent = silent
        return made


def _persistent(somebody: Caller) -> Caller:
    return Persistent(somebody.api_url, somebody.token, somebody.name)


def run(batch: Batch, crew: Crew, wire: Wire) -> tuple[list[Journey], list[Fault]]:
    """Lead a batch's briefs to their ends, with its faults; what came of them, and which faults did not come about."""
    for fault in batch.shared:
        if fault.site.service == "secretsmanager":
            wire.restart(fault.site.function)
    journeys = crew.journeys(batch)
    planned = [(fault, journey.pin) for journey in journeys for fault in journey.faults]
    planned += [(fault, "") for fault in batch.shared]
    rules = [fault.rules(next(wire.numbers), pin) for fault, pin in planned]
    wire.proxy.forget_fired()
    ids = wire.proxy.add([rule for each in rules for rule in each])
    last = list(itertools.accumulate(map(len, rules)))
    expected = {ids[end - 1]: fault for (fault, _), end in zip(planned, last, strict=True)}
    with wire.swept():
        _lead(journeys, wire)
        missing = _missing(expected, wire)
        wire.proxy.drop([{"ttl_s": rule["ttl_s"]} for each in rules for rule in each[:1]])
        _look(journeys, wire)
    return journeys, missing


def _lead(journeys: Sequence[Journey], wire: Wire) -> None:
    with ThreadPoolExecutor(len(journeys)) as pool:
        list(pool.map(lambda journey: journey.run(wire.deployed), journeys))
    ids = [journey.brief_id for journey in journeys if not journey.wrong]
    wait_until_ended(wire.people, wire.deployed, ids, time.monotonic() + LIMIT_S)


def _missing(expected: dict[int, Fault], wire: Wire) -> list[Fault]:
    """The faults that did not come about as often as planned; some come only with what follows, or the next sweep."""
    until_s = time.monotonic() + 15
    while True:
        fired = Counter(event["rule_id"] for event in wire.proxy.fired())
        missing = [fault for rule_id, fault in expected.items() if fired[rule_id] < fault.kind.times]
        if not missing or time.monotonic() > until_s:
            return missing
        time.sleep(0.3)


def _look(journeys: Sequence[Journey], wire: Wire) -> None:
    """Note what is wrong with how the journeys ended: everything must be as if nothing had failed."""
    endings = wrong_endings(wire.people, wire.deployed, [journey.brief_id for journey in journeys])
    scheduled = {name.rpartition("-")[0] for name in schedule_names(wire.people.stack)}
    for journey in journeys:
        journey.wrong += endings.get(journey.brief_id, [])
        if journey.brief_id in scheduled:
            journey.wrong.append("a deadline was left behind")
        if not journey.wrong:
            journey.wrong += _untold(journey, wire)


def _untold(journey: Journey, wire: Wire) -> list[str]:
    """What the timeline or the student's notices lack; they follow in their own time."""
    until_s = time.monotonic() + 20
    while True:
        steps = [step["type"] for step in wire.people.operator.pages(f"/briefs/{journey.brief_id}/timeline")]
        pages = journey.student.pages("/me/notices", limit=100)
        notices = sorted(notice["type"] for notice in pages if notice["brief_id"] == journey.brief_id)
        if (steps, notices) == (STEPS, NOTICES):
            return []
        if time.monotonic() > until_s:
            return [f"the timeline is {steps}, the student has the notices {notices}"]
        time.sleep(0.5)


def warm_up(crew: Crew, wire: Wire) -> None:
    """Have every function started as often as it will be called at once, by degrees and before anything fails."""
    for abreast in (1, ABREAST):
        _lead(crew.journeys(Batch([[]] * abreast, [])), wire)


def census(crew: Crew, wire: Wire) -> dict[Site, int]:
    """Where the functions call AWS on a brief's way to payout, and how often at least."""
    counts = [_calls_of(crew, wire, silent) for silent in (False, True)]
    sites = {site: min(count[site] for count in counts) for site in counts[0] if site in counts[1]}
    # How often the sweeper runs is chance; that it runs, and finds the brief whose provider is silent, is not.
    sweeping = (site for site in counts[1] if site.function == "sweep" and site.operation not in WHEN_LATE)
    swept = {replace(site, own=False): 1 for site in sweeping}
    read = {Site(function, "secretsmanager", "GetSecretValue", own=False): 1 for function in READ_SECRETS}
    others = {site: _certain(site, calls) for site, calls in sites.items() if site.function != "sweep"}
    return {site: calls for site, calls in (others | swept | read).items() if site.service in SERVICES}


def _certain(site: Site, calls: int) -> int:
    """So many at least: of several briefs at once more records come in a batch, and its journal is written once."""
    return max(1, calls // 2) if site.function == "brief_stream" else calls


def _calls_of(crew: Crew, wire: Wire, silent: bool) -> Counter[Site]:
    journey = Journey(crew.employer, crew.students[0], crew.employer_id, crew.student_ids[0], silent)
    number = LONGEST_S + next(wire.numbers)
    of = [{"headers": {"User-Agent": f"app/{function}"}, "ttl_s": number, "latency": 0} for function in WIRED]
    rules: list[Rule] = [*({**rule, "body": journey.pin} for rule in of), *of]
    wire.proxy.forget_fired()
    ids = wire.proxy.add(rules)
    with wire.swept():
        _lead([journey], wire)
        led_s = time.time()
        _look([journey], wire)
    events = wire.proxy.fired()
    wire.proxy.drop([{"ttl_s": number}])
    if journey.wrong:
        raise AssertionError(f"without any fault: {journey.wrong}")
    places = {rule_id: (WIRED[i % len(WIRED)], i < len(WIRED)) for i, rule_id in enumerate(ids)}
    sites: Counter[Site] = Counter()
    for event in (event for event in events if event["rule_id"] in places):
        function, own = places[event["rule_id"]]
        table = event["resource"] if event["service"] == "dynamodb" else None
        if function != "browse_api" or event["ts"] < led_s:  # what is read from then on belongs to the test
            sites[Site(function, event["service"], event["operation"], table or "", own)] += 1
    return sites


def chosen(sites: dict[Site, int], dice: random.Random, *, full: bool) -> list[Fault]:
    """All faults, or one at each site: of every kind about as many, of what takes seconds a few."""
    every = {site: list(faults_at(site, calls)) for site, calls in sorted(sites.items())}
    if full:
        return [fault for faults in every.values() for fault in faults]
    used: Counter[str] = Counter()
    picked = []
    for site in dice.sample(sorted(every), len(every)):
        fits = [fault for fault in every[site] if not fault.kind.lasts or used["lasts"] < MOST_LASTING]
        rarest = min(used[fault.kind.name] for fault in fits)
        fault = dice.choice([fault for fault in fits if used[fault.kind.name] == rarest])
        used.update({fault.kind.name: 1, "lasts": int(fault.kind.lasts)})
        picked.append(fault)
    return picked


MOST_LASTING = 8
"""Of the faults that take seconds, so many when not all are tried."""


def batches(faults: Iterable[Fault], dice: random.Random) -> list[Batch]:
    """Put faults together that do not get in each other's way."""
    shuffled = list(faults)
    dice.shuffle(shuffled)
    journeys = _packed([fault for fault in shuffled if fault.site.own], FAULTS_EACH, MOST_SECONDS_EACH)
    shared = _packed([fault for fault in shuffled if not fault.site.own], SHARED_FAULTS, MOST_SECONDS_SHARED)
    number = max(-(-len(journeys) // ABREAST), len(shared))
    return [Batch(journeys[i::number] or [[]], shared[i] if i < len(shared) else []) for i in range(number)]


def _packed(faults: Iterable[Fault], most: int, most_lasting: int) -> list[list[Fault]]:
    packs: list[list[Fault]] = []
    for fault in faults:
        for pack in packs:
            lasting = sum(each.kind.lasts for each in [*pack, fault])
            if len(pack) < most and lasting <= most_lasting and all(each.site != fault.site for each in pack):
                pack.append(fault)
                break
        else:
            packs.append([fault])
    return packs


def sweep_wire(people: People, seed: int, full: bool, say: Say) -> tuple[int, int]:
    """Try all faults, or one of each site; how many there were, and how many went wrong."""
    dice = random.Random(seed)
    crew = Crew(people)
    with Wire(people) as wire:
        warm_up(crew, wire)
        faults = chosen(census(crew, wire), dice, full=full)
        missed, wrong = _tried(faults, crew, wire, dice, say)
        for _ in range(MOST_REPEATS):
            # How often a call is made depends a little on who comes first.
            missed, more = _tried(missed, crew, wire, dice, say)
            wrong |= more
    wrong |= {str(fault): ["it did not come about"] for fault in missed}
    for name, found in wrong.items():
        say(f"  WRONG: seed {seed}, {name}: {found}")
    people.warm_up()
    say(f"faults at the wire: {len(faults)} of {len(KINDS)} kinds, {len(wrong)} wrong, seed {seed}")
    return len(faults), len(wrong)


def _tried(
    faults: Sequence[Fault], crew: Crew, wire: Wire, dice: random.Random, say: Say
) -> tuple[list[Fault], dict[str, list[str]]]:
    """Try the faults; those that did not come about, and what went wrong with others."""
    missed: list[Fault] = []
    wrong: dict[str, list[str]] = {}
    planned = batches(faults, dice)
    for number, batch in enumerate(planned, 1):
        start_s = time.monotonic()
        journeys, missing = run(batch, crew, wire)
        missed += missing
        for journey in journeys:
            if journey.wrong:
                names = list(map(str, [*journey.faults, *batch.shared])) or ["no fault"]
                wrong |= dict.fromkeys(names, journey.wrong)
        say(f"  batch {number} of {len(planned)}: {len(batch.faults)} faults, {time.monotonic() - start_s:.0f} s")
    return missed, wrong
