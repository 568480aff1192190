import { useState } from "react";
import { useLocation } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { FIELDS } from "../finding/Find";
import { Wrong } from "../parts/CommandForm";
import { leaveDraft } from "../parts/drafts";
import { Choice, Typed } from "../parts/Field";
import { ownZone } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty, Tag } from "../parts/shown";
import { words } from "../words";
import { type Draft, draftOf, emptyDraft } from "./posting";

/** Briefs to start from, thought through and paid by the floor of a place. */
export default function Templates() {
  const [field, setField] = useState("");
  const [place, setPlace] = useState("US-NY-NYC");
  const query = field ? { field: field as Schemas["FieldOfWork"] } : {};
  const templates = $api.useInfiniteQuery("get", "/templates", { params: { query } }, byCursor);
  return (
    <>
      <h1>{words.post.title}</h1>
      <Card title={words.post.start}>
        <div className="side-by-side">
          <Choice
            name="field"
            label={words.post.field}
            value={field}
            onChange={setField}
            options={FIELDS}
            empty={words.find.any}
          />
          <Typed name="place" label={words.post.place} hint={words.post.placeHint} value={place} onChange={setPlace} />
        </div>
        <Blank />
        <Listed of={templates} empty={<Empty>{words.post.noTemplates}</Empty>}>
          {(items) => (
            <ul className="list">
              {items.map((template) => (
                <Template key={template.template_id} template={template} place={place} />
              ))}
            </ul>
          )}
        </Listed>
      </Card>
    </>
  );
}

function useStart() {
  const [, go] = useLocation();
  return (draft: Draft) => {
    leaveDraft("posting", draft);
    go("/post/new");
  };
}

function Blank() {
  const start = useStart();
  return (
    <div className="actions">
      <button type="button" className="button" onClick={() => start(emptyDraft())}>
        {words.post.blank}
      </button>
    </div>
  );
}

function Template({ template, place }: { template: Schemas["TemplateSummary"]; place: string }) {
  const start = useStart();
  const [error, setError] = useState<Error | null>(null);
  const take = async () => {
    const params = { path: { template_id: template.template_id }, query: { place, zone: ownZone() } };
    try {
      const { data } = await api.GET("/templates/{template_id}", { params });
      if (data) start(draftOf(data.posting));
    } catch (wrong) {
      setError(wrong as Error);
    }
  };
  return (
    <li className="brief-row">
      <strong>{template.title}</strong>
      <span className="tags">
        <Tag tone="info">{words.fields[template.field]}</Tag>
        <Tag>{words.brief.hoursOf(template.hours)}</Tag>
      </span>
      <span className="hint">{template.summary}</span>
      <Wrong error={error} />
      <button type="button" className="button" onClick={take} aria-label={`${words.post.use}: ${template.title}`}>
        {words.post.use}
      </button>
    </li>
  );
}
