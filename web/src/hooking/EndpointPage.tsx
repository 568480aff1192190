import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { day } from "../parts/format";
import { Once } from "../parts/Once";
import { Card, Empty, Facts, Read, When } from "../parts/shown";
import { words } from "../words";
import { Deliveries } from "./Deliveries";
import { Wanted, wanted } from "./Wanted";
import { Standing, useEndpoints } from "./Webhooks";

type Endpoint = Schemas["EndpointView"];

export interface EndpointPath {
  organisation_id: string;
  endpoint_id: string;
}

/** One endpoint: what is sent to it, its secret, and what became of each event. */
export default function EndpointPage({ params }: { params: { id: string } }) {
  const { organisation_id } = useKnownMe();
  const path = { organisation_id: organisation_id ?? "", endpoint_id: params.id };
  return (
    <Read of={useEndpoints(path.organisation_id)}>
      {(endpoints) => {
        const endpoint = endpoints.find(({ endpoint_id }) => endpoint_id === params.id);
        return endpoint ? <Found path={path} endpoint={endpoint} /> : <Gone />;
      }}
    </Read>
  );
}

function Gone() {
  return (
    <Empty to="/organisation/webhooks" action={words.webhooks.title}>
      {words.webhooks.gone}
    </Empty>
  );
}

interface OfEndpoint {
  path: EndpointPath;
  endpoint: Endpoint;
}

function Found({ path, endpoint }: OfEndpoint) {
  return (
    <>
      <p>
        <Link href="/organisation/webhooks">{words.webhooks.back}</Link>
      </p>
      <h1 className="long">{endpoint.url}</h1>
      <div className="columns">
        <Deliveries path={path} />
        <div>
          <How path={path} endpoint={endpoint} />
          <Secret path={path} endpoint={endpoint} />
          <Remove path={path} />
        </div>
      </div>
    </>
  );
}

function How({ path, endpoint }: OfEndpoint) {
  return (
    <Card
      title={words.webhooks.endpoint}
      aside={
        <Ask button={words.webhooks.change} title={words.webhooks.change} tone="quiet">
          {(close) => <Change path={path} endpoint={endpoint} close={close} />}
        </Ask>
      }
    >
      <Standing endpoint={endpoint} />
      <Facts of={[[words.webhooks.added, day(endpoint.created_at)]]} />
      <Test path={path} />
      <Pause path={path} endpoint={endpoint} />
    </Card>
  );
}

function useChange(path: EndpointPath, done?: () => void) {
  return useCommand<Schemas["WebhookChangeRequest"]>(
    (body, header) =>
      api.PUT("/organisations/{organisation_id}/webhooks/{endpoint_id}", { params: { path, header }, body }),
    done,
  );
}

function Pause({ path, endpoint: { url, event_types, state } }: OfEndpoint) {
  const change = useChange(path);
  const next: Schemas["WebhookChangeRequest"]["state"] = state === "enabled" ? "disabled" : "enabled";
  return (
    <>
      <p className="hint">{words.webhooks.pauseMore[next]}</p>
      <CommandForm
        command={change}
        body={() => ({ url, event_types, state: next })}
        send={words.webhooks.pause[next]}
        tone={next === "enabled" ? "primary" : "quiet"}
      />
    </>
  );
}

function Test({ path }: { path: EndpointPath }) {
  const test = useCommand<undefined>((_, header) =>
    api.POST("/organisations/{organisation_id}/webhooks/{endpoint_id}/test", { params: { path, header } }),
  );
  return (
    <>
      <CommandForm command={test} body={() => undefined} send={words.webhooks.test} tone="quiet" />
      {test.isSuccess && (
        <p className="notice" role="status">
          {words.webhooks.tested}
        </p>
      )}
    </>
  );
}

function Change({ path, endpoint, close }: OfEndpoint & { close: () => void }) {
  const initial = { url: endpoint.url, types: endpoint.event_types };
  const [said, change, forget] = useDraft(`webhook.${endpoint.endpoint_id}`, initial);
  const save = useChange(path, () => {
    forget();
    close();
  });
  const state: Schemas["WebhookChangeRequest"]["state"] = endpoint.state === "enabled" ? "enabled" : "disabled";
  return (
    <CommandForm command={save} body={() => ({ ...wanted(said), state })} send={words.common.save}>
      <Wanted said={said} onChange={change} />
    </CommandForm>
  );
}

function Secret({ path, endpoint }: OfEndpoint) {
  const [secret, setSecret] = useState<string | null>(null);
  const rotate = useCommand<undefined>(async (_, header) => {
    const { data } = await api.POST("/organisations/{organisation_id}/webhooks/{endpoint_id}/rotation", {
      params: { path, header },
    });
    setSecret(data?.secret ?? null);
  });
  return (
    <Card title={words.webhooks.secret}>
      <p className="hint">{words.webhooks.secretMore}</p>
      {endpoint.signs_until.map((at) => (
        <p key={at} className="hint">
          {words.webhooks.formerUntil} <When at={at} />
        </p>
      ))}
      {secret && <Once label={words.webhooks.secretOnce(endpoint.url)} secret={secret} />}
      <CommandForm command={rotate} body={() => undefined} send={words.webhooks.rotate} tone="quiet" />
    </Card>
  );
}

function Remove({ path }: { path: EndpointPath }) {
  const [, go] = useLocation();
  const remove = useCommand<undefined>(
    (_, header) =>
      api.POST("/organisations/{organisation_id}/webhooks/{endpoint_id}/removal", { params: { path, header } }),
    () => go("/organisation/webhooks"),
  );
  return (
    <div className="actions">
      <Ask button={words.webhooks.remove} title={words.webhooks.removeTitle} tone="danger">
        {() => (
          <CommandForm command={remove} body={() => undefined} send={words.webhooks.remove} tone="danger">
            <p>{words.webhooks.removeMore}</p>
          </CommandForm>
        )}
      </Ask>
    </div>
  );
}
