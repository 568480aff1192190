import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Button, DropZone, FileTrigger, Label, ProgressBar } from "react-aria-components";
import { Wrong } from "../parts/CommandForm";
import { fileSize } from "../parts/format";
import { words } from "../words";
import { type About, type Moved, upload } from "./upload";

interface UploaderProps {
  briefId: string;
  about: Omit<About, "media_type">;
  /** The media types that are taken; any when there are none. */
  accepts?: readonly string[];
  label: string;
}

interface Sent {
  name: string;
  moved: Moved;
}

/** Choose or drop a file; it is sent at once. Stopped or cut off, the same file chosen again goes on where it was. */
export function Uploader({ briefId, about, accepts = [], label }: UploaderProps) {
  const [sent, setSent] = useState<Sent | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const stop = useRef<AbortController>(new AbortController());
  const queries = useQueryClient();
  const send = async (file: File) => {
    stop.current = new AbortController();
    setError(null);
    setSent({ name: file.name, moved: { phase: "reading", bytes: 0, of: file.size } });
    const sending = {
      briefId,
      file,
      signal: stop.current.signal,
      onMove: (moved: Moved) => setSent({ name: file.name, moved }),
    };
    try {
      await upload(sending, { ...about, media_type: mediaType(file, accepts) });
    } catch (wrong) {
      setError((wrong as Error).name === "AbortError" ? new Error(words.upload.stopped) : (wrong as Error));
    } finally {
      setSent(null);
      await queries.invalidateQueries();
    }
  };
  return (
    <div className="uploader">
      <Wrong error={error} />
      {sent ? (
        <Progress sent={sent} onStop={() => stop.current.abort()} />
      ) : (
        <DropZone
          className="drop"
          aria-label={label}
          onDrop={async ({ items }) => {
            const item = items.find((one) => one.kind === "file");
            if (item?.kind === "file") await send(await item.getFile());
          }}
        >
          <FileTrigger acceptedFileTypes={[...accepts]} onSelect={(files) => files?.[0] && send(files[0])}>
            <Button className="button">{label}</Button>
          </FileTrigger>
          <span className="hint">{words.upload.orDrop}</span>
        </DropZone>
      )}
    </div>
  );
}

function Progress({ sent: { name, moved }, onStop }: { sent: Sent; onStop: () => void }) {
  const percent = Math.round((100 * moved.bytes) / Math.max(moved.of, 1));
  return (
    <div className="sending">
      <ProgressBar value={percent}>
        <Label>
          {words.upload[moved.phase]} {name}
        </Label>
        <progress value={percent} max={100} aria-hidden="true" />
        <span className="hint">
          {percent} % · {fileSize(moved.bytes)} / {fileSize(moved.of)}
        </span>
      </ProgressBar>
      <Button className="button quiet" onPress={onStop}>
        {words.upload.stop}
      </Button>
    </div>
  );
}

/** Browsers know few media types; where only one is taken, it is that one. What it really is, the platform looks at. */
export function mediaType(file: Pick<File, "type">, accepts: readonly string[]): string {
  const own = file.type.split(";")[0] ?? "";
  if (!accepts.length || accepts.includes(own)) return own || "application/octet-stream";
  return accepts[0] ?? own;
}
