import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import type { BriefProps } from "../brief/BriefPage";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { fileSize, plain } from "../parts/format";
import { byCursor } from "../parts/pages";
import { Card, Empty, Read, Tag } from "../parts/shown";
import { words } from "../words";
import { type BriefFile, FileRow, isUsable, useFiles } from "./Files";
import { Handed } from "./Handed";
import { Uploader } from "./Uploader";

const WORKING = new Set(["awarded", "changes_requested"]);

/** The files of a brief: material from the employer, and what the student hands in for it. */
export default function Work({ brief, side }: BriefProps) {
  const files = useFiles(brief.brief_id);
  return (
    <Read of={files}>
      {({ pages }) => {
        const found = pages.flatMap((page) => page.items);
        return (
          <>
            <Material brief={brief} side={side} files={found} />
            {side === "student" && WORKING.has(brief.state) && <HandIn brief={brief} files={found} />}
            <Handed briefId={brief.brief_id} files={found} />
          </>
        );
      }}
    </Read>
  );
}

type WithFiles = BriefProps & { files: BriefFile[] };

function Material({ brief, side, files }: WithFiles) {
  const material = files.filter((file) => file.purpose === "material" && file.status !== "removed");
  const canAdd = side === "employer" && !brief.progress?.outcome;
  return (
    <Card title={words.work.material}>
      {material.length ? (
        material.map((file) => <FileRow key={file.file_id} briefId={brief.brief_id} file={file} />)
      ) : (
        <Empty>{side === "employer" ? words.work.noMaterialYours : words.work.noMaterial}</Empty>
      )}
      {canAdd && <Uploader briefId={brief.brief_id} about={{ purpose: "material" }} label={words.work.addMaterial} />}
    </Card>
  );
}

function HandIn({ brief, files }: Omit<WithFiles, "side">) {
  const [note, setNote, forget] = useDraft(`note.${brief.brief_id}`, "");
  const handed = useHanded(brief.brief_id);
  const ready = readyFor(brief.deliverables, files);
  const isNew = [...ready.values()].some((file) => !handed.has(file.file_id));
  const missing = brief.deliverables.filter((wanted) => wanted.required !== false && !ready.has(wanted.name));
  const submit = useCommand<Schemas["SubmissionRequest"]>(
    (body, header) =>
      api.POST("/briefs/{brief_id}/submissions", { params: { path: { brief_id: brief.brief_id }, header }, body }),
    forget,
  );
  const body = () => ({
    files: [...ready].map(([deliverable, file]) => ({ deliverable, file_id: file.file_id })),
    note: note.trim() || null,
  });
  return (
    <Card title={words.work.handIn}>
      <ul className="rows">
        {brief.deliverables.map((wanted) => (
          <Slot
            key={wanted.name}
            briefId={brief.brief_id}
            wanted={wanted}
            files={files}
            handed={handed}
            chosen={ready.get(wanted.name)}
          />
        ))}
      </ul>
      <CommandForm command={submit} body={body} send={words.work.submit} disabled={missing.length > 0 || !isNew}>
        <Typed name="/note" label={words.work.note} rows={3} value={note} onChange={setNote} />
        <p className="hint" aria-live="polite">
          {missing.length
            ? words.work.missing(missing.map(({ name }) => plain(name)))
            : isNew
              ? words.work.complete
              : words.work.nothingNew}
        </p>
      </CommandForm>
    </Card>
  );
}

/** The files that went into a submission: what needs no change can go into the next one as it is. */
function useHanded(briefId: string): ReadonlySet<string> {
  const params = { params: { path: { brief_id: briefId } } };
  const submissions = $api.useInfiniteQuery("get", "/briefs/{brief_id}/submissions", params, byCursor);
  const items = submissions.data?.pages.flatMap((page) => page.items) ?? [];
  return new Set(items.flatMap((submission) => submission.files.map((file) => file.file_id)));
}

/** Of each deliverable the file that came last and is clean. */
export function readyFor(
  deliverables: readonly { name: string }[],
  files: readonly BriefFile[],
): Map<string, BriefFile> {
  const ready = new Map<string, BriefFile>();
  for (const { name } of deliverables) {
    const usable = files.filter((file) => file.deliverable === name && isUsable(file));
    const latest = usable.sort((a, b) => (a.received_at ?? "").localeCompare(b.received_at ?? "")).at(-1);
    if (latest) ready.set(name, latest);
  }
  return ready;
}

interface SlotProps {
  briefId: string;
  wanted: Schemas["Deliverable"];
  files: BriefFile[];
  handed: ReadonlySet<string>;
  chosen?: BriefFile;
}

function Slot({ briefId, wanted, files, handed, chosen }: SlotProps) {
  const own = files.filter(
    (file) =>
      file.deliverable === wanted.name && file.status !== "removed" && (file === chosen || !handed.has(file.file_id)),
  );
  return (
    <li>
      <strong>{plain(wanted.name)}</strong>{" "}
      {chosen ? (
        <Tag tone={handed.has(chosen.file_id) ? "plain" : "good"}>
          {handed.has(chosen.file_id) ? words.work.before : words.work.ready}
        </Tag>
      ) : (
        wanted.required === false && <Tag>{words.brief.optional}</Tag>
      )}
      <p className="hint">{words.brief.accepts(wanted.media_types, fileSize(wanted.most_bytes))}</p>
      {own.map((file) => (
        <FileRow key={file.file_id} briefId={briefId} file={file} />
      ))}
      <Uploader
        briefId={briefId}
        about={{ purpose: "deliverable", deliverable: wanted.name }}
        accepts={wanted.media_types}
        label={chosen ? words.work.replace(plain(wanted.name)) : words.work.choose(plain(wanted.name))}
      />
    </li>
  );
}
