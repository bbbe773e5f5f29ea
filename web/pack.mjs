// Lays the compressed forms beside every built file that becomes smaller by it: the hub sends them as they are.

import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const OUT = fileURLToPath(new URL("../server/draftsmith/web/static", import.meta.url));
const TEXT = /\.(js|css|html|svg|json|webmanifest)$/;
const WORTH = 1024;

for (const name of await readdir(OUT, { recursive: true })) {
    const path = join(OUT, name);
    // The page itself is changed as it is sent.
    if (!TEXT.test(name) || name === "index.html" || !(await stat(path)).isFile()) continue;
    const content = await readFile(path);
    if (content.length < WORTH) continue;
    const packed = [
        [".br", brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })],
        [".gz", gzipSync(content, { level: 9 })],
    ];
    for (const [ending, bytes] of packed) {
        if (bytes.length < content.length * 0.95) await writeFile(path + ending, bytes);
    }
}
