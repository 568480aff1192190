import { useQueryClient } from "@tanstack/react-query";
import { $api, api, type Schemas } from "../api/client";
import { Fetching } from "../parts/Fetching";
import { fileSize } from "../parts/format";
import { byCursor } from "../parts/pages";
import { Ago, Tag } from "../parts/shown";
import { words } from "../words";

export type BriefFile = Schemas["FileView"];

/** A brief's files; asked for again while one is being looked at. */
export function useFiles(briefId: string) {
  return $api.useInfiniteQuery(
    "get",
    "/briefs/{brief_id}/files",
    { params: { path: { brief_id: briefId }, query: { limit: 100 } } },
    {
      ...byCursor,
      refetchInterval: ({ state: { data } }) =>
        data?.pages.some((page) => page.items.some(isUnderWay)) ? 1_500 : 15_000,
    },
  );
}

export function isUnderWay({ status, scan }: BriefFile): boolean {
  return status === "expected" || (status === "received" && scan === "pending");
}

export function isUsable({ status, scan }: BriefFile): boolean {
  return status === "received" && scan === "clean";
}

export function FileRow({ briefId, file }: { briefId: string; file: BriefFile }) {
  return (
    <div className="file">
      <span className="file-name">
        {file.name} <span className="hint">{fileSize(file.size_bytes)}</span>
      </span>
      <FileStatus file={file} />
      {isUsable(file) && <Download briefId={briefId} fileId={file.file_id} name={file.name} />}
      {file.received_at && (
        <span className="hint">
          <Ago at={file.received_at} />
        </span>
      )}
      {file.refusal && <p className="error">{file.refusal.reason}</p>}
      {file.status === "expected" && <p className="hint">{words.upload.goOn}</p>}
    </div>
  );
}

function FileStatus({ file }: { file: BriefFile }) {
  if (isUsable(file)) return <Tag tone="good">{words.files.clean}</Tag>;
  if (file.status === "received") {
    const { scan } = file;
    return <Tag tone={scan === "pending" ? "warn" : "bad"}>{words.files.scans[scan ?? "pending"]}</Tag>;
  }
  return <Tag tone={file.status === "refused" ? "bad" : "plain"}>{words.files.statuses[file.status]}</Tag>;
}

function Download({ briefId, fileId, name }: { briefId: string; fileId: string; name: string }) {
  const queries = useQueryClient();
  const download = async () => {
    const { data } = await api.GET("/briefs/{brief_id}/files/{file_id}/download", {
      params: { path: { brief_id: briefId, file_id: fileId } },
    });
    if (data) location.assign(data.url);
    await queries.invalidateQueries();
  };
  return <Fetching label={words.files.download} name={`${words.files.download} ${name}`} fetch={download} />;
}
