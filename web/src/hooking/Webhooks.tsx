import { useState } from "react";
import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Once } from "../parts/Once";
import { Ago, Card, Empty, Read, Tag } from "../parts/shown";
import { words } from "../words";
import { Wanted, type WantedOf, wanted } from "./Wanted";

type Endpoint = Schemas["EndpointView"];

/** Where an organisation's events are sent to systems of its own; its owners say. */
export default function Webhooks() {
  const { organisation_id, member_role } = useKnownMe();
  return (
    <>
      <h1>{words.webhooks.title}</h1>
      {organisation_id && member_role === "owner" ? (
        <div className="columns even">
          <Endpoints organisationId={organisation_id} />
          <Add organisationId={organisation_id} />
        </div>
      ) : (
        <Empty to="/organisation" action={words.nav.organisation}>
          {words.webhooks.forOwners}
        </Empty>
      )}
    </>
  );
}

/** All that are there; whoever removed one does not want to see it. */
export function useEndpoints(organisationId: string) {
  return $api.useQuery(
    "get",
    "/organisations/{organisation_id}/webhooks",
    { params: { path: { organisation_id: organisationId } } },
    { refetchInterval: 15_000, select: ({ items }) => items.filter(({ state }) => state !== "deleted") },
  );
}

function Endpoints({ organisationId }: { organisationId: string }) {
  return (
    <Card title={words.webhooks.endpoints}>
      <Read of={useEndpoints(organisationId)}>
        {(endpoints) =>
          endpoints.length ? (
            <ul className="list">
              {endpoints.map((endpoint) => (
                <li key={endpoint.endpoint_id} className="brief-row">
                  <Link href={`/organisation/webhooks/${endpoint.endpoint_id}`} className="long">
                    {endpoint.url}
                  </Link>
                  <Standing endpoint={endpoint} />
                </li>
              ))}
            </ul>
          ) : (
            <Empty>{words.webhooks.none}</Empty>
          )
        }
      </Read>
    </Card>
  );
}

/** Whether anything is sent, and if it is taken. */
export function Standing({ endpoint }: { endpoint: Endpoint }) {
  const { state, reason, failing_since, event_types } = endpoint;
  return (
    <>
      <span className="tags">
        <Tag tone={state === "enabled" ? "good" : "warn"}>{words.webhooks.states[state]}</Tag>
        <Tag>{words.webhooks.types(event_types.length)}</Tag>
      </span>
      {reason && <p className="error">{words.webhooks.reasons[reason]}</p>}
      {failing_since && (
        <p className="error">
          {words.webhooks.failingSince} <Ago at={failing_since} />
        </p>
      )}
    </>
  );
}

const DRAFT = "webhook";
const INITIAL: WantedOf = { url: "", types: ["brief.submitted", "brief.paid"] };

function Add({ organisationId }: { organisationId: string }) {
  const [said, change, forget] = useDraft(DRAFT, INITIAL);
  const [issued, setIssued] = useState<Schemas["IssuedEndpoint"] | null>(null);
  const add = useCommand<Schemas["WebhookRequest"]>(
    async (body, header) => {
      const { data } = await api.POST("/organisations/{organisation_id}/webhooks", {
        params: { path: { organisation_id: organisationId }, header },
        body,
      });
      setIssued(data ?? null);
    },
    forget,
    DRAFT,
  );
  return (
    <Card title={words.webhooks.add}>
      {issued?.secret && <Once label={words.webhooks.secretOnce(issued.endpoint.url)} secret={issued.secret} />}
      <p className="hint">{words.webhooks.more}</p>
      <CommandForm command={add} body={() => wanted(said)} send={words.webhooks.add}>
        <Wanted said={said} onChange={change} />
      </CommandForm>
    </Card>
  );
}
