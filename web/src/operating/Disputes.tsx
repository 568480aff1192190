import { $api } from "../api/client";
import { BriefRow } from "../parts/BriefRow";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty } from "../parts/shown";
import { words } from "../words";

/** Disputed briefs; each is heard and decided on its own page. */
export default function Disputes() {
  const disputes = $api.useInfiniteQuery("get", "/disputes", {}, { ...byCursor, refetchInterval: 15_000 });
  return (
    <>
      <h1>{words.operate.disputes}</h1>
      <Card>
        <Listed of={disputes} empty={<Empty>{words.operate.noDisputes}</Empty>}>
          {(briefs) => (
            <ul className="list">
              {briefs.map((brief) => (
                <BriefRow key={brief.brief_id} brief={brief} />
              ))}
            </ul>
          )}
        </Listed>
      </Card>
    </>
  );
}
