import type { Schemas } from "../api/client";
import { FileRow, useFiles } from "../delivering/Files";
import { isReturnOf } from "../delivering/returns";
import { Uploader } from "../delivering/Uploader";
import { words } from "../words";

/** Files that go back to the student with the review: the work marked up, mostly. */
export function Returns({ brief, number }: { brief: Schemas["BriefView"]; number: number }) {
  const files = useFiles(brief.brief_id);
  const found = files.data?.pages.flatMap((page) => page.items).filter((file) => isReturnOf(number, file)) ?? [];
  return (
    <fieldset>
      <legend>{words.review.returns}</legend>
      <p className="hint">{words.review.returnsMore}</p>
      {found.map((file) => (
        <FileRow key={file.file_id} briefId={brief.brief_id} file={file} />
      ))}
      <Uploader briefId={brief.brief_id} about={{ purpose: "return" }} label={words.review.addReturn} />
    </fieldset>
  );
}
