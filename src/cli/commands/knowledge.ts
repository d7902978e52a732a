import type { Command } from "commander";
import { didYouMean } from "../../config/nearest.ts";
import type { CommandDoor } from "../door.ts";
import { looking, type Opened, tenant } from "../open.ts";
import { done, type Outcome, refuse, table } from "../outcome.ts";
import type { Run } from "../run.ts";

export function knowledgeCommand(program: Command, run: Run): void {
  const knowledge = program.command("knowledge").description("the documents that agents look things up in");
  knowledge
    .command("list")
    .description("reads the configured folders: how many documents and passages there are, and which files aren't read")
    .action(() => run((door) => looking(door, (opened) => list(door, opened))));
  knowledge
    .command("search")
    .description("the passages that an agent would be given for a question, the best first; asks no model and costs nothing")
    .argument("<question>", "as somebody would ask it")
    .option("--source <name>", "only in these documents")
    .action((question: string, { source }: { source?: string }) =>
      run((door) => looking(door, (opened) => search(door, opened, question, source))),
    );
}

async function list(door: CommandDoor, { loaded }: Opened): Promise<Outcome> {
  const sources = (await door.knowledge(loaded.configuration)).list();
  const troubles = sources.flatMap(({ name, trouble }) => (trouble === undefined ? [] : [`✗ ${name}: ${trouble}`]));
  const skipped = sources.flatMap(({ name, skipped }) => skipped.map(({ path, why }) => `  ${name}/${path}: left out, ${why}`));
  const rows = sources.map(({ name, documents, passages }) => [name, String(documents), String(passages)]);
  return {
    exit: troubles.length > 0 ? 1 : 0,
    json: sources.map((source) => ({ ...source, skipped: source.skipped.map((file) => ({ ...file })) })),
    text: [table([["source", "documents", "passages"], ...rows]), ...troubles, ...skipped].join("\n"),
  };
}

async function search(door: CommandDoor, { loaded }: Opened, question: string, source?: string): Promise<Outcome> {
  const { configuration } = loaded;
  const names = [...configuration.knowledge.keys()];
  if (source !== undefined && !names.includes(source))
    return refuse("not-found", `There are no documents ${source}.${didYouMean(source, names)}`, "`polylogue knowledge list` shows them.");
  const knowledge = await door.knowledge(configuration);
  const found = await knowledge.search({ tenant, sources: source === undefined ? names : [source], question, limit: 8 });
  const shown = found.map(({ at, text }) => `[${at}]\n${text}`).join("\n\n");
  return done(
    found.map((passage) => ({ ...passage })),
    shown || "Nothing was found.",
  );
}
