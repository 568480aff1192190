import type { ReactNode } from "react";
import { api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { told } from "../parts/format";
import { StateTag, Tag, When } from "../parts/shown";
import { words } from "../words";
import type { OfCohort } from "./CohortPage";
import { ListItsEmployer } from "./Employers";

interface ProgressProps extends OfCohort {
  progress: Schemas["ProgressView"];
}

/** One student as the cohort sees them: what puts them at risk, their briefs, and the credit these give. */
export function Progress({ path, cohort, progress }: ProgressProps) {
  const { student, at_risk: atRisk, credit, granted } = progress;
  return (
    <li>
      <strong>{student.name ?? student.account_id.slice(0, 8)}</strong>{" "}
      <Tag>{words.cohorts.hours(progress.hours_approved, progress.hours_under_way)}</Tag>{" "}
      {credit && <Tag tone="info">{words.cohorts.credits(credit.written)}</Tag>}{" "}
      {granted.length > 0 && <Tag tone="good">{words.cohorts.isGranted}</Tag>}
      {atRisk.map((risk) => (
        <p key={`${risk.risk} ${risk.brief_id}`} className="notice warn">
          {told(risk.why)}
        </p>
      ))}
      <SeenBriefs
        of={progress.briefs}
        also={(brief) => <ListItsEmployer path={path} cohort={cohort} brief={brief} />}
      />
      <div className="actions">
        {credit && credit.hundredths > 0 && granted.length === 0 && (
          <Grant path={path} cohort={cohort} progress={progress} />
        )}
        <TakeOut path={path} cohort={cohort} progress={progress} />
      </div>
    </li>
  );
}

interface SeenBriefsProps {
  of: Schemas["SeenBrief"][];
  /** What can be done about one. */
  also?: (brief: Schemas["SeenBrief"]) => ReactNode;
}

/** Briefs as far as a cohort sees them. */
export function SeenBriefs({ of, also }: SeenBriefsProps) {
  if (!of.length) return <p className="hint">{words.cohorts.noBriefs}</p>;
  return (
    <ul className="seen">
      {of.map((brief) => (
        <li key={brief.brief_id}>
          {brief.title ?? words.cohorts.someBrief} <StateTag state={brief.state} />{" "}
          {brief.score_percent !== null && <Tag>{brief.score_percent} %</Tag>}{" "}
          <span className="hint">{words.brief.hoursOf(brief.hours)}</span>
          {brief.deadline && (
            <>
              {" "}
              <When at={brief.deadline.due_at} zone={brief.deadline.zone} />
            </>
          )}
          {brief.not_counted && <span className="hint"> {words.cohorts.notCounted[brief.not_counted]}</span>}
          {also?.(brief)}
        </li>
      ))}
    </ul>
  );
}

function Grant({ path, progress: { student, credit } }: ProgressProps) {
  const grant = useCommand<Schemas["CreditRequest"]>((body, header) =>
    api.POST("/organisations/{organisation_id}/cohorts/{cohort_id}/students/{student_id}/credit", {
      params: { path: { ...path, student_id: student.account_id }, header },
      body,
    }),
  );
  if (!credit) return null;
  return (
    <Ask button={words.cohorts.grant} title={words.cohorts.grantTo(student.name ?? "", credit.written)} tone="primary">
      {() => (
        <CommandForm
          command={grant}
          body={() => ({ hundredths: credit.hundredths })}
          send={words.cohorts.grantOf(credit.written)}
        >
          <p>{words.cohorts.grantMore}</p>
        </CommandForm>
      )}
    </Ask>
  );
}

function TakeOut({ path, progress: { student } }: ProgressProps) {
  const takeOut = useCommand<undefined>((_, header) =>
    api.POST("/organisations/{organisation_id}/cohorts/{cohort_id}/students/{student_id}/removal", {
      params: { path: { ...path, student_id: student.account_id }, header },
    }),
  );
  return (
    <Ask button={words.cohorts.takeOut} title={words.cohorts.takeOut} tone="quiet">
      {() => (
        <CommandForm command={takeOut} body={() => undefined} send={words.cohorts.takeOut} tone="danger">
          <p>{words.cohorts.takeOutMore}</p>
        </CommandForm>
      )}
    </Ask>
  );
}
