import { sha256 } from "@noble/hashes/sha2.js";

const CHUNK_BYTES = 1 << 20;
const AT_ONCE_BYTES = 16 << 20;

/** SHA-256 in base64, as S3 checks it. Large files are read bit by bit: they need not fit into memory. */
export async function sha256Of(content: Blob, onRead: (bytes: number) => void = () => {}): Promise<string> {
  if (content.size <= AT_ONCE_BYTES) {
    const digest = await crypto.subtle.digest("SHA-256", await content.arrayBuffer());
    onRead(content.size);
    return base64(new Uint8Array(digest));
  }
  const hash = sha256.create();
  for (let start = 0; start < content.size; start += CHUNK_BYTES) {
    hash.update(new Uint8Array(await content.slice(start, start + CHUNK_BYTES).arrayBuffer()));
    onRead(Math.min(start + CHUNK_BYTES, content.size));
  }
  return base64(hash.digest());
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export async function keyOf(what: string, ...parts: unknown[]): Promise<string> {
  const digest = await sha256Of(new Blob([JSON.stringify(parts)]));
  return `${what}-${digest.replace(/[+/=]/g, "")}`;
}
