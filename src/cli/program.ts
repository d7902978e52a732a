import { Command, CommanderError } from "commander";
import { faultOf } from "../core/errors.ts";
import { createMask } from "../vault/mask.ts";
import { agentsCommand } from "./commands/agents.ts";
import { alertsCommand } from "./commands/alerts.ts";
import { backupCommand } from "./commands/backup.ts";
import { budgetsCommand } from "./commands/budgets.ts";
import { channelsCommand } from "./commands/channels.ts";
import { configCommand } from "./commands/config.ts";
import { conversationsCommand } from "./commands/conversations.ts";
import { costCommand } from "./commands/cost.ts";
import { deadCommand } from "./commands/dead.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { knowledgeCommand } from "./commands/knowledge.ts";
import { messagesCommand } from "./commands/messages.ts";
import { migrateStoreCommand } from "./commands/migrate-store.ts";
import { modelsCommand } from "./commands/models.ts";
import { noticesCommand } from "./commands/notices.ts";
import { operatorsCommand } from "./commands/operators.ts";
import { pairingCommand } from "./commands/pairing.ts";
import { queueCommand } from "./commands/queue.ts";
import { repliesCommand } from "./commands/replies.ts";
import { restoreCommand } from "./commands/restore.ts";
import { routesCommand } from "./commands/routes.ts";
import { searchCommand } from "./commands/search.ts";
import { secretsCommand } from "./commands/secrets.ts";
import { sendCommand } from "./commands/send.ts";
import { startCommand } from "./commands/start.ts";
import { storeCommand } from "./commands/store.ts";
import { tokensCommand } from "./commands/tokens.ts";
import { toolsCommand } from "./commands/tools.ts";
import { traceCommand } from "./commands/trace.ts";
import { versionCommand } from "./commands/version.ts";
import type { CliDoor } from "./door.ts";
import { type Outcome, refuse, refused } from "./outcome.ts";
import type { Run } from "./run.ts";

const commands = [
  startCommand,
  doctorCommand,
  configCommand,
  routesCommand,
  secretsCommand,
  channelsCommand,
  pairingCommand,
  conversationsCommand,
  modelsCommand,
  sendCommand,
  messagesCommand,
  searchCommand,
  repliesCommand,
  toolsCommand,
  knowledgeCommand,
  traceCommand,
  queueCommand,
  deadCommand,
  noticesCommand,
  alertsCommand,
  costCommand,
  agentsCommand,
  budgetsCommand,
  operatorsCommand,
  tokensCommand,
  storeCommand,
  migrateStoreCommand,
  backupCommand,
  restoreCommand,
  versionCommand,
];

/** Runs one command line (without node and the program's name) and resolves with its exit code; never rejects. */
export async function runCli(argv: readonly string[], door: CliDoor): Promise<number> {
  const { terminal } = door;
  const mask = createMask();
  let outcome: Outcome | undefined;
  const program = new Command("polylogue")
    .description("A self-hosted gateway between AI assistants and every place where people talk.")
    .option("--json", "write the result as one JSON value")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: () => {} });
  const run: Run = async (work) => {
    outcome = await work({ ...door, mask });
  };
  for (const add of commands) add(program, run);
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return 0;
      outcome = usage(thrown, program, argv);
    } else {
      outcome = refused(faultOf(thrown));
    }
  }
  if (!outcome) return 0;
  const json = program.opts<{ json?: boolean }>().json ?? argv.includes("--json");
  if (json) terminal.out(`${mask.mask(JSON.stringify(outcome.json, undefined, 2))}\n`);
  else if (outcome.text !== "") (isFault(outcome) ? terminal.err : terminal.out)(`${mask.mask(outcome.text)}\n`);
  return outcome.exit;
}

function isFault(outcome: Outcome): boolean {
  return typeof outcome.json === "object" && outcome.json !== null && "error" in outcome.json;
}

/** Commander's own words, and where to read on. A group of commands called bare shows what is in it. */
function usage(thrown: CommanderError, program: Command, argv: readonly string[]): Outcome {
  const group = program.commands.find((command) => command.name() === argv.find((word) => !word.startsWith("-")));
  const name = group ? `polylogue ${group.name()}` : "polylogue";
  const message =
    thrown.code === "commander.help"
      ? "Which command? There is none on the line."
      : thrown.message.replace(/^error: /, "").replaceAll("\n", " ");
  const known = (group && group.commands.length > 0 ? group : program).commands.map((command) => command.name());
  return refuse("usage", message, `Run \`${name} --help\`. Commands: ${known.join(", ")}.`);
}
