import type { Schemas } from "../api/client";
import { Typed } from "../parts/Field";
import { words } from "../words";
import { EventTypes } from "./EventTypes";

/** What is wanted of an endpoint: where it is, and which events go there. */
export interface WantedOf {
  url: string;
  types: Schemas["EventType"][];
}

/** The same as it is sent. */
export function wanted({ url, types }: WantedOf) {
  return { url: url.trim(), event_types: types };
}

interface WantedProps {
  said: WantedOf;
  onChange: (to: (old: WantedOf) => WantedOf) => void;
}

export function Wanted({ said, onChange }: WantedProps) {
  return (
    <>
      <Typed
        name="/url"
        type="url"
        label={words.webhooks.url}
        hint={words.webhooks.urlHint}
        value={said.url}
        onChange={(url) => onChange((old) => ({ ...old, url }))}
        required
      />
      <EventTypes chosen={said.types} onChoose={(types) => onChange((old) => ({ ...old, types }))} />
    </>
  );
}
