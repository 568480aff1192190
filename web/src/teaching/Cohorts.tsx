import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty, Tag } from "../parts/shown";
import { words } from "../words";
import { CohortFields } from "./CohortFields";
import { type CohortDraft, cohortOf, NO_COHORT, period } from "./cohort";

/** The cohorts of an educator's institution, and a new one. */
export default function Cohorts() {
  const { organisation_id } = useKnownMe();
  return (
    <>
      <h1>{words.cohorts.title}</h1>
      <p>
        <Link href="/verify">{words.verifying.title}</Link>
      </p>
      {organisation_id ? (
        <div className="columns">
          <Ours organisationId={organisation_id} />
          <Make organisationId={organisation_id} />
        </div>
      ) : (
        <Empty to="/organisation" action={words.cohorts.institution}>
          {words.cohorts.noInstitution}
        </Empty>
      )}
    </>
  );
}

function Ours({ organisationId }: { organisationId: string }) {
  const params = { params: { path: { organisation_id: organisationId } } };
  const cohorts = $api.useInfiniteQuery("get", "/organisations/{organisation_id}/cohorts", params, byCursor);
  return (
    <Card title={words.cohorts.ours}>
      <Listed of={cohorts} empty={<Empty>{words.cohorts.none}</Empty>}>
        {(items) => (
          <ul className="list">
            {items.map((cohort) => (
              <li key={cohort.cohort_id} className="brief-row">
                <Link href={`/cohorts/${cohort.cohort_id}`}>{cohort.name}</Link>
                <span className="tags">
                  <Tag>{words.cohorts.students(cohort.students)}</Tag>
                  {cohort.rules && <Tag tone="info">{words.cohorts.withCredit}</Tag>}
                </span>
                <span className="hint">{period(cohort.terms)}</span>
              </li>
            ))}
          </ul>
        )}
      </Listed>
    </Card>
  );
}

function Make({ organisationId }: { organisationId: string }) {
  const [draft, change, forget] = useDraft<CohortDraft>("cohort", NO_COHORT);
  const make = useCommand<Schemas["CohortRequest"]>(
    (body, header) =>
      api.POST("/organisations/{organisation_id}/cohorts", {
        params: { path: { organisation_id: organisationId }, header },
        body,
      }),
    forget,
    "cohort",
  );
  return (
    <Card title={words.cohorts.make}>
      <CommandForm command={make} body={() => cohortOf(draft)} send={words.cohorts.make}>
        <CohortFields draft={draft} set={(part) => change((old) => ({ ...old, ...part }))} />
      </CommandForm>
    </Card>
  );
}
