import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useFiles } from "../delivering/Files";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Tick } from "../parts/Field";
import { day } from "../parts/format";
import { byCursor } from "../parts/pages";
import { Tag } from "../parts/shown";
import { words } from "../words";

type Brief = Schemas["CompletedBrief"];

/** A brief that was completed, whether it is on the page, and what of it. */
export function Completed({ brief }: { brief: Brief }) {
  const [isOpen, open] = useState(false);
  const isShown = brief.shown.choices.public === true;
  return (
    <li>
      <strong>{brief.title}</strong>{" "}
      <Tag tone={isShown ? "good" : "plain"}>{isShown ? words.portfolio.onIt : words.portfolio.notOnIt}</Tag>
      <p className="hint">
        {day(brief.accepted_at)} · {words.brief.hoursOf(brief.hours)}
      </p>
      {brief.shown.waits_for_consent && <p className="notice warn">{words.portfolio.waits}</p>}
      {/* The files of a brief are read once somebody looks at it. */}
      <details onToggle={(event) => open(event.currentTarget.open)}>
        <summary>{words.portfolio.choose}</summary>
        {isOpen && <Choose brief={brief} />}
      </details>
    </li>
  );
}

function Choose({ brief }: { brief: Brief }) {
  const { brief_id } = brief;
  const now = brief.shown.choices;
  const [chosen, change, forget] = useDraft(`shown.${brief_id}`, {
    public: now.public ?? false,
    show_employer: now.show_employer ?? true,
    show_scores: now.show_scores ?? true,
    show_quote: now.show_quote ?? true,
    file_ids: now.file_ids ?? [],
  });
  const save = useCommand<Schemas["ShownRequest"]>(
    (body, header) => api.PUT("/me/portfolio/briefs/{brief_id}", { params: { path: { brief_id }, header }, body }),
    () => forget(chosen),
  );
  const ticks = [
    "public",
    "show_employer",
    "show_scores",
    ...(brief.consent.quote ? ["show_quote" as const] : []),
  ] as const;
  return (
    <CommandForm command={save} body={() => chosen} send={words.common.save}>
      {ticks.map((name) => (
        <Tick
          key={name}
          label={words.portfolio.choices[name]}
          checked={chosen[name]}
          onChange={(on) => change((old) => ({ ...old, [name]: on }))}
        />
      ))}
      {brief.consent.quote && <blockquote>{brief.consent.quote}</blockquote>}
      <Files
        briefId={brief_id}
        chosen={chosen.file_ids}
        onChange={(file_ids) => change((old) => ({ ...old, file_ids }))}
      />
    </CommandForm>
  );
}

interface FilesProps {
  briefId: string;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** The files of the accepted submission, which is the last one. */
function Files({ briefId, chosen, onChange }: FilesProps) {
  const params = { params: { path: { brief_id: briefId } } };
  const submissions = $api.useInfiniteQuery("get", "/briefs/{brief_id}/submissions", params, byCursor);
  const files = useFiles(briefId).data?.pages.flatMap((page) => page.items) ?? [];
  const latest = submissions.data?.pages
    .flatMap((page) => page.items)
    .sort((a, b) => a.number - b.number)
    .at(-1);
  return (
    <>
      {latest?.files.map(({ file_id, name }) => (
        <Tick
          key={file_id}
          label={words.portfolio.file(name)}
          hint={
            files.find((file) => file.file_id === file_id)?.status === "removed" ? words.files.statuses.removed : ""
          }
          checked={chosen.includes(file_id)}
          onChange={(on) => onChange(on ? [...chosen, file_id] : chosen.filter((one) => one !== file_id))}
        />
      ))}
    </>
  );
}
