import { useState } from "react";
import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { Compare } from "../choosing/Compare";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Typed } from "../parts/Field";
import { day } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Save } from "../parts/Save";
import { allRows } from "../parts/saving";
import { Card, Empty, Read, Tag } from "../parts/shown";
import { words } from "../words";

const STAGES = ["met", "shortlisted", "invited", "interviewing", "hired", "closed"] as const;
const STAGE_OPTIONS = STAGES.map((value) => ({ value, label: words.talent.stages[value] }));

const HIRES = Object.entries(words.talent.hires).map(([value, label]) => ({ value, label }));

/** People whom an organisation has met in its briefs, and may hire. */
export default function Talent() {
  const { organisation_id } = useKnownMe();
  const [stage, setStage] = useState("");
  if (!organisation_id)
    return (
      <>
        <h1>{words.talent.title}</h1>
        <Empty to="/organisation" action={words.nav.organisation}>
          {words.home.foundOrganisation}
        </Empty>
      </>
    );
  return (
    <>
      <h1>{words.talent.title}</h1>
      <p>
        <Link href="/verify">{words.verifying.title}</Link>
      </p>
      <Card
        title={words.talent.candidates}
        aside={
          <div className="actions">
            <SideBySide organisationId={organisation_id} />
            <Download organisationId={organisation_id} stage={stage} />
          </div>
        }
      >
        <Choice
          name="stage"
          label={words.talent.stage}
          value={stage}
          onChange={setStage}
          options={STAGE_OPTIONS}
          empty={words.find.any}
        />
        <Candidates organisationId={organisation_id} stage={stage} />
      </Card>
    </>
  );
}

interface AtStage {
  organisationId: string;
  stage: string;
}

const queryOf = (stage: string) => (stage ? { stage: stage as Schemas["Stage"] } : {});

function Download({ organisationId, stage }: AtStage) {
  const csv = (cursor?: string) =>
    api.GET("/organisations/{organisation_id}/candidates.csv", {
      params: { path: { organisation_id: organisationId }, query: { ...queryOf(stage), cursor } },
      parseAs: "text",
    });
  return <Save label={words.earnings.csv} name="candidates.csv" read={() => allRows(csv)} />;
}

function Candidates({ organisationId, stage }: AtStage) {
  const query = queryOf(stage);
  const candidates = $api.useInfiniteQuery(
    "get",
    "/organisations/{organisation_id}/candidates",
    { params: { path: { organisation_id: organisationId }, query } },
    byCursor,
  );
  return (
    <Listed of={candidates} empty={<Empty>{words.talent.none}</Empty>}>
      {(items) => (
        <ul className="list">
          {items.map((candidate) => (
            <Candidate key={candidate.student.account_id} organisationId={organisationId} candidate={candidate} />
          ))}
        </ul>
      )}
    </Listed>
  );
}

function SideBySide({ organisationId }: { organisationId: string }) {
  return (
    <Ask button={words.applicants.sideBySide} title={words.applicants.sideBySide} tone="quiet">
      {() => <CompareCandidates organisationId={organisationId} />}
    </Ask>
  );
}

function CompareCandidates({ organisationId }: { organisationId: string }) {
  const params = { params: { path: { organisation_id: organisationId } } };
  const candidates = $api.useInfiniteQuery("get", "/organisations/{organisation_id}/candidates", params, byCursor);
  const student =
    candidates.data?.pages.flatMap((page) => page.items.map((one) => one.student.account_id)).slice(0, 10) ?? [];
  const comparison = $api.useQuery(
    "get",
    "/organisations/{organisation_id}/comparison",
    { params: { path: { organisation_id: organisationId }, query: { student } } },
    { enabled: student.length > 0 },
  );
  if (candidates.data && !student.length) return <Empty>{words.talent.none}</Empty>;
  return <Read of={comparison}>{(found) => <Compare comparison={found} />}</Read>;
}

interface CandidateProps {
  organisationId: string;
  candidate: Schemas["CandidateView"];
}

function Candidate({ organisationId, candidate }: CandidateProps) {
  const name = candidate.student.name ?? candidate.student.account_id.slice(0, 8);
  return (
    <li className="brief-row">
      <strong>{name}</strong>
      <span className="tags">
        <Tag tone="info">{words.talent.stages[candidate.stage]}</Tag>
        {candidate.score_percent !== null && <Tag>{candidate.score_percent} %</Tag>}
        <Tag>{words.talent.briefs(candidate.results.length)}</Tag>
      </span>
      {candidate.hire && <p>{hireOf(candidate.hire)}</p>}
      <span className="hint">{words.talent.keptUntil(day(candidate.kept_until))}</span>
      {candidate.notes.map((note) => (
        <p key={note.at} className="text">
          {note.text} <span className="hint">{note.by.name}</span>
        </p>
      ))}
      <div className="actions">
        <Ask button={words.talent.move} title={words.talent.moveOf(name)}>
          {(close) => <Move organisationId={organisationId} candidate={candidate} close={close} />}
        </Ask>
        <Ask button={words.talent.offer} title={words.talent.offerTo(name)} tone="quiet">
          {(close) => <Offer organisationId={organisationId} candidate={candidate} close={close} />}
        </Ask>
        {candidate.offered.length > 0 && (
          <Ask button={words.talent.offers} title={words.talent.offersTo(name)} tone="quiet">
            {() => <Offers organisationId={organisationId} candidate={candidate} />}
          </Ask>
        )}
        <Ask button={words.talent.drop} title={words.talent.dropTitle(name)} tone="quiet">
          {() => <Drop organisationId={organisationId} candidate={candidate} />}
        </Ask>
      </div>
    </li>
  );
}

