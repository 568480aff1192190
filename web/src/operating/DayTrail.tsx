import { useState } from "react";
import { Link } from "wouter";
import { $api } from "../api/client";
import { Typed } from "../parts/Field";
import { plain } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty, When } from "../parts/shown";
import { words } from "../words";

/** Who did what on a day, across everything. */
export default function DayTrail() {
  return (
    <>
      <h1>{words.operate.trail}</h1>
      <Commands />
    </>
  );
}

function Commands() {
  const [day, setDay] = useState(new Date().toISOString().slice(0, 10));
  const [actor, setActor] = useState("");
  const query = { day, ...(actor.trim() && { actor_id: actor.trim() }) };
  const steps = $api.useInfiniteQuery("get", "/audit/commands", { params: { query } }, byCursor);
  return (
    <Card title={words.operate.commands}>
      <div className="side-by-side">
        <Typed name="day" label={words.operate.day} value={day} onChange={setDay} />
        <Typed name="actor" label={words.operate.actor} value={actor} onChange={setActor} />
      </div>
      <Listed of={steps} empty={<Empty>{words.operate.nothingThatDay}</Empty>}>
        {(items) => (
          <ol className="timeline">
            {items.map((step) => (
              <li key={step.hash}>
                <strong>{plain(step.action)}</strong>
                <span className="hint">{step.scope}</span>
                <span className="hint">
                  {words.brief.by(step.by)}{" "}
                  {step.actor_id && (
                    <Link href={`/operate/accounts/${step.actor_id}`}>{step.actor_id.slice(0, 8)}</Link>
                  )}
                </span>
                <When at={step.at} />
              </li>
            ))}
          </ol>
        )}
      </Listed>
    </Card>
  );
}
