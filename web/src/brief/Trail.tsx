import { $api } from "../api/client";
import { plain } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty, Tag, When } from "../parts/shown";
import { words } from "../words";

/** Who did what, each step chained to the one before. */
export default function Trail({ briefId }: { briefId: string }) {
  const trail = $api.useInfiniteQuery(
    "get",
    "/briefs/{brief_id}/audit",
    { params: { path: { brief_id: briefId } } },
    byCursor,
  );
  const chain = trail.data?.pages.at(-1)?.chain;
  return (
    <Card
      title={words.trail.title}
      aside={chain && <Tag tone={chain.broken ? "bad" : "good"}>{words.trail.chain(chain)}</Tag>}
    >
      <Listed of={trail} empty={<Empty>{words.trail.none}</Empty>}>
        {(steps) => (
          <ol className="timeline">
            {steps.map((step) => (
              <li key={step.hash}>
                <strong>{plain(step.action)}</strong>
                <span className="hint">{words.brief.by(step.by)}</span>
                <When at={step.at} />
                <span className="hint">
                  {words.trail.versions(step.version_before, step.version)} <code>{step.hash.slice(0, 12)}</code>
                </span>
              </li>
            ))}
          </ol>
        )}
      </Listed>
    </Card>
  );
}
