import { $api, type Schemas } from "../api/client";
import type { BriefProps } from "../brief/BriefPage";
import { FileRow, useFiles } from "../delivering/Files";
import { plain } from "../parts/format";
import { byCursor } from "../parts/pages";
import { Card, Empty, Read } from "../parts/shown";
import { words } from "../words";
import { Decide } from "./Decide";
import { Preview } from "./Preview";

/** The work beside the rubric that it is judged by. */
export default function Review({ brief }: BriefProps) {
  const params = { params: { path: { brief_id: brief.brief_id } } };
  const submissions = $api.useInfiniteQuery("get", "/briefs/{brief_id}/submissions", params, byCursor);
  return (
    <Read of={submissions}>
      {({ pages }) => {
        const latest = pages
          .flatMap((page) => page.items)
          .sort((a, b) => a.number - b.number)
          .at(-1);
        if (!latest) return <Empty>{words.work.nothingHanded}</Empty>;
        return (
          <div className="columns even">
            <Deliverables brief={brief} submission={latest} />
            {brief.state === "submitted" ? (
              <Decide brief={brief} number={latest.number} />
            ) : (
              <Empty>{words.review.notNow}</Empty>
            )}
          </div>
        );
      }}
    </Read>
  );
}

function Deliverables({ brief, submission }: { brief: Schemas["BriefView"]; submission: Schemas["Submission"] }) {
  const files = useFiles(brief.brief_id);
  const found = files.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title={words.work.submission(submission.number)}>
      {submission.note && <p className="text">{submission.note}</p>}
      {submission.files.map((handed) => {
        const file = found.find(({ file_id }) => file_id === handed.file_id);
        return (
          <section key={handed.file_id} className="deliverable">
            <h3>{plain(handed.deliverable)}</h3>
            {file && <FileRow briefId={brief.brief_id} file={file} />}
            <Preview briefId={brief.brief_id} fileId={handed.file_id} name={handed.name} />
          </section>
        );
      })}
    </Card>
  );
}
