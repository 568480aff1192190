import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Typed } from "../parts/Field";
import { plain } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty, When } from "../parts/shown";
import { words } from "../words";

/** Who did what on a day, across everything; and accounts, which an operator suspends and gives roles. */
export default function DayTrail() {
  return (
    <>
      <h1>{words.operate.trail}</h1>
      <div className="columns">
        <Commands />
        <Standing />
      </div>
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
                  {words.brief.by(step.by)} <code>{step.actor_id?.slice(0, 8)}</code>
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

const STATES = (["suspended", "active"] as const).map((value) => ({ value, label: words.operate.standings[value] }));

function Standing() {
  const initial = { account: "", state: "suspended", reason: "" };
  const [said, change, forget] = useDraft("standing", initial);
  const decide = useCommand<Schemas["StandingRequest"]>(
    (body, header) =>
      api.PUT("/accounts/{account_id}/standing", {
        params: { path: { account_id: said.account.trim() }, header },
        body,
      }),
    forget,
  );
  const set = (name: keyof typeof initial) => (value: string) => change((old) => ({ ...old, [name]: value }));
  return (
    <Card title={words.operate.standing}>
      <CommandForm
        command={decide}
        body={() => ({ state: said.state as Schemas["StandingRequest"]["state"], reason: said.reason })}
        send={words.common.save}
        disabled={!said.account.trim()}
        tone="danger"
      >
        <Typed name="account" label={words.profile.account} value={said.account} onChange={set("account")} required />
        <Choice name="/state" label={words.operate.state} value={said.state} onChange={set("state")} options={STATES} />
        <Typed
          name="/reason"
          label={words.actions.reason}
          rows={3}
          value={said.reason}
          onChange={set("reason")}
          required
        />
      </CommandForm>
    </Card>
  );
}
