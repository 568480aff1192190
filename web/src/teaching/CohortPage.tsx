import { lazy, Suspense, useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { day } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Save } from "../parts/Save";
import { allRows } from "../parts/saving";
import { Card, Empty, Facts, Read, Tag, When } from "../parts/shown";
import { words } from "../words";
import { CohortFields } from "./CohortFields";
import { type CohortDraft, cohortOf, draftOfCohort, period } from "./cohort";
import { Employers } from "./Employers";
import { Progress } from "./Progress";

const Chart = lazy(() => import("../parts/BarChart"));
const STANDING = ["briefs_under_way", "briefs_approved", "briefs_not_submitted", "briefs_ended_otherwise"] as const;

export interface CohortPath {
  organisation_id: string;
  cohort_id: string;
}

/** One cohort: how its students are getting on, the code to join by, and the credit that was granted. */
export default function CohortPage({ params }: { params: { id: string } }) {
  const { organisation_id } = useKnownMe();
  const path = { organisation_id: organisation_id ?? "", cohort_id: params.id };
  const cohort = $api.useQuery("get", "/organisations/{organisation_id}/cohorts/{cohort_id}", { params: { path } });
  return (
    <Read of={cohort} isPage>
      {(found) => (
        <>
          <h1>{found.name}</h1>
          <p className="hint">{period(found.terms)}</p>
          <div className="columns">
            <Students path={path} cohort={found} />
            <div>
              <Totals path={path} />
              <Code path={path} cohort={found} />
              <About path={path} cohort={found} />
              {found.rules && <Employers path={path} cohort={found} />}
              <Granted path={path} />
            </div>
          </div>
        </>
      )}
    </Read>
  );
}

function Totals({ path }: { path: CohortPath }) {
  const totals = $api.useQuery("get", "/organisations/{organisation_id}/cohorts/{cohort_id}/totals", {
    params: { path },
  });
  return (
    <Card title={words.cohorts.totals}>
      <Read of={totals}>
        {(found) => (
          <>
            <Facts
              of={[
                [words.cohorts.studentsIn, String(found.students)],
                [words.cohorts.atRisk, String(found.students_at_risk)],
                [words.cohorts.hoursUnderWay, String(found.hours_under_way)],
                [words.cohorts.hoursApproved, String(found.hours_approved)],
                [words.cohorts.credit, found.credit.written],
              ]}
            />
            <Standing totals={found} />
          </>
        )}
      </Read>
    </Card>
  );
}

/** Where the briefs of all students stand, drawn and as a table. */
function Standing({ totals }: { totals: Schemas["TotalsView"] }) {
  const standing = STANDING.map((name) => [words.cohorts.briefs[name], totals[name]] as const);
  if (standing.every(([, count]) => !count)) return null;
  return (
    <>
      <h3>{words.cohorts.briefsStand}</h3>
      <Suspense fallback={<p className="loading chart">{words.common.loading}</p>}>
        <Chart
          title={words.cohorts.briefsStand}
          labels={standing.map(([name]) => name)}
          values={standing.map(([, count]) => count)}
          isCount
        />
      </Suspense>
      <ul className="ratings">
        {standing.map(([name, count]) => (
          <li key={name}>
            {name} <strong>{count}</strong>
          </li>
        ))}
      </ul>
    </>
  );
}

export type OfCohort = { path: CohortPath; cohort: Schemas["CohortView"] };

function Students({ path, cohort }: OfCohort) {
  const students = $api.useInfiniteQuery(
    "get",
    "/organisations/{organisation_id}/cohorts/{cohort_id}/students",
    { params: { path } },
    { ...byCursor, refetchInterval: 15_000 },
  );
  const csv = (cursor?: string) =>
    api.GET("/organisations/{organisation_id}/cohorts/{cohort_id}/students.csv", {
      params: { path, query: { cursor } },
      parseAs: "text",
    });
  return (
    <Card
      title={words.cohorts.studentsIn}
      aside={<Save label={words.earnings.csv} name={`${cohort.name}.csv`} read={() => allRows(csv)} />}
    >
      <Listed of={students} empty={<Empty>{words.cohorts.noStudents}</Empty>}>
        {(items) => (
          <ul className="rows">
            {items.map((progress) => (
              <Progress key={progress.student.account_id} path={path} cohort={cohort} progress={progress} />
            ))}
          </ul>
        )}
      </Listed>
    </Card>
  );
}

