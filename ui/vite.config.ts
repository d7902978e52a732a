import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** `npx vite ui` serves the sources and passes the API on to a running gateway. */
const gateway = process.env.POLYLOGUE_URL ?? "http://127.0.0.1:8501";

const outDir = fileURLToPath(new URL("../dist/ui", import.meta.url));

/** Tells the service worker what was built, and gives it a version that changes with any of it. */
function keptOffline(): Plugin {
  let folder = outDir;
  return {
    name: "kept-offline",
    apply: "build",
    configResolved: ({ root, build }) => {
      folder = resolve(root, build.outDir);
    },
    closeBundle() {
      const built = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));
      const kept = built.filter((file) => /^(assets\/.*\.(js|css)|index\.html|theme\.js|favicon\.svg)$/.test(file)).toSorted();
      const hash = createHash("sha256");
      for (const file of kept) hash.update(file).update(readFileSync(join(folder, file)));
      const files = kept.map((file) => (file === "index.html" ? "/" : `/${file}`));
      const worker = readFileSync(join(folder, "worker.js"), "utf8")
        .replace('"dev"', JSON.stringify(hash.digest("hex").slice(0, 16)))
        .replace("files = []", `files = ${JSON.stringify(files)}`);
      writeFileSync(join(folder, "worker.js"), worker);
    },
  };
}

/** Packs what was built once and well; the gateway serves the packed files where the browser takes them. */
function packed(): Plugin {
  let folder = outDir;
  return {
    name: "packed",
    apply: "build",
    configResolved: ({ root, build }) => {
      folder = resolve(root, build.outDir);
    },
    closeBundle() {
      for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|svg|html|webmanifest)$/.test(file)) continue;
        const bytes = readFileSync(join(folder, file));
        writeFileSync(join(folder, `${file}.gz`), gzipSync(bytes, { level: 9 }));
        writeFileSync(join(folder, `${file}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

/** What several rooms need. */
const common = [
  /\/src\/(parts\/(?!chart|markdown)|words\/[a-z-]+\.)/,
  /\/src\/rooms\/((settings|agents)\/queries|flow\/story-words|queue\/renew|channels\/(person|setting-fields)|door\/strength)\./,
  /\/@tanstack\/(query-core|react-query)\//,
];

/**
 * What every visit begins with is two files and not thirty. English, and what languages are made of, is a file of its own:
 * `words.ts` waits for another language, which would wait for that one in turn if it needed anything out of the same file.
 */
const beginning = [
  { name: "english", tags: ["$initial"], test: /\/src\/words\/(en\/|language|plural)/, priority: 2 },
  { name: "shell", tags: ["$initial"], priority: 1 },
  // Dozens of files of two hundred bytes each pack badly.
  { name: "icons", test: /\/lucide-react\// },
  // Before those rooms: what others need of one would bring all of it.
  { name: "parts", test: (file: string) => common.some((some) => some.test(file)) },
  { name: "stream", test: /\/eventsource-parser\// },
  // What is set up here is set up together, and who looks after one thing looks after the others.
  { name: "setup", test: /\/src\/rooms\/(agents|models|settings|channels)\// },
  { name: "watching", test: /\/src\/rooms\/(audit|backup|users|queue|trace)\// },
];

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react(), tailwindcss(), keptOffline(), packed()],
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2023",
    // The content security policy allows neither inline scripts nor data: fonts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: beginning } } },
    reportCompressedSize: true,
  },
  server: { host: "127.0.0.1", proxy: { "/api": gateway, "/chat": gateway } },
});
