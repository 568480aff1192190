import type { Schemas } from "../api/client";
import { fileSize, plain } from "../parts/format";
import { Card, Facts, Tag, When } from "../parts/shown";
import { words } from "../words";

type Brief = Schemas["BriefView"];

/** What was posted: goals, deliverables, rubric and deadlines. It does not change. */
export function Terms({ brief }: { brief: Brief }) {
  return (
    <>
      <Card title={words.brief.goals}>
        <p className="text">{brief.goals}</p>
        <p className="tags">
          <Tag tone="info">{words.fields[brief.field]}</Tag>
          {brief.skills.map((skill) => (
            <Tag key={skill}>{skill}</Tag>
          ))}
        </p>
        <Facts
          of={[
            [words.brief.hours, words.brief.hoursOf(brief.hours)],
            [words.brief.place, brief.place_of_work],
            [words.brief.closes, <When key="c" at={brief.applications_close.due_at} zone={brief.zone} />],
            [words.brief.due, <When key="d" at={brief.submission_due.due_at} zone={brief.zone} />],
            [words.brief.rounds, String(brief.revision_rounds)],
            brief.confidential && [words.brief.confidential, words.brief.confidentialMore],
            brief.blind && [words.brief.blind, words.brief.blindMore],
          ]}
        />
      </Card>
      <Deliverables of={brief.deliverables} />
      <Rubric of={brief.rubric} />
    </>
  );
}

function Deliverables({ of }: { of: Brief["deliverables"] }) {
  return (
    <Card title={words.brief.deliverables}>
      <ul className="rows">
        {of.map((wanted) => (
          <li key={wanted.name}>
            <strong>{plain(wanted.name)}</strong> {wanted.required === false && <Tag>{words.brief.optional}</Tag>}
            <p>{wanted.description}</p>
            <span className="hint">{words.brief.accepts(wanted.media_types, fileSize(wanted.most_bytes))}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Rubric({ of }: { of: Brief["rubric"] }) {
  return (
    <Card title={words.brief.rubric}>
      <ul className="rows">
        {of.map((criterion) => (
          <li key={criterion.name}>
            <strong>{plain(criterion.name)}</strong> <Tag>{words.brief.weight(criterion.weight)}</Tag>
            <p>{criterion.description}</p>
            <details>
              <summary>{words.brief.levels(criterion.levels.length)}</summary>
              <dl className="levels">
                {criterion.levels.map((level) => (
                  <div key={level.label}>
                    <dt>
                      {plain(level.label)} ({level.points})
                    </dt>
                    <dd>{level.description}</dd>
                  </div>
                ))}
              </dl>
            </details>
          </li>
        ))}
      </ul>
    </Card>
  );
}
