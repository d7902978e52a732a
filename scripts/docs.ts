import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { report } from "../bench/report/markdown.ts";
import { readResults } from "../bench/report/results.ts";
import { configurationDocs } from "../src/config/docs.ts";
import type { Channel, ChannelLimits } from "../src/core/channel.ts";
import { errorTable } from "../src/core/errors.ts";
import { groups } from "../src/http/contract.ts";
import type { Endpoint } from "../src/http/endpoint.ts";
import { allKinds } from "../src/kinds.ts";
import { contractCases, proofs } from "../test/contract/proofs.ts";
import { commandHelp } from "./pages/cli.ts";

/**
 * Writes what the code knows into the pages: the error table, the settings, the channels, and what was measured and published. Only what stands between
 * `<!-- generated: name -->` and `<!-- /generated -->` is ours; the rest of a page is written by people. With `--check` it
 * writes nothing, and fails when a page isn't current.
 */
const root = fileURLToPath(new URL("..", import.meta.url));

async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const channels = await loadChannels();
  const blocks: [page: string, block: string, content: string][] = [
    ["docs/errors.md", "errors", errorRows()],
    ["docs/configuration.md", "settings", configurationDocs()],
    ["docs/channels.md", "channels", channelRows(channels)],
    ["docs/channels.md", "proofs", proofRows(channels)],
    ["docs/http-api.md", "operations", operationRows()],
    ["docs/cli.md", "commands", await commandHelp()],
    ["docs/benchmarks.md", "benchmarks", report(readResults("published"))],
  ];
  const pages = new Map<string, string>();
  for (const [page, block, content] of blocks) {
    pages.set(page, withBlock(pages.get(page) ?? readFileSync(join(root, page), "utf8"), block, content, page));
  }
  return pages;
}

/** Puts `content` between the marks of `block`. Throws when the page has no such marks. */
function withBlock(text: string, block: string, content: string, page: string): string {
  const pattern = new RegExp(`(<!-- generated: ${block} -->\n)[\\s\\S]*?(<!-- /generated -->)`);
  if (!pattern.test(text)) throw new Error(`${page} has no "<!-- generated: ${block} -->" … "<!-- /generated -->"`);
  return text.replace(pattern, (_, open: string, close: string) => `${open}\n${content}\n${close}`);
}

function errorRows(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, retryable, hint }]) => `| \`${code}\` | ${status} | ${retryable ? "yes" : "no"} | ${hint.replaceAll("|", "\\|")} |`,
  );
  return ["| Code | HTTP status | Retry as it is | What to do |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function operationRows(): string {
  const sections = Object.entries(groups).map(([group, operations]) => {
    const rows = Object.values(operations).map(
      ({ method, path, role, summary }: Endpoint) => `| \`${method.toUpperCase()} ${path}\` | ${role} | ${summary} |`,
    );
    return [`### ${group[0]?.toUpperCase()}${group.slice(1)}`, "", "| Operation | Lowest role | |", "|---|---|---|", ...rows, ""].join(
      "\n",
    );
  });
  return sections.join("\n");
}

async function loadChannels(): Promise<readonly Channel[]> {
  const kinds = allKinds();
  return Promise.all(kinds.channels.map(async (kind) => (await kinds.channel(kind)) as Channel));
}

function channelRows(channels: readonly Channel[]): string {
  const rows = channels.map(({ kind, name, summary, limits, idempotent, edit, threads }) => {
    const streams = [...(limits.editEvery && edit ? ["edit"] : []), ...(limits.preview ? ["native"] : []), "blocks"].join(", ");
    return `| [\`${kind}\`](channels/${kind}.md) | ${name} | ${summary} | ${textLimit(limits)} | ${streams} | ${fileLimit(limits)} | ${limits.buttons ? "yes" : "as numbers"} | ${threads ? "yes" : "no"} | ${idempotent === true ? "never" : idempotent === "words" ? "of files" : "possible"} |`;
  });
  return [
    "| Kind | Name | What it connects | Longest message | Streaming | Files in / out | Buttons | Threads | Unknown outcome |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** What the contract's suite runs for each kind, by what the suite itself holds each to. */
function proofRows(channels: readonly Channel[]): string {
  const cases = Object.entries(contractCases).map(([name, shows]) => `| **${name}** | ${shows} |`);
  const rows = channels.map(({ kind, name }) => {
    const proof = proofs[kind];
    if (!proof) throw new Error(`test/contract/proofs.ts has no proof of ${kind}`);
    const why = Map.groupBy(Object.entries(proof.without ?? {}), ([, reason]) => reason);
    const left = [...why].map(([reason, of]) => `${of.map(([one]) => `**${one}**`).join(", ")}: ${reason}`);
    return `| ${name} | ${proof.level} | ${proof.against} | ${left.join("; ")} |`;
  });
  const head = ["| Channel | Level | Held against | What doesn't run, and why |", "|---|---|---|---|"];
  return ["| Case | What it shows |", "|---|---|", ...cases, "", ...head, ...rows, ""].join("\n");
}

function textLimit({ text }: ChannelLimits): string {
  const units = { utf16: "characters (UTF-16)", "code-point": "characters", byte: "bytes" };
  return Number.isFinite(text.max) ? `${text.max} ${units[text.unit]}` : "none";
}

function fileLimit({ file }: ChannelLimits): string {
  const mega = (bytes: number) => `${Math.round(bytes / 100_000) / 10} MB`;
  return file ? `${mega(file.inbound)} / ${mega(file.outbound)}` : "none";
}

if (import.meta.main || process.argv[1] === import.meta.filename) {
  const stale = [...(await generatedPages())].filter(([page, text]) => readFileSync(join(root, page), "utf8") !== text);
  const checking = process.argv.includes("--check");
  for (const [page, text] of stale) {
    if (!checking) writeFileSync(join(root, page), text);
    console.log(checking ? `${page} is not current: run \`npm run docs\`` : `${page} written`);
  }
  if (checking && stale.length > 0) process.exitCode = 1;
}
