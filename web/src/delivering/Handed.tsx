import { $api, api } from "../api/client";
import { plain } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Save } from "../parts/Save";
import { jsonOf } from "../parts/saving";
import { Card, Empty, Tag, When } from "../parts/shown";
import { words } from "../words";
import { type BriefFile, FileRow } from "./Files";
import { isReturnOf } from "./returns";

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
                  .filter((file) => submission.files.some(({ file_id }) => file_id === file.file_id))
                  .map((file) => (
                    <FileRow key={file.file_id} briefId={briefId} file={file} />
                  ))}
                <SaveManifest briefId={briefId} number={submission.number} />
                <Said briefId={briefId} number={submission.number} />
                <Returned briefId={briefId} files={files.filter((file) => isReturnOf(submission.number, file))} />
              </li>
            ))}
          </ol>
        )}
      </Listed>
    </Card>
  );
}

/** What proves that it was handed in, and when, without anybody's word for it. */
function SaveManifest({ briefId, number }: { briefId: string; number: number }) {
  const read = async () => {
    const { data } = await api.GET("/briefs/{brief_id}/submissions/{number}/manifest", {
      params: { path: { brief_id: briefId, number } },
    });
    return jsonOf(data);
  };
  return <Save label={words.work.manifest} name={`manifest-${briefId}-${number}.json`} read={read} />;
}

function Returned({ briefId, files }: { briefId: string; files: BriefFile[] }) {
  if (!files.length) return null;
  return (
    <section>
      <h3>{words.review.returned}</h3>
      {files.map((file) => (
        <FileRow key={file.file_id} briefId={briefId} file={file} />
      ))}
    </section>
  );
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
