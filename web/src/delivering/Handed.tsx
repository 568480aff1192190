import { $api, type Schemas } from "../api/client";
import { plain } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Card, Empty, Tag, When } from "../parts/shown";
import { words } from "../words";
import { type BriefFile, FileRow } from "./Files";

/** What was handed in so far, and what was said of it. */
export function Handed({ briefId, files }: { briefId: string; files: BriefFile[] }) {
  const params = { params: { path: { brief_id: briefId } } };
  const submissions = $api.useInfiniteQuery("get", "/briefs/{brief_id}/submissions", params, byCursor);
  return (
    <Card title={words.work.handed}>
      <Listed of={submissions} empty={<Empty>{words.work.nothingHanded}</Empty>}>
        {(items) => (
          <ol className="rows">
            {items.map((submission) => (
              <li key={submission.number}>
                <strong>{words.work.submission(submission.number)}</strong> <When at={submission.received_at} />
                {submission.note && <p className="text">{submission.note}</p>}
                {files
                  .filter((file) => goesWith(submission, file))
                  .map((file) => (
                    <FileRow key={file.file_id} briefId={briefId} file={file} />
                  ))}
                <Said briefId={briefId} number={submission.number} />
              </li>
            ))}
          </ol>
        )}
      </Listed>
    </Card>
  );
}

/** Its own files, and what the employer gave back with the review of it. */
function goesWith(submission: Schemas["Submission"], file: BriefFile): boolean {
  const isOwn = submission.files.some(({ file_id }) => file_id === file.file_id);
  return isOwn || (file.purpose === "return" && file.submission_number === submission.number);
}

function Said({ briefId, number }: { briefId: string; number: number }) {
  const reviews = $api.useInfiniteQuery(
    "get",
    "/briefs/{brief_id}/reviews",
    { params: { path: { brief_id: briefId } } },
    byCursor,
  );
  const review = reviews.data?.pages.flatMap((page) => page.items).find((one) => one.number === number);
  if (!review) return null;
  return (
    <blockquote>
      <Tag tone={review.decision === "approve" ? "good" : "warn"}>{words.review.decisions[review.decision]}</Tag>{" "}
      {review.score_percent != null && <Tag>{review.score_percent} %</Tag>}
      <p className="text">{review.feedback}</p>
      <ul>
        {review.points?.map((point) => (
          <li key={point.criterion}>
            <strong>{plain(point.criterion)}</strong> {point.request}
          </li>
        ))}
        {review.scores?.map((score) => (
          <li key={score.criterion}>
            <strong>
              {plain(score.criterion)}: {plain(score.level)}
            </strong>{" "}
            {score.feedback}
          </li>
        ))}
      </ul>
    </blockquote>
  );
}
