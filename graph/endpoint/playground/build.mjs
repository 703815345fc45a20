// Copies the libraries that libraries.json pins out of node_modules into assets/, compressed, where the Go package
// embeds them. `--pin` rewrites libraries.json from what is installed: run it after a change of package.json.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const pins = join(here, "libraries.json");
const assets = join(here, "assets");

const installed = (library) => readFileSync(join(here, "node_modules", library.package, library.file));
const digest = (bytes) => createHash("sha384").update(bytes).digest();

const libraries = JSON.parse(readFileSync(pins, "utf8"));

if (process.argv.includes("--pin")) {
  for (const library of libraries) {
    const manifest = readFileSync(join(here, "node_modules", library.package, "package.json"), "utf8");
    library.version = JSON.parse(manifest).version;
    library.integrity = `sha384-${digest(installed(library)).toString("base64")}`;
  }
  writeFileSync(pins, `${JSON.stringify(libraries, null, 2)}\n`);
}

// An older build leaves folders of other hashes behind; only the note that keeps the folder in git stays.
mkdirSync(assets, { recursive: true });
for (const entry of readdirSync(assets, { withFileTypes: true })) {
  if (entry.isDirectory()) rmSync(join(assets, entry.name), { recursive: true });
}

for (const library of libraries) {
  const bytes = installed(library);
  const hash = digest(bytes);
  if (library.integrity !== `sha384-${hash.toString("base64")}`) {
    throw new Error(
      `${library.package}/${library.file} is not the file that libraries.json pins at version ${library.version}; ` +
        "run npm ci, or after a deliberate upgrade npm run pin",
    );
  }
  // The folder is the start of the hash, so that a stale build is never taken for this one (see library.go).
  const folder = join(assets, hash.toString("hex").slice(0, 16));
  mkdirSync(folder, { recursive: true });
  const name = `${basename(library.file)}.gz`;
  const compressed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
  writeFileSync(join(folder, name), compressed);
  console.log(`${name}: ${bytes.length} bytes, ${compressed.length} compressed`);
}
