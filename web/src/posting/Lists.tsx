import type { ReactNode } from "react";
import { Tick, Typed } from "../parts/Field";
import { fileSize } from "../parts/format";
import { Card } from "../parts/shown";
import { words } from "../words";
import { emptyCriterion, type Posting, slug } from "./posting";

type Deliverable = Posting["deliverables"][number];
type Criterion = Posting["rubric"][number];

interface ListProps<T> {
  of: T[];
  onChange: (of: T[]) => void;
}

interface EditedProps<T> extends ListProps<T> {
  title: string;
  one: string;
  add: string;
  fresh: () => T;
  children: (item: T, change: (part: Partial<T>) => void, index: number) => ReactNode;
}

/** A list of things that are written one below the other. */
function Edited<T>({ title, one, add, fresh, of, onChange, children }: EditedProps<T>) {
  const replace = (at: number, part: Partial<T>) =>
    onChange(of.map((item, i) => (i === at ? { ...item, ...part } : item)));
  return (
    <Card title={title}>
      {of.map((item, index) => (
        // What is edited has no name of its own yet: its place is what makes it this one.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <fieldset key={index}>
          <legend>{words.post.numbered(one, index + 1)}</legend>
          {children(item, (part) => replace(index, part), index)}
          {of.length > 1 && (
            <button type="button" className="button quiet" onClick={() => onChange(of.filter((_, i) => i !== index))}>
              {words.common.remove}
            </button>
          )}
        </fieldset>
      ))}
      <button type="button" className="button" onClick={() => onChange([...of, fresh()])}>
        {add}
      </button>
    </Card>
  );
}

const MEBIBYTE = 1_048_576;

export function Deliverables({ of, onChange }: ListProps<Deliverable>) {
  const fresh = () => ({
    name: "",
    description: "",
    media_types: ["application/pdf"],
    most_bytes: 5 * MEBIBYTE,
    required: true,
  });
  return (
    <Edited
      title={words.brief.deliverables}
      one={words.post.deliverable}
      add={words.post.addDeliverable}
      fresh={fresh}
      of={of}
      onChange={onChange}
    >
      {(item, change, index) => (
        <>
          <Typed
            name={`/deliverables/${index}/name`}
            label={words.post.name}
            hint={words.post.nameHint}
            value={item.name}
            onChange={(name) => change({ name: slug(name) })}
            required
          />
          <Typed
            name={`/deliverables/${index}/description`}
            label={words.post.description}
            rows={2}
            value={item.description}
            onChange={(description) => change({ description })}
            required
          />
          <div className="side-by-side">
            <Typed
              name={`/deliverables/${index}/media_types`}
              label={words.post.mediaTypes}
              hint={words.post.mediaTypesHint}
              value={item.media_types.join(", ")}
              onChange={(types) => change({ media_types: types.split(/,\s*/) })}
            />
            <Typed
              name={`/deliverables/${index}/most_bytes`}
              label={words.post.mostMiB}
              hint={fileSize(item.most_bytes)}
              inputMode="numeric"
              value={String(Math.round(item.most_bytes / MEBIBYTE))}
              onChange={(most) => change({ most_bytes: (Number(most) || 0) * MEBIBYTE })}
            />
          </div>
          <Tick
            label={words.post.required}
            checked={item.required !== false}
            onChange={(required) => change({ required })}
          />
        </>
      )}
    </Edited>
  );
}

export function Rubric({ of, onChange }: ListProps<Criterion>) {
  const left = 100 - of.reduce((sum, criterion) => sum + criterion.weight, 0);
  return (
    <Edited
      title={words.brief.rubric}
      one={words.post.criterion}
      add={words.post.addCriterion}
      fresh={() => emptyCriterion(Math.max(left, 0))}
      of={of}
      onChange={onChange}
    >
      {(item, change, index) => (
        <>
          <div className="side-by-side">
            <Typed
              name={`/rubric/${index}/name`}
              label={words.post.name}
              value={item.name}
              onChange={(name) => change({ name: slug(name) })}
              required
            />
            <Typed
              name={`/rubric/${index}/weight`}
              label={words.post.weight}
              hint={left ? words.post.weightLeft(left) : undefined}
              inputMode="numeric"
              value={String(item.weight)}
              onChange={(weight) => change({ weight: Number(weight) || 0 })}
            />
          </div>
          <Typed
            name={`/rubric/${index}/description`}
            label={words.post.description}
            rows={2}
            value={item.description}
            onChange={(description) => change({ description })}
            required
          />
          {item.levels.map((level, at) => (
            <Typed
              key={level.label}
              name={`/rubric/${index}/levels/${at}/description`}
              label={words.post.level(level.label, level.points)}
              value={level.description}
              onChange={(description) =>
                change({ levels: item.levels.map((one, i) => (i === at ? { ...one, description } : one)) })
              }
              required
            />
          ))}
        </>
      )}
    </Edited>
  );
}
