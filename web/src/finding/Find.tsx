import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { Ask } from "../parts/Ask";
import { BriefRow } from "../parts/BriefRow";
import { CommandForm, Wrong } from "../parts/CommandForm";
import { Choice, Tick, Typed } from "../parts/Field";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty, Read } from "../parts/shown";
import { words } from "../words";
import { ANYTHING, closingOf, queryOf, type Wanted } from "./wanted";

/** Open briefs, found by what somebody wants; a search that is worth it can be saved. */
export default function Find() {
  const [wanted, setWanted] = useState(ANYTHING);
  const query = queryOf(wanted);
  const found = $api.useInfiniteQuery(
    "get",
    "/search/briefs",
    { params: { query: { ...query, ...closingOf(wanted) } } },
    { ...byCursor, placeholderData: (old) => old },
  );
  const { role } = useKnownMe();
  return (
    <>
      <h1>{words.find.title}</h1>
      <div className="columns find">
        <Card title={words.find.filter}>
          <Filter wanted={wanted} onChange={(part) => setWanted((old) => ({ ...old, ...part }))} />
          {role === "student" && <SaveSearch query={query} />}
          {role === "student" && <Saved />}
        </Card>
        <Card title={words.find.results}>
          <Wrong error={found.data ? (found.error as Error | null) : null} />
          <Listed of={found} empty={<Empty>{words.find.none}</Empty>}>
            {(briefs) => (
              <ul className="list">
                {briefs.map((brief) => (
                  <BriefRow key={brief.brief_id} brief={brief} />
                ))}
              </ul>
            )}
          </Listed>
        </Card>
      </div>
    </>
  );
}

type Query = Partial<Omit<Schemas["SearchRequest"], "name">>;

function Filter({ wanted, onChange }: { wanted: Wanted; onChange: (part: Partial<Wanted>) => void }) {
  return (
    <search className="form">
      <Typed
        name="text"
        type="search"
        label={words.find.text}
        value={wanted.text}
        onChange={(text) => onChange({ text })}
      />
      <Choice
        name="field"
        label={words.post.field}
        value={wanted.field}
        onChange={(field) => onChange({ field })}
        options={FIELDS}
        empty={words.find.any}
      />
      <Typed name="skill" label={words.find.skill} value={wanted.skill} onChange={(skill) => onChange({ skill })} />
      <div className="side-by-side">
        <Typed
          name="pay"
          label={words.find.pay}
          inputMode="decimal"
          value={wanted.pay}
          onChange={(pay) => onChange({ pay })}
        />
        <Typed
          name="hours_at_least"
          label={words.find.leastHours}
          inputMode="numeric"
          value={wanted.leastHours}
          onChange={(leastHours) => onChange({ leastHours })}
        />
        <Typed
          name="hours"
          label={words.find.hours}
          inputMode="numeric"
          value={wanted.hours}
          onChange={(hours) => onChange({ hours })}
        />
      </div>
      <div className="side-by-side">
        <Typed
          name="closes_after"
          type="date"
          label={words.find.closesFrom}
          value={wanted.closesFrom}
          onChange={(closesFrom) => onChange({ closesFrom })}
        />
        <Typed
          name="closes_before"
          type="date"
          label={words.find.closesUntil}
          value={wanted.closesUntil}
          onChange={(closesUntil) => onChange({ closesUntil })}
        />
      </div>
      <Tick
        label={words.find.forFirstTimers}
        checked={wanted.firstTimers}
        onChange={(firstTimers) => onChange({ firstTimers })}
      />
    </search>
  );
}

export const FIELDS = Object.entries(words.fields).map(([value, label]) => ({ value, label }));

function SaveSearch({ query }: { query: Query }) {
  const [name, setName] = useState("");
  const save = useCommand<Schemas["SearchRequest"]>(
    (body, header) => api.POST("/me/searches", { params: { header }, body }),
    () => setName(""),
  );
  return (
    <Ask button={words.find.save} title={words.find.save} tone="quiet">
      {() => (
        <CommandForm command={save} body={() => ({ name, for_first_timers: false, ...query })} send={words.find.save}>
          <p>{words.find.saveMore}</p>
          <Typed name="/name" label={words.find.saveName} value={name} onChange={setName} required />
        </CommandForm>
      )}
    </Ask>
  );
}

function Saved() {
  const saved = $api.useQuery("get", "/me/searches");
  const remove = useCommand<string>((search_id, header) =>
    api.POST("/me/searches/{search_id}/removal", { params: { path: { search_id }, header } }),
  );
  return (
    <>
      <Wrong error={remove.error} />
      <Read of={saved}>
        {({ items }) => (
          <ul className="rows small">
            {items.map((search) => (
              <li key={search.search_id}>
                {search.name}{" "}
                <button type="button" className="button quiet" onClick={() => remove.mutate(search.search_id)}>
                  {words.common.remove}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Read>
    </>
  );
}
