import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { instant, ownZone } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Ago, Card, Empty, Tag } from "../parts/shown";
import { instantIn } from "../posting/zones";
import { words } from "../words";
import type { EndpointPath } from "./EndpointPage";
import { briefOf, isUnderWay, nameOf, outcomeOf } from "./hooks";

/** What was sent to an endpoint in the last 30 days, and what came of each attempt. */
export function Deliveries({ path }: { path: EndpointPath }) {
  const deliveries = $api.useInfiniteQuery(
    "get",
    "/organisations/{organisation_id}/webhooks/{endpoint_id}/deliveries",
    { params: { path } },
    {
      ...byCursor,
      refetchInterval: ({ state: { data } }) =>
        data?.pages.some((page) => page.items.some(isUnderWay)) ? 3_000 : 10_000,
    },
  );
  return (
    <Card
      title={words.webhooks.deliveries}
      aside={
        <Ask button={words.webhooks.replaySince} title={words.webhooks.replaySince} tone="quiet">
          {(close) => <ReplaySince path={path} close={close} />}
        </Ask>
      }
    >
      <Listed of={deliveries} empty={<Empty>{words.webhooks.noDeliveries}</Empty>}>
        {(items) => (
          <ol className="rows">
            {items.map((delivery) => (
              <Delivery key={delivery.delivery_id} path={path} delivery={delivery} />
            ))}
          </ol>
        )}
      </Listed>
    </Card>
  );
}

const TONES = { pending: "info", delivered: "good", failed: "bad", held: "warn" } as const;

function Delivery({ path, delivery }: { path: EndpointPath; delivery: Schemas["DeliveryView"] }) {
  const briefId = briefOf(delivery);
  return (
    <li>
      <strong>{nameOf(delivery.type)}</strong>{" "}
      <Tag tone={TONES[delivery.state]}>{words.webhooks.deliveryStates[delivery.state]}</Tag>{" "}
      <span className="hint">
        <Ago at={delivery.time} />
        {delivery.due_at && (
          <>
            {" "}
            · {words.webhooks.next} <Ago at={delivery.due_at} />
          </>
        )}
      </span>{" "}
      {briefId && <Link href={`/briefs/${briefId}`}>{words.webhooks.itsBrief}</Link>}
      <Attempts of={delivery.attempts} />
      <Replay path={{ ...path, delivery_id: delivery.delivery_id }} name={nameOf(delivery.type)} />
    </li>
  );
}

function Attempts({ of }: { of: Schemas["Attempt"][] }) {
  if (!of.length) return <p className="hint">{words.webhooks.notTried}</p>;
  return (
    <details>
      <summary>{words.webhooks.attempts(of.length)}</summary>
      <ol className="transfers">
        {of.map((attempt) => (
          <li key={attempt.at}>
            <span>{outcomeOf(attempt)}</span>
            <strong>{attempt.ms} ms</strong>
            <span className="hint">{instant(attempt.at)}</span>
            {attempt.answer && <code className="hint long">{attempt.answer}</code>}
          </li>
        ))}
      </ol>
    </details>
  );
}

function Replay({ path, name }: { path: EndpointPath & { delivery_id: string }; name: string }) {
  const replay = useCommand<undefined>((_, header) =>
    api.POST("/organisations/{organisation_id}/webhooks/{endpoint_id}/deliveries/{delivery_id}/replay", {
      params: { path, header },
    }),
  );
  return (
    <CommandForm
      command={replay}
      body={() => undefined}
      send={words.webhooks.replay}
      about={words.webhooks.replayOf(name)}
      tone="quiet"
    />
  );
}

function ReplaySince({ path, close }: { path: EndpointPath; close: () => void }) {
  const [since, setSince, forget] = useDraft(`webhook-since.${path.endpoint_id}`, "");
  const replay = useCommand<Schemas["ReplayRequest"]>(
    (body, header) =>
      api.POST("/organisations/{organisation_id}/webhooks/{endpoint_id}/replay", { params: { path, header }, body }),
    () => {
      forget();
      close();
    },
  );
  return (
    <CommandForm
      command={replay}
      body={() => ({ since: instantIn(since, ownZone()) ?? since })}
      send={words.webhooks.replaySince}
    >
      <p>{words.webhooks.replaySinceMore}</p>
      <Typed
        name="/since"
        type="datetime-local"
        label={words.webhooks.since}
        value={since}
        onChange={setSince}
        required
      />
    </CommandForm>
  );
}