/** What came of it: `Part time, from Mar 1, 2027`. The day is a calendar day, the same on whatever clock. */
function hireOf({ kind, starts_on }: Schemas["Hire"]): string {
  return words.talent.hiredFrom(words.talent.hires[kind], starts_on ? day(starts_on, "UTC") : null);
}

type InDialog = CandidateProps & { close: () => void };

function Move({ organisationId, candidate, close }: InDialog) {
  const { account_id } = candidate.student;
  const { kind, starts_on } = candidate.hire ?? { kind: "internship" };
  const initial = { stage: candidate.stage as string, note: "", hire: kind as string, starts: starts_on ?? "" };
  const draft = `candidate.${account_id}`;
  const [said, change, forget] = useDraft(draft, initial);
  const move = useCommand<Schemas["CandidateRequest"]>(
    (body, header) =>
      api.PUT("/organisations/{organisation_id}/candidates/{student_id}", {
        params: { path: { organisation_id: organisationId, student_id: account_id }, header },
        body,
      }),
    () => {
      forget();
      close();
    },
    draft,
  );
  const body = () => ({
    stage: said.stage as Schemas["Stage"],
    note: said.note.trim() || null,
    hire:
      said.stage === "hired" ? { kind: said.hire as Schemas["Hire"]["kind"], starts_on: said.starts || null } : null,
  });
  return (
    <CommandForm command={move} body={body} send={words.common.save}>
      <Choice
        name="/stage"
        label={words.talent.stage}
        value={said.stage}
        onChange={(stage) => change((old) => ({ ...old, stage }))}
        options={STAGE_OPTIONS}
      />
      {said.stage === "hired" && (
        <div className="side-by-side">
          <Choice
            name="/hire/kind"
            label={words.talent.hire}
            value={said.hire}
            onChange={(hire) => change((old) => ({ ...old, hire }))}
            options={HIRES}
          />
          <Typed
            name="/hire/starts_on"
            type="date"
            label={words.talent.hireStarts}
            value={said.starts}
            onChange={(starts) => change((old) => ({ ...old, starts }))}
          />
        </div>
      )}
      <Typed
        name="/note"
        label={words.talent.note}
        rows={3}
        value={said.note}
        onChange={(note) => change((old) => ({ ...old, note }))}
      />
    </CommandForm>
  );
}

function Offer({ organisationId, candidate, close }: InDialog) {
  const { account_id } = candidate.student;
  const mine = $api.useInfiniteQuery("get", "/me/briefs", {}, byCursor);
  const open = mine.data?.pages.flatMap((page) => page.items).filter((brief) => brief.state === "open") ?? [];
  const [said, change, forget] = useDraft(`offer.${account_id}`, { brief: "", message: "" });
  const offer = useCommand<Schemas["OfferRequest"]>(
    (body, header) =>
      api.POST("/organisations/{organisation_id}/candidates/{student_id}/offers", {
        params: { path: { organisation_id: organisationId, student_id: account_id }, header },
        body,
      }),
    () => {
      forget();
      close();
    },
  );
  if (mine.data && !open.length) return <Empty>{words.talent.noOpenBrief}</Empty>;
  return (
    <CommandForm
      command={offer}
      body={() => ({ brief_id: said.brief, message: said.message })}
      send={words.talent.offer}
      disabled={!said.brief}
    >
      <Choice
        name="/brief_id"
        label={words.talent.brief}
        value={said.brief}
        empty={words.feedback.choose}
        onChange={(brief) => change((old) => ({ ...old, brief }))}
        options={open.map((brief) => ({ value: brief.brief_id, label: brief.title }))}
      />
      <Typed
        name="/message"
        label={words.talk.yourMessage}
        rows={3}
        value={said.message}
        onChange={(message) => change((old) => ({ ...old, message }))}
        required
      />
    </CommandForm>
  );
}

function Offers({ organisationId, candidate }: CandidateProps) {
  const path = { organisation_id: organisationId, student_id: candidate.student.account_id };
  const offers = $api.useQuery("get", "/organisations/{organisation_id}/candidates/{student_id}/offers", {
    params: { path },
  });
  return (
    <Read of={offers}>
      {({ items }) => (
        <ul className="rows">
          {items.map((offer) => (
            <Made key={offer.brief_id} path={{ ...path, brief_id: offer.brief_id }} offer={offer} />
          ))}
        </ul>
      )}
    </Read>
  );
}

interface MadeProps {
  path: { organisation_id: string; student_id: string; brief_id: string };
  offer: Schemas["OfferView"];
}

function Made({ path, offer }: MadeProps) {
  const takeBack = useCommand<undefined>((_, header) =>
    api.POST("/organisations/{organisation_id}/candidates/{student_id}/offers/{brief_id}/withdrawal", {
      params: { path, header },
    }),
  );
  return (
    <li>
      <Link href={`/briefs/${offer.brief_id}`}>{offer.title}</Link>{" "}
      <Tag tone={offer.status === "open" ? "info" : "plain"}>{words.offers.statuses[offer.status]}</Tag>{" "}
      <span className="hint">{day(offer.offered_at)}</span>
      <p className="text">{offer.message}</p>
      {offer.status === "open" && (
        <CommandForm command={takeBack} body={() => undefined} send={words.talent.takeBack} tone="quiet" />
      )}
    </li>
  );
}

function Drop({ organisationId, candidate }: CandidateProps) {
  const path = { organisation_id: organisationId, student_id: candidate.student.account_id };
  const drop = useCommand<undefined>((_, header) =>
    api.POST("/organisations/{organisation_id}/candidates/{student_id}/removal", { params: { path, header } }),
  );
  return (
    <CommandForm command={drop} body={() => undefined} send={words.talent.drop} tone="danger">
      <p>{words.talent.dropMore}</p>
    </CommandForm>
  );
}
