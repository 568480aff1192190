import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { day, told } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty, Facts, Read, Tag, When } from "../parts/shown";
import { period } from "../teaching/cohort";
import { SeenBriefs } from "../teaching/Progress";
import { words } from "../words";

/** The cohorts a student is in: what each sees of them, since when, and how to end that. */
export default function MyCohorts() {
  const cohorts = $api.useInfiniteQuery("get", "/me/cohorts", {}, byCursor);
  return (
    <>
      <h1>{words.cohorts.title}</h1>
      <div className="columns">
        <div>
          <Listed
            of={cohorts}
            empty={
              <Card title={words.cohorts.mine}>
                <Empty>{words.cohorts.inNone}</Empty>
              </Card>
            }
          >
            {(items) => items.map((enrolment) => <Enrolment key={enrolment.cohort_id} enrolment={enrolment} />)}
          </Listed>
        </div>
        <Join />
      </div>
    </>
  );
}

function Join() {
  const [code, setCode, forget] = useDraft("cohort-code", "");
  const [offer, setOffer] = useState<Schemas["CohortOffer"] | null>(null);
  const look = useCommand<string>(async (typed) => {
    const { data } = await api.POST("/me/cohorts/preview", { body: { code: typed } });
    setOffer(data ?? null);
  });
  const join = useCommand<Schemas["JoinRequest"]>(
    (body, header) => api.POST("/me/cohorts", { params: { header }, body }),
    () => {
      forget();
      setOffer(null);
    },
  );
  const type = (typed: string) => {
    setOffer(null);
    setCode(typed);
  };
  return (
    <Card title={words.cohorts.join}>
      <CommandForm command={look} body={() => code.trim()} send={words.cohorts.look} tone={offer ? "quiet" : "primary"}>
        <Typed
          name="/code"
          label={words.cohorts.codeOf}
          hint={words.cohorts.codeOfMore}
          value={code}
          onChange={type}
          required
        />
      </CommandForm>
      {offer && (
        <CommandForm
          command={join}
          body={() => ({ code: code.trim(), terms_version: offer.terms.version })}
          send={words.cohorts.consent}
        >
          <h3>
            {offer.name} ({offer.institution})
          </h3>
          {offer.about && <p className="text">{offer.about}</p>}
          <Terms terms={offer.terms} />
          {offer.rules && <p>{offer.rules.said}</p>}
        </CommandForm>
      )}
    </Card>
  );
}

/** What is seen and what is not, in the API's words: it is this that is consented to. */
function Terms({ terms }: { terms: Schemas["TermsView"] }) {
  return (
    <>
      <p>{words.cohorts.sees}</p>
      <ul className="said">
        {terms.covers.map((what) => (
          <li key={what}>{what}</li>
        ))}
      </ul>
      <p>{terms.not_covered}</p>
      <p>{terms.after_withdrawal}</p>
      <Facts
        of={[
          [words.cohorts.period, period(terms)],
          [words.cohorts.seenUntil, <When key="u" at={terms.seen_until} />],
        ]}
      />
    </>
  );
}

function Enrolment({ enrolment }: { enrolment: Schemas["EnrolmentView"] }) {
  const { cohort, cohort_id, seen } = enrolment;
  return (
    <Card
      title={cohort ? `${cohort.name} (${cohort.institution})` : words.cohorts.former}
      aside={<Tag tone={seen ? "info" : "plain"}>{seen ? words.cohorts.isSeen : words.cohorts.isNotSeen}</Tag>}
    >
      <p className="hint">
        {words.cohorts.consentedOn(day(enrolment.consented_at))}
        {enrolment.withdrawn_at && ` ${words.cohorts.withdrawnOn(day(enrolment.withdrawn_at))}`}
      </p>
      {enrolment.granted.length > 0 && <p>{words.cohorts.creditIsYours}</p>}
      {enrolment.outdated && cohort && <NewTerms cohortId={cohort_id} terms={cohort.terms} />}
      {seen && <Seen cohortId={cohort_id} />}
      <details>
        <summary>{words.cohorts.consentedTo}</summary>
        <Terms terms={enrolment.consented_to} />
      </details>
      {!enrolment.withdrawn_at && (
        <div className="actions">
          <Withdraw cohortId={cohort_id} />
        </div>
      )}
    </Card>
  );
}

function NewTerms({ cohortId, terms }: { cohortId: string; terms: Schemas["TermsView"] }) {
  const consent = useCommand<Schemas["CohortConsentRequest"]>((body, header) =>
    api.PUT("/me/cohorts/{cohort_id}/consent", { params: { path: { cohort_id: cohortId }, header }, body }),
  );
  return (
    <details className="notice">
      <summary>{words.cohorts.newTerms}</summary>
      <CommandForm command={consent} body={() => ({ terms_version: terms.version })} send={words.cohorts.consent}>
        <Terms terms={terms} />
      </CommandForm>
    </details>
  );
}

function Seen({ cohortId }: { cohortId: string }) {
  const progress = $api.useQuery("get", "/me/cohorts/{cohort_id}", { params: { path: { cohort_id: cohortId } } });
  return (
    <Read of={progress}>
      {(found) => (
        <>
          <h3>{words.cohorts.seesNow}</h3>
          <Facts
            of={[
              [words.cohorts.hoursApproved, String(found.hours_approved)],
              [words.cohorts.hoursUnderWay, String(found.hours_under_way)],
              found.credit && [words.cohorts.credit, found.credit.written],
            ]}
          />
          {found.at_risk.map((risk) => (
            <p key={`${risk.risk} ${risk.brief_id}`} className="notice warn">
              {told(risk.why)}
            </p>
          ))}
          <SeenBriefs of={found.briefs} />
        </>
      )}
    </Read>
  );
}

function Withdraw({ cohortId }: { cohortId: string }) {
  const withdraw = useCommand<undefined>((_, header) =>
    api.POST("/me/cohorts/{cohort_id}/withdrawal", { params: { path: { cohort_id: cohortId }, header } }),
  );
  return (
    <Ask button={words.cohorts.withdraw} title={words.cohorts.withdraw} tone="quiet">
      {() => (
        <CommandForm command={withdraw} body={() => undefined} send={words.cohorts.withdraw} tone="danger">
          <p>{words.cohorts.withdrawMore}</p>
        </CommandForm>
      )}
    </Ask>
  );
}
