import { api, type Schemas } from "../api/client";
import { Refused } from "../api/problems";
import { words } from "../words";
import { keyOf, sha256Of } from "./hashing";

export type About = Pick<Schemas["UploadRequest"], "purpose" | "deliverable" | "media_type">;

export interface Moved {
  phase: "reading" | "sending";
  bytes: number;
  of: number;
}

interface Sending {
  briefId: string;
  file: File;
  onMove: (moved: Moved) => void;
  signal: AbortSignal;
}

const PARALLEL = 3;
const MOST_TRIES = 6;
const MOST_ROUNDS = 3;
const MOST_ANNOUNCEMENTS = 20;
const PAUSE_MS = 500;

/**
 * Send a file as a brief's: as a form, or in parts when it is large. Whatever fails, the same again sends only what is
 * missing, for the API's keys follow from the file. Gives the file's id; throws Refused, or AbortError when stopped.
 */
export async function upload(sending: Sending, about: About): Promise<string> {
  const { file, onMove } = sending;
  const sha256 = await sha256Of(file, (bytes) => onMove({ phase: "reading", bytes, of: file.size }));
  const body = { ...about, name: file.name.slice(-120), size_bytes: file.size, sha256 };
  for (let number = 1; number <= MOST_ANNOUNCEMENTS; number++) {
    const found = await announce(sending.briefId, body, number);
    if (!found.form && !found.multipart) {
      if (found.file.status === "expired" || found.file.scan === "error") continue; // worth another try
      return found.file.file_id;
    }
    try {
      await (found.multipart
        ? sendInParts(sending, found.file.file_id)
        : sendAsForm(sending, () => announce(sending.briefId, body, number), found));
      return found.file.file_id;
    } catch (error) {
      if (!(error instanceof Refused && error.code === "upload_expired")) throw error;
    }
  }
  throw new Refused(409, { detail: words.upload.inVain });
}

async function announce(briefId: string, body: Schemas["UploadRequest"], number: number): Promise<Schemas["Upload"]> {
  const header = { "Idempotency-Key": await keyOf("upload", briefId, body, number) };
  const { data } = await api.POST("/briefs/{brief_id}/files", {
    params: { path: { brief_id: briefId }, header },
    body,
  });
  return data as Schemas["Upload"];
}

/** A form is good for minutes: each further try takes a fresh one; there is none when only the answer was lost. */
async function sendAsForm(sending: Sending, again: () => Promise<Schemas["Upload"]>, found: Schemas["Upload"]) {
  const { file, onMove } = sending;
  let form = found.form;
  await untilAnswered(sending.signal, async () => {
    form ??= (await again()).form;
    if (!form) return;
    const body = new FormData();
    for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
    body.append("file", file);
    const { url } = form;
    form = null;
    await put("POST", url, body, {}, sending.signal, (bytes) => onMove({ phase: "sending", bytes, of: file.size }));
  });
}

async function sendInParts(sending: Sending, fileId: string): Promise<void> {
  const path = { brief_id: sending.briefId, file_id: fileId };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { data: parts } = await api.GET("/briefs/{brief_id}/files/{file_id}/parts", { params: { path } });
    if (!parts || parts.completed) return;
    await sendMissing(sending, path, parts);
    try {
      const header = { "Idempotency-Key": await keyOf("complete", path, round) };
      await api.POST("/briefs/{brief_id}/files/{file_id}/completion", { params: { path, header } });
      return;
    } catch (error) {
      if (!(error instanceof Refused && error.code === "parts_missing")) throw error;
    }
  }
  throw new Refused(409, { detail: words.upload.inVain });
}

type Path = { brief_id: string; file_id: string };

async function sendMissing(sending: Sending, path: Path, parts: Schemas["PartsView"]): Promise<void> {
  const underWay = new Map<number, number>();
  const before = parts.received.reduce((sum, part) => sum + part.size_bytes, 0);
  const tell = (number: number, bytes: number) => {
    underWay.set(number, bytes);
    const sent = [...underWay.values()].reduce((sum, each) => sum + each, before);
    sending.onMove({ phase: "sending", bytes: sent, of: sending.file.size });
  };
  tell(0, 0);
  const waiting = [...parts.missing];
  const next = async () => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const start = (number - 1) * parts.multipart.part_bytes;
      await sendPart(sending, path, number, sending.file.slice(start, start + parts.multipart.part_bytes), tell);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, next));
}

async function sendPart(
  { signal }: Sending,
  path: Path,
  number: number,
  content: Blob,
  tell: (number: number, bytes: number) => void,
): Promise<void> {
  const sha256 = await sha256Of(content);
  await untilAnswered(signal, async () => {
    // A link costs little and is good for minutes: each try takes a fresh one.
    const header = { "Idempotency-Key": await keyOf("part", number, sha256) };
    const { data } = await api.POST("/briefs/{brief_id}/files/{file_id}/parts", {
      params: { path, header },
      body: { parts: [{ number, sha256 }] },
    });
    const link = data?.parts[0];
    if (link) await put("PUT", link.url, content, link.headers, signal, (bytes) => tell(number, bytes));
  });
}

/** By XMLHttpRequest, which tells how much was sent; `fetch` does not. */
function put(
  method: string,
  url: string,
  body: Blob | FormData,
  headers: Record<string, string>,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const size = body instanceof Blob ? body.size : (body.get("file") as File).size;
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) {
      if (name.toLowerCase() !== "content-length") request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded }) => onSent(Math.min(loaded, size));
    request.onload = () => (request.status < 300 ? resolve() : reject(refusal(request)));
    request.onerror = () => reject(new Refused(0, {}));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

/** S3 takes what was announced, or nothing. */
function refusal({ status, responseText }: XMLHttpRequest): Refused {
  if (responseText.includes("<Code>NoSuchUpload</Code>")) return new Refused(status, { code: "upload_expired" });
  const passing = status >= 500 || (status === 403 && responseText.includes("expired"));
  return new Refused(passing ? 0 : status, { code: "upload_refused", detail: words.upload.refused });
}

async function untilAnswered(signal: AbortSignal, attempt: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const passing = error instanceof Refused && (error.status === 0 || error.status >= 500 || error.status === 429);
      if (!passing || tries >= MOST_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** tries));
    }
  }
}
