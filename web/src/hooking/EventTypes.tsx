import { useContext } from "react";
import type { Schemas } from "../api/client";
import { errorAt } from "../api/problems";
import { Errors, Tick } from "../parts/Field";
import { words } from "../words";
import { GROUPS, nameOf, toggled } from "./hooks";

interface EventTypesProps {
  chosen: readonly Schemas["EventType"][];
  onChoose: (types: Schemas["EventType"][]) => void;
}

/** Which events are wanted. */
export function EventTypes({ chosen, onChoose }: EventTypesProps) {
  const wrong = errorAt(useContext(Errors), "/event_types");
  return (
    <fieldset name="/event_types">
      <legend>{words.webhooks.eventTypes}</legend>
      {wrong && (
        <p className="error" role="alert" tabIndex={-1}>
          {wrong}
        </p>
      )}
      <div className="side-by-side">
        {GROUPS.map(({ group, types }) => (
          <div key={group} className="choices">
            <h3>{words.webhooks.groups[group]}</h3>
            {types.map((type) => (
              <Tick
                key={type}
                label={nameOf(type)}
                checked={chosen.includes(type)}
                onChange={(on) => onChoose(toggled(chosen, type, on))}
              />
            ))}
          </div>
        ))}
      </div>
    </fieldset>
  );
}
