import type { CliDoor } from "../../src/cli/door.ts";
import { runCli } from "../../src/cli/program.ts";

/** What `--help` says: of the whole, then of every command. */
export async function commandHelp(): Promise<string> {
  // Help is as wide as the terminal; a page is always as wide as none.
  Object.defineProperty(process.stdout, "isTTY", { value: false });
  const blocks: string[] = [];
  const add = async (command: readonly string[]): Promise<void> => {
    const text = await helpOf(command);
    // What has nothing to say beyond its line in the list above has no section.
    if (command.length > 1 && !text.includes("Options:")) return;
    const title = ["polylogue", ...command].join(" ");
    blocks.push(`${command.length > 1 ? "####" : "###"} ${title}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`);
    for (const name of commandsIn(text)) await add([...command, name]);
  };
  await add([]);
  return blocks.join("\n");
}

async function helpOf(command: readonly string[]): Promise<string> {
  const pieces: string[] = [];
  const terminal = { out: (piece: string) => void pieces.push(piece) };
  // Help asks for nothing but the terminal.
  await runCli([...command, "--help"], { terminal } as unknown as CliDoor);
  return withoutTheUsual(pieces.join(""));
}

/** `--json` and `--help` go with every command: the page says so once. */
function withoutTheUsual(help: string): string {
  return help
    .replace(/\nGlobal Options:\n( .*\n)*/, "")
    .replace(/^ {2}(-h, --help|help \[command\]) .*\n/gm, "")
    .replace(/\nOptions:\n(?! )/g, "");
}

function commandsIn(help: string): readonly string[] {
  const list = help.split("Commands:\n")[1] ?? "";
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => match[1] as string).filter((name) => name !== "help");
}