function Code({ path, cohort }: OfCohort) {
  const [code, setCode] = useState("");
  const issue = useCommand<undefined>(async (_, header) => {
    const { data } = await api.POST("/organisations/{organisation_id}/cohorts/{cohort_id}/code", {
      params: { path, header },
    });
    if (data) setCode(data.code);
  });
  return (
    <Card title={words.cohorts.code}>
      <p className="hint">
        {words.cohorts.codeMore}{" "}
        {cohort.code_expires_at && (
          <>
            {words.cohorts.codeUntil} <When at={cohort.code_expires_at} />
          </>
        )}
      </p>
      <CommandForm command={issue} body={() => undefined} send={words.cohorts.newCode} />
      {code && (
        <p className="notice" role="status">
          {words.organisation.codeOnce} <code>{code}</code>
        </p>
      )}
    </Card>
  );
}

function About({ path, cohort }: OfCohort) {
  return (
    <Card
      title={words.cohorts.terms}
      aside={
        <Ask button={words.cohorts.change} title={words.cohorts.change} tone="quiet">
          {(close) => <Change path={path} cohort={cohort} close={close} />}
        </Ask>
      }
    >
      {cohort.about && <p className="text">{cohort.about}</p>}
      {cohort.rules ? <p>{cohort.rules.said}</p> : <p className="hint">{words.cohorts.noCredit}</p>}
      <ul className="said">
        {cohort.terms.covers.map((what) => (
          <li key={what}>{what}</li>
        ))}
      </ul>
    </Card>
  );
}

function Change({ path, cohort, close }: OfCohort & { close: () => void }) {
  const initial = draftOfCohort(cohort);
  const [draft, change, forget] = useDraft<CohortDraft>(`cohort.${cohort.cohort_id}`, initial);
  const save = useCommand<Schemas["CohortRequest"]>(
    (body, header) =>
      api.PUT("/organisations/{organisation_id}/cohorts/{cohort_id}", { params: { path, header }, body }),
    () => {
      forget();
      close();
    },
  );
  return (
    <CommandForm command={save} body={() => cohortOf(draft, cohort.employers)} send={words.common.save}>
      <p className="hint">{words.cohorts.changeMore}</p>
      <CohortFields draft={draft} set={(part) => change((old) => ({ ...old, ...part }))} />
    </CommandForm>
  );
}

function Granted({ path }: { path: CohortPath }) {
  const credits = $api.useInfiniteQuery(
    "get",
    "/organisations/{organisation_id}/cohorts/{cohort_id}/credits",
    { params: { path } },
    byCursor,
  );
  const csv = (cursor?: string) =>
    api.GET("/organisations/{organisation_id}/cohorts/{cohort_id}/credits.csv", {
      params: { path, query: { cursor } },
      parseAs: "text",
    });
  return (
    <Card
      title={words.cohorts.granted}
      aside={<Save label={words.earnings.csv} name="credits.csv" read={() => allRows(csv)} />}
    >
      <Listed of={credits} empty={<Empty>{words.cohorts.nothingGranted}</Empty>}>
        {(items) => (
          <ul className="rows">
            {items.map((credit) => (
              <Credit key={credit.credential_id} path={path} credit={credit} />
            ))}
          </ul>
        )}
      </Listed>
    </Card>
  );
}

function Credit({ path, credit }: { path: CohortPath; credit: Schemas["CreditView"] }) {
  return (
    <li>
      <strong>{credit.student?.name ?? words.cohorts.somebody}</strong>{" "}
      {credit.credit && <Tag tone="good">{words.cohorts.credits(credit.credit.written)}</Tag>}{" "}
      <span className="hint">{day(credit.granted_at)}</span>{" "}
      {credit.state === "issued" ? (
        <Ask button={words.cohorts.revoke} title={words.cohorts.revoke} tone="quiet">
          {(close) => <Revoke path={{ ...path, credential_id: credit.credential_id }} close={close} />}
        </Ask>
      ) : (
        <Tag tone="bad">{words.cohorts.revoked}</Tag>
      )}
    </li>
  );
}

function Revoke({ path, close }: { path: CohortPath & { credential_id: string }; close: () => void }) {
  const [reason, setReason, forget] = useDraft(`revocation.${path.credential_id}`, "");
  const revoke = useCommand<Schemas["RevocationRequest"]>(
    (body, header) =>
      api.POST("/organisations/{organisation_id}/cohorts/{cohort_id}/credits/{credential_id}/revocation", {
        params: { path, header },
        body,
      }),
    () => {
      forget();
      close();
    },
  );
  return (
    <CommandForm command={revoke} body={() => ({ reason })} send={words.cohorts.revoke} tone="danger">
      <Typed
        name="/reason"
        label={words.actions.reason}
        hint={words.cohorts.revokeMore}
        rows={3}
        value={reason}
        onChange={setReason}
        required
      />
    </CommandForm>
  );
}
