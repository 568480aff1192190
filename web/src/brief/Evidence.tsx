import { FileRow, isUsable, useFiles } from "../delivering/Files";
import { Uploader } from "../delivering/Uploader";
import { Tick } from "../parts/Field";
import { fileSize } from "../parts/format";
import { words } from "../words";

interface EvidenceProps {
  briefId: string;
  chosen: readonly string[];
  onChoose: (fileIds: string[]) => void;
  /** Whether files can be added for it still: the employer's, as returns, while the work is in review. */
  canAdd: boolean;
}

/** Which files of a brief a statement rests on. */
export function Evidence({ briefId, chosen, onChoose, canAdd }: EvidenceProps) {
  const files = useFiles(briefId);
  const found = files.data?.pages.flatMap((page) => page.items).filter(isUsable);
  return (
    <fieldset>
      <legend>{words.dispute.evidence}</legend>
      <p className="hint">{words.dispute.evidenceMore}</p>
      {found?.length === 0 && <p className="hint">{words.dispute.noEvidence}</p>}
      {found?.map(({ file_id, name, size_bytes }) => (
        <Tick
          key={file_id}
          name={chosen.includes(file_id) ? `/file_ids/${chosen.indexOf(file_id)}` : undefined}
          label={name}
          hint={fileSize(size_bytes)}
          checked={chosen.includes(file_id)}
          onChange={(on) => onChoose(on ? [...chosen, file_id] : chosen.filter((one) => one !== file_id))}
        />
      ))}
      {canAdd && (
        <>
          <p className="hint">{words.dispute.addEvidenceMore}</p>
          <Uploader briefId={briefId} about={{ purpose: "return" }} label={words.dispute.addEvidence} />
        </>
      )}
    </fieldset>
  );
}

/** The files that a statement rests on, for both sides and for whoever decides. */
export function Cited({ briefId, fileIds }: { briefId: string; fileIds: readonly string[] }) {
  const files = useFiles(briefId);
  const found = files.data?.pages.flatMap((page) => page.items);
  if (!fileIds.length || !found) return null;
  return (
    <section>
      <h3>{words.dispute.cited}</h3>
      {fileIds.map((fileId) => {
        const file = found.find(({ file_id }) => file_id === fileId);
        return file ? (
          <FileRow key={fileId} briefId={briefId} file={file} />
        ) : (
          <p key={fileId} className="hint">
            {words.dispute.citedGone}
          </p>
        );
      })}
    </section>
  );
}
