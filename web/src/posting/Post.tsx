import { useLocation } from "wouter";
import { api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { FIELDS } from "../finding/Find";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Tick, Typed } from "../parts/Field";
import { Card } from "../parts/shown";
import { words } from "../words";
import { Deliverables, Rubric } from "./Lists";
import { type Draft, emptyDraft, type Posting, postingOf } from "./posting";
import { Remarks } from "./Remarks";
import { ZONE_OPTIONS } from "./zones";

/** A brief as it is written: beside it what could be better, what it costs and what it must pay at least. */
export default function Post() {
  const [draft, change, forget] = useDraft<Draft>("posting", emptyDraft());
  const [, go] = useLocation();
  const set = (part: Partial<Draft>) => change((old) => ({ ...old, ...part }));
  const post = useCommand<Posting>(
    async (body, header) => {
      const { data } = await api.POST("/briefs", { params: { header }, body });
      if (data) go(`/briefs/${(data as Schemas["Answer"]).brief_id}`);
    },
    forget,
    "posting",
  );
  return (
    <>
      <h1>{words.post.new}</h1>
      <p className="hint">{words.post.kept}</p>
      <div className="columns">
        <CommandForm command={post} body={() => postingOf(draft)} send={words.post.send}>
          <What draft={draft} set={set} />
          <Deliverables of={draft.deliverables} onChange={(deliverables) => set({ deliverables })} />
          <Rubric of={draft.rubric} onChange={(rubric) => set({ rubric })} />
          <Terms draft={draft} set={set} />
        </CommandForm>
        <Remarks draft={draft} />
      </div>
    </>
  );
}

interface PartProps {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
}

function What({ draft, set }: PartProps) {
  return (
    <Card title={words.post.what}>
      <Typed
        name="/title"
        label={words.post.titleOf}
        value={draft.title}
        onChange={(title) => set({ title })}
        maxLength={120}
        required
      />
      <Typed
        name="/goals"
        label={words.post.goals}
        hint={words.post.goalsHint}
        rows={7}
        value={draft.goals}
        onChange={(goals) => set({ goals })}
        required
      />
      <div className="side-by-side">
        <Choice
          name="/field"
          label={words.post.field}
          value={draft.field}
          onChange={(field) => set({ field: field as Draft["field"] })}
          options={FIELDS}
        />
        <Typed
          name="/skills"
          label={words.post.skills}
          hint={words.profile.skillsHint}
          value={draft.skills}
          onChange={(skills) => set({ skills })}
          required
        />
      </div>
    </Card>
  );
}

const CURRENCIES = ["USD", "EUR", "GBP", "CAD", "AUD", "JPY"].map((value) => ({ value, label: value }));

function Terms({ draft, set }: PartProps) {
  return (
    <Card title={words.post.terms}>
      <div className="side-by-side">
        <Typed
          name="/hours"
          label={words.brief.hours}
          inputMode="numeric"
          value={draft.hours}
          onChange={(hours) => set({ hours })}
          required
        />
        <Typed
          name="/place_of_work"
          label={words.post.place}
          hint={words.post.placeHint}
          value={draft.place_of_work}
          onChange={(place_of_work) => set({ place_of_work })}
          required
        />
        <Typed
          name="/pay/amount_minor"
          label={words.money.pay}
          inputMode="decimal"
          value={draft.pay}
          onChange={(pay) => set({ pay })}
          required
        />
        <Choice
          name="/pay/currency"
          label={words.post.currency}
          value={draft.currency}
          onChange={(currency) => set({ currency })}
          options={CURRENCIES}
        />
      </div>
      <Choice
        name="/timeline/zone"
        label={words.post.zone}
        value={draft.zone}
        onChange={(zone) => set({ zone })}
        options={ZONE_OPTIONS}
      />
      <div className="side-by-side">
        <Typed
          name="/timeline/applications_close_at"
          type="datetime-local"
          label={words.brief.closes}
          value={draft.closes}
          onChange={(closes) => set({ closes })}
          required
        />
        <Typed
          name="/timeline/submission_due_at"
          type="datetime-local"
          label={words.brief.due}
          value={draft.due}
          onChange={(due) => set({ due })}
          required
        />
        <Typed
          name="/revision_rounds"
          label={words.brief.rounds}
          inputMode="numeric"
          value={String(draft.revision_rounds)}
          onChange={(rounds) => set({ revision_rounds: Number(rounds) || 0 })}
        />
        <Typed
          name="/first_timer_places"
          label={words.post.firstTimers}
          inputMode="numeric"
          value={String(draft.first_timer_places)}
          onChange={(places) => set({ first_timer_places: Number(places) || 0 })}
        />
      </div>
      <Tick
        label={words.brief.blind}
        hint={words.brief.blindMore}
        checked={draft.blind ?? false}
        onChange={(blind) => set({ blind })}
      />
      <Tick
        label={words.post.confidential}
        hint={words.post.confidentialMore}
        checked={draft.confidential}
        onChange={(confidential) => set({ confidential })}
      />
    </Card>
  );
}
