import { plain } from "../parts/format";
import { Card, When } from "../parts/shown";
import { words } from "../words";
import type { Step } from "./life";

/** Every step of a brief, the latest first. */
export function Timeline({ steps }: { steps: readonly Step[] }) {
  const latest = [...steps].sort((a, b) => b.version - a.version);
  return (
    <Card title={words.brief.timeline}>
      <ol className="timeline">
        {latest.map((step) => (
          <li key={step.version}>
            <strong>{words.events[step.type as keyof typeof words.events] ?? plain(step.type)}</strong>
            <span className="hint">{words.brief.by(step.by)}</span>
            <When at={step.at} />
            <Details facts={step.facts} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Details({ facts }: { facts: Step["facts"] }) {
  const { reason, round, criteria } = facts as { reason?: string; round?: number; criteria?: string[] };
  if (reason) return <p>{reason}</p>;
  if (round) return <p>{words.brief.round(round, criteria ?? [])}</p>;
  return null;
}
