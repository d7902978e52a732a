import { type Command, InvalidArgumentError } from "commander";
import type { Actor } from "../../access/actor.ts";
import { Tokens } from "../../access/tokens.ts";
import type { Role } from "../../core/records.ts";
import type { CommandDoor } from "../door.ts";
import { tenant, working } from "../open.ts";
import { done, moment, type Outcome, refuse, refused } from "../outcome.ts";
import { role } from "../role.ts";
import type { Run } from "../run.ts";

interface TokenOptions {
  readonly label: string;
  readonly role: Role;
  readonly days?: number;
}

export function tokensCommand(program: Command, run: Run): void {
  program
    .command("tokens")
    .description("tokens of machines for the HTTP API")
    .command("create")
    .description("make a token as the owner, without a login: for automation, and when the password is lost")
    .option("--label <text>", "what it is for", "made on the command line")
    .option("--role <role>", "what it may: owner, admin, operator or viewer", role, "owner" as Role)
    .option("--days <number>", "how long it is valid; for ever if absent", days)
    .action((options: TokenOptions) => run((door) => create(door, options)));
}

async function create(door: CommandDoor, options: TokenOptions): Promise<Outcome> {
  return working(door, async ({ store }) => {
    const owner = (await store.records.operators(tenant)).find((operator) => operator.role === "owner");
    if (!owner)
      return refuse(
        "setup-required",
        "There is no owner yet whom a token could act for.",
        "Start the gateway and open the #setup= link that it prints.",
      );
    const tokens = new Tokens(store.records, door.clock);
    // Whoever may write into the data folder is the owner already; the audit log says that it was done here.
    const cli: Actor = { tenant, operator: owner, role: "owner", via: "token", label: "cli", credential: "" };
    const made = await tokens.make(cli, options);
    if (!made.ok) return refused(made.fault);
    const { token, expiresAt } = made.value;
    return done(
      { ...made.value },
      `${token}\n${options.role} as ${owner.name}, ${expiresAt === undefined ? "without an end" : `until ${moment(expiresAt)}`}. It is shown this once.`,
    );
  });
}

function days(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 9999.");
  return Number(text);
}
