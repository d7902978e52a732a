import { type Command, InvalidArgumentError } from "commander";
import type { Actor } from "../../access/actor.ts";
import { Operators } from "../../access/operators.ts";
import type { Operator, Role } from "../../core/records.ts";
import type { CommandDoor } from "../door.ts";
import { tenant, working } from "../open.ts";
import { done, moment, type Outcome, refuse, refused, table } from "../outcome.ts";
import { role } from "../role.ts";
import type { Run } from "../run.ts";

export function operatorsCommand(program: Command, run: Run): void {
  const command = program.command("operators").description("who may sign in, with which role");
  command
    .command("list")
    .description("operators, and invitations that nobody has used yet")
    .action(() => run((door) => asOwner(door, list)));
  command
    .command("invite")
    .description("make a link under which somebody becomes an operator")
    .argument("<whom>", "whom it is for: shown in the list of invitations")
    .option("--role <role>", "what they may", role, "operator" as Role)
    .option("--days <number>", "how long it is valid", days, 7)
    .action((label: string, options: { role: Role; days: number }) =>
      run((door) =>
        asOwner(door, async (operators, cli) => {
          const made = await operators.invite(cli, { label, ...options });
          if (!made.ok) return refused(made.fault);
          return done({ ...made.value }, linkText("invite", made.value.secret, `${label}, as ${options.role}`, made.value.expiresAt));
        }),
      ),
    );
  command
    .command("role")
    .description("give an operator another role")
    .argument("<name>")
    .argument("<role>", "owner, admin, operator or viewer", role)
    .action((name: string, next: Role) =>
      run((door) =>
        named(door, name, async (operators, cli, { id }) => {
          const changed = await operators.setRole(cli, id, next);
          return changed.ok ? done({ ...changed.value }, `${name} is ${next} now.`) : refused(changed.fault);
        }),
      ),
    );
  command
    .command("reset")
    .description("make a link under which an operator chooses a new password: when it is lost")
    .argument("<name>")
    .action((name: string) =>
      run((door) =>
        named(door, name, async (operators, cli, { id }) => {
          const made = await operators.resetLink(cli, id);
          if (!made.ok) return refused(made.fault);
          return done({ ...made.value }, linkText("reset", made.value.secret, name, made.value.expiresAt));
        }),
      ),
    );
  command
    .command("remove")
    .description("remove an operator, with every login and token")
    .argument("<name>")
    .action((name: string) =>
      run((door) =>
        named(door, name, async (operators, cli, { id }) => {
          const removed = await operators.remove(cli, id);
          return removed.ok ? done({ ok: true }, `${name} can't sign in any more.`) : refused(removed.fault);
        }),
      ),
    );
}

async function list(operators: Operators, cli: Actor): Promise<Outcome> {
  const all = await operators.list(cli);
  const invitations = await operators.invitations(cli);
  const rows = [
    ...all.map(({ name, role, seenAt }) => [name, role, seenAt === undefined ? "never seen" : `seen ${moment(seenAt)}`]),
    ...invitations.map(({ label, role, expiresAt }) => [label, role, `invited until ${moment(expiresAt)}`]),
  ];
  return done({ operators: all.map((each) => ({ ...each })), invitations: invitations.map((each) => ({ ...each })) }, table(rows));
}

/** Whoever may write into the data folder is the owner already; the audit log says that it was done here. */
async function asOwner(door: CommandDoor, work: (operators: Operators, cli: Actor) => Promise<Outcome>): Promise<Outcome> {
  return working(door, async ({ store }) => {
    const owner = (await store.records.operators(tenant)).find((operator) => operator.role === "owner");
    if (!owner) return refuse("setup-required", "There is no owner yet.", "Start the gateway and open the #setup= link that it prints.");
    const cli: Actor = { tenant, operator: owner, role: "owner", via: "token", label: "cli", credential: "" };
    return work(new Operators(store.records, door.clock), cli);
  });
}

function named(
  door: CommandDoor,
  name: string,
  work: (operators: Operators, cli: Actor, found: Operator) => Promise<Outcome>,
): Promise<Outcome> {
  return asOwner(door, async (operators, cli) => {
    const found = (await operators.list(cli)).find((operator) => operator.name === name.normalize("NFKC").trim());
    return found
      ? work(operators, cli, found)
      : refuse("not-found", `There is no operator ${JSON.stringify(name)}.`, "See `polylogue operators list`.");
  });
}

function linkText(kind: "invite" | "reset", secret: string, whom: string, until: number): string {
  return `For ${whom}, valid once, until ${moment(until)}. Open this behind the gateway's address:\n/#${kind}=${secret}`;
}

function days(text: string): number {
  if (!/^([1-9]|[12]\d|30)$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 30.");
  return Number(text);
}
