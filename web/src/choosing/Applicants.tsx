import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import type { BriefProps } from "../brief/BriefPage";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { Figures } from "../parts/Figures";
import { byCursor, Listed } from "../parts/pages";
import { Ago, Card, Empty, Read, Tag } from "../parts/shown";
import { words } from "../words";
import { Compare } from "./Compare";
import { Keep } from "./Keep";

/** Who applied, one by one or side by side. */
export default function Applicants({ brief }: BriefProps) {
  const [compared, setCompared] = useState(false);
  const params = { params: { path: { brief_id: brief.brief_id } } };
  const applications = $api.useInfiniteQuery("get", "/briefs/{brief_id}/applications", params, {
    ...byCursor,
    refetchInterval: 10_000,
  });
  return (
    <Card
      title={words.applicants.title}
      aside={
        <div className="switch">
          <button type="button" aria-pressed={!compared} onClick={() => setCompared(false)}>
            {words.applicants.oneByOne}
          </button>
          <button type="button" aria-pressed={compared} onClick={() => setCompared(true)}>
            {words.applicants.sideBySide}
          </button>
        </div>
      }
    >
      {brief.blind && brief.state === "open" && <p className="hint">{words.brief.blindMore}</p>}
      {compared ? (
        <CompareApplicants briefId={brief.brief_id} />
      ) : (
        <Listed of={applications} empty={<Empty>{words.applicants.none}</Empty>}>
          {(items) => (
            <ol className="rows">
              {items.map((application) => (
                <Applicant key={application.application_id} brief={brief} application={application} />
              ))}
            </ol>
          )}
        </Listed>
      )}
    </Card>
  );
}

function CompareApplicants({ briefId }: { briefId: string }) {
  const params = { params: { path: { brief_id: briefId } } };
  const comparison = $api.useQuery("get", "/briefs/{brief_id}/comparison", params);
  return <Read of={comparison}>{(found) => <Compare comparison={found} />}</Read>;
}

interface ApplicantProps {
  brief: Schemas["BriefView"];
  application: Schemas["ApplicationView"];
}

function Applicant({ brief, application }: ApplicantProps) {
  const name = application.applicant?.name ?? application.alias;
  return (
    <li>
      <p className="who">
        <strong>{name}</strong> <Tag>{words.applications[application.status]}</Tag>{" "}
        {application.first_timer && <Tag tone="info">{words.applicants.firstTimer}</Tag>}{" "}
        <Ago at={application.applied_at} />
      </p>
      <p className="text">{application.statement}</p>
      <ul>
        {application.links.map((link) => (
          <li key={link}>
            <a href={link} rel="noreferrer noopener" target="_blank">
              {link}
            </a>
          </li>
        ))}
      </ul>
      <div className="actions">
        {brief.state === "open" && application.status === "applied" && (
          <Award brief={brief} application={application} name={name} />
        )}
        {(brief.state === "open" || application.status === "awarded") && (
          <Ask button={words.applicants.record} title={words.applicants.recordOf(name)} tone="quiet">
            {() => <ApplicantRecord briefId={brief.brief_id} applicationId={application.application_id} />}
          </Ask>
        )}
        {application.applicant && (
          <Ask button={words.talent.keep} title={words.talent.keep} tone="quiet">
            {(close) => <Keep brief={brief} studentId={application.applicant?.account_id ?? ""} close={close} />}
          </Ask>
        )}
      </div>
    </li>
  );
}

function ApplicantRecord({ briefId, applicationId }: { briefId: string; applicationId: string }) {
  const path = { brief_id: briefId, application_id: applicationId };
  const record = $api.useQuery("get", "/briefs/{brief_id}/applications/{application_id}/record", { params: { path } });
  return <Read of={record}>{(found) => <Figures of={found.figures} />}</Read>;
}

function Award({ brief, application, name }: ApplicantProps & { name: string }) {
  const award = useCommand<undefined>((_, header) =>
    api.POST("/briefs/{brief_id}/award", {
      params: { path: { brief_id: brief.brief_id }, header },
      body: { application_id: application.application_id },
    }),
  );
  return (
    <Ask button={words.applicants.award} title={words.applicants.awardTo(name)} tone="primary">
      {() => (
        <CommandForm command={award} body={() => undefined} send={words.applicants.award}>
          <p>{words.applicants.awardMore}</p>
        </CommandForm>
      )}
    </Ask>
  );
}
