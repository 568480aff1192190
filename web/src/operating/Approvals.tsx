import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Typed } from "../parts/Field";
import { byCursor, Listed } from "../parts/pages";
import { Ago, Card, Empty } from "../parts/shown";
import { words } from "../words";

type State = Schemas["OrganisationState"];
const STATES = (Object.keys(words.organisation.states) as State[]).map((value) => ({
  value,
  label: words.organisation.states[value],
}));

/** Organisations that wait to be approved, and those that were decided on. */
export default function Approvals() {
  const [state, setState] = useState<State>("waiting");
  const found = $api.useInfiniteQuery(
    "get",
    "/organisations",
    { params: { query: { state } } },
    { ...byCursor, refetchInterval: 15_000 },
  );
  return (
    <>
      <h1>{words.operate.approvals}</h1>
      <Card>
        <Choice
          name="state"
          label={words.operate.state}
          value={state}
          onChange={(value) => setState(value as State)}
          options={STATES}
        />
        <Listed of={found} empty={<Empty>{words.operate.noOrganisations}</Empty>}>
          {(items) => (
            <ul className="list">
              {items.map((organisation) => (
                <Organisation key={organisation.organisation_id} organisation={organisation} />
              ))}
            </ul>
          )}
        </Listed>
      </Card>
    </>
  );
}

function Organisation({ organisation }: { organisation: Schemas["OrganisationView"] }) {
  const decisions = {
    waiting: ["approved", "rejected"],
    approved: ["suspended"],
    rejected: ["approved"],
    suspended: ["approved"],
  } as const;
  return (
    <li className="brief-row">
      <strong>{organisation.name}</strong>
      <span className="hint">
        {organisation.website ?? words.operate.noWebsite} · <Ago at={organisation.since} /> ·{" "}
        {words.operate.members(organisation.members)}
      </span>
      {organisation.about && <p className="text">{organisation.about}</p>}
      {organisation.reason && <p className="hint">{organisation.reason}</p>}
      <div className="actions">
        {decisions[organisation.state].map((state) => (
          <Ask
            key={state}
            button={words.operate.decide[state]}
            title={`${words.operate.decide[state]}: ${organisation.name}`}
            tone={state === "approved" ? "primary" : "quiet"}
          >
            {(close) => <Decide organisation={organisation} state={state} close={close} />}
          </Ask>
        ))}
      </div>
    </li>
  );
}

type Decided = Schemas["OrganisationDecisionRequest"]["state"];

function Decide({
  organisation,
  state,
  close,
}: {
  organisation: Schemas["OrganisationView"];
  state: Decided;
  close: () => void;
}) {
  const [reason, setReason, forget] = useDraft(`organisation.${organisation.organisation_id}`, "");
  const decide = useCommand<string>(
    (said, header) =>
      api.PUT("/organisations/{organisation_id}/state", {
        params: { path: { organisation_id: organisation.organisation_id }, header },
        body: { state, reason: said },
      }),
    () => {
      forget();
      close();
    },
  );
  return (
    <CommandForm
      command={decide}
      body={() => reason}
      send={words.operate.decide[state]}
      tone={state === "approved" ? "primary" : "danger"}
    >
      <Typed
        name="/reason"
        label={words.actions.reason}
        hint={words.operate.reasonHint}
        rows={3}
        value={reason}
        onChange={setReason}
        required
      />
    </CommandForm>
  );
}
