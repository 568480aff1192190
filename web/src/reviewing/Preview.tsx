import { useQuery } from "@tanstack/react-query";
import { $api, type Schemas } from "../api/client";
import { Refused } from "../api/problems";
import { Read } from "../parts/shown";
import { words } from "../words";

interface PreviewProps {
  briefId: string;
  fileId: string;
  name: string;
}

/** What a file looks like, drawn anew by the platform: the file itself is not opened here. */
export function Preview({ briefId, fileId, name }: PreviewProps) {
  const preview = $api.useQuery(
    "get",
    "/briefs/{brief_id}/files/{file_id}/preview",
    { params: { path: { brief_id: briefId, file_id: fileId } } },
    {
      refetchInterval: ({ state: { data } }) => (data?.status === "pending" ? 2_000 : false),
      staleTime: 120_000,
      retry: false,
    },
  );
  if (!preview.data || preview.data.status === "none")
    return <p className="hint">{preview.data?.reason ?? words.files.noPreview}</p>;
  if (preview.data.status === "pending") return <p className="loading">{words.files.previewing}</p>;
  return (
    <div className="preview">
      {preview.data.parts?.map((part, index) => (
        <Part key={part.url} part={part} label={words.files.page(name, index + 1)} />
      ))}
      {preview.data.cut && <p className="hint">{words.files.cut}</p>}
    </div>
  );
}

function Part({ part, label }: { part: Schemas["PreviewPart"]; label: string }) {
  if (part.media_type === "image/webp")
    return (
      <img
        src={part.url}
        alt={label}
        width={part.width_px ?? undefined}
        height={part.height_px ?? undefined}
        loading="lazy"
      />
    );
  return <Excerpt url={part.url} label={label} />;
}

function Excerpt({ url, label }: { url: string; label: string }) {
  const text = useQuery({
    queryKey: ["excerpt", url.split("?")[0]],
    queryFn: () => textAt(url),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="excerpt" aria-label={label} tabIndex={0}>
      <Read of={text}>{(found) => <pre>{found}</pre>}</Read>
    </section>
  );
}

async function textAt(url: string): Promise<string> {
  const answer = await fetch(url).catch(() => {
    throw new Refused(0, {});
  });
  if (!answer.ok) throw new Refused(answer.status, {});
  return answer.text();
}
