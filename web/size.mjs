// How much script a first visit to the start page loads, gzipped; the build fails when that is too much.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MOST_KIB = 150;
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf-8"));

function reached(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const next of manifest[name].imports ?? []) reached(next, found);
  return found;
}

const chunks = new Set([...reached("index.html"), ...reached("src/home/Home.tsx")]);
const bytes = [...chunks].reduce((sum, name) => sum + gzipSync(readFileSync(`dist/${manifest[name].file}`)).length, 0);
const kib = Math.round(bytes / 1024);
console.log(`First load: ${kib} KiB of gzipped script in ${chunks.size} files (at most ${MOST_KIB}).`);
if (kib > MOST_KIB) process.exit(1);
