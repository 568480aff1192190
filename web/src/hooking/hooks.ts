import type { Schemas } from "../api/client";
import { words } from "../words";

type EventType = Schemas["EventType"];
type Delivery = Schemas["DeliveryView"];

/** What can be asked for: everything that happens to an organisation's briefs. */
export type Subscribed = Extract<EventType, `brief.${string}` | `application.${string}` | `file.${string}`>;
const NAMES: Record<Subscribed, string> = { ...words.events, ...words.webhooks.events };

/** The types of events in groups, each with its name; complete, for the compiler holds them against the API. */
export const GROUPS = (["brief", "application", "file"] as const).map((group) => ({
  group,
  types: (Object.keys(NAMES) as Subscribed[]).filter((type) => type.startsWith(`${group}.`)),
}));

export function nameOf(type: EventType): string {
  return (NAMES as Partial<Record<EventType, string>>)[type] ?? words.webhooks.others[type] ?? type;
}

/** The chosen types once one more is ticked, or one less, in the order in which they are shown. */
export function toggled(chosen: readonly EventType[], type: Subscribed, on: boolean): Subscribed[] {
  const wanted = new Set<EventType>(chosen);
  if (on) wanted.add(type);
  else wanted.delete(type);
  return GROUPS.flatMap(({ types }) => types.filter((each) => wanted.has(each)));
}

/** The brief that a delivery is about; null for what is about the endpoint. */
export function briefOf({ type, subject }: Pick<Delivery, "type" | "subject">): string | null {
  return type.startsWith("webhook.") ? null : subject;
}

/** Why an attempt did not succeed, or that it did: what was answered, else why there was no answer. */
export function outcomeOf({ status, error }: Pick<Schemas["Attempt"], "status" | "error">): string {
  return status == null ? (error ?? words.webhooks.noAnswer) : words.webhooks.answered(status);
}

export const isUnderWay = ({ state }: Pick<Delivery, "state">): boolean => state === "pending";
