import { Link } from "wouter";
import type { Schemas } from "../api/client";
import { words } from "../words";
import { money, relative } from "./format";
import { StateTag, Tag } from "./shown";

/** A brief in a list. */
export function BriefRow({ brief }: { brief: Schemas["BriefView"] }) {
  return (
    <li className="brief-row">
      <Link href={`/briefs/${brief.brief_id}`}>{brief.title}</Link>
      <span className="tags">
        <StateTag state={brief.state} />
        {brief.my_application && <Tag tone="info">{words.applications[brief.my_application]}</Tag>}
        {brief.fit && <Tag tone={brief.fit.score >= 50 ? "good" : "plain"}>{words.find.fit(brief.fit.score)}</Tag>}
        {brief.first_timer_places > 0 && <Tag>{words.find.firstTimers(brief.first_timer_places)}</Tag>}
      </span>
      <span className="hint">
        {[
          brief.employer.name,
          money(brief.pay),
          words.brief.hoursOf(brief.hours),
          brief.deadline && words.find.until(relative(brief.deadline.due_at)),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </li>
  );
}
