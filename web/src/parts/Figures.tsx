import type { Schemas } from "../api/client";
import { words } from "../words";
import { figure, plain } from "./format";
import { Empty } from "./shown";

/** Figures of a record, each with how it is computed and from how much. */
export function Figures({ of }: { of: Schemas["FigureView"][] }) {
  if (!of.length) return <Empty>{words.record.none}</Empty>;
  return (
    <dl className="facts">
      {of.map((one) => (
        <div key={one.name}>
          <dt>{plain(one.name)}</dt>
          <dd>
            {figure(one.value, one.unit)}
            <span className="hint">
              {one.how} {words.record.from(one.briefs)}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
