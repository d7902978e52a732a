import type { Command } from "commander";
import type { AccountId } from "../../core/ids.ts";
import { type Pairing, type PairingVerdict, readPairingCode } from "../../core/pairing.ts";
import type { Json } from "../../core/terms.ts";
import { escapeControls } from "../../ops/controls.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, tenant, working } from "../open.ts";
import { done, moment, type Outcome, refuse, table } from "../outcome.ts";
import type { Run } from "../run.ts";

export function pairingCommand(program: Command, run: Run): void {
  const pairing = program.command("pairing").description("people who ask to be let in, where `access.direct` of an account is `pairing`");
  pairing
    .command("list")
    .description("codes that are valid, and who was let in or not")
    .action(() => run(list));
  for (const [verdict, command, what] of [
    ["approved", "approve", "let somebody in: by the code that the person told you, or by the sender's id"],
    ["denied", "deny", "don't let somebody in, or not any more; no further code is given"],
  ] as const) {
    pairing
      .command(command)
      .description(what)
      .argument("<code or sender>", "the code, or with --account the sender's id on the platform")
      .option("--account <name>", "the account; the argument is then a sender's id")
      .action((who: string, { account }: { account?: string }) => run((door) => settle(door, verdict, who, account)));
  }
}

async function list(door: CommandDoor): Promise<Outcome> {
  return looking(door, async ({ store, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const pairings = (await store?.records.pairings(tenant, door.clock.now())) ?? [];
    if (pairings.length === 0) return done([], "Nobody has asked to be let in.");
    const rows = pairings.map(({ state, code, account, sender, name, handle, expiresAt, by, decidedAt }) => [
      ...[state, state === "asked" ? code : "", account, sender, escapeControls([name, handle].filter(Boolean).join(" "))],
      state === "asked" ? `until ${moment(expiresAt)}` : `${moment(decidedAt ?? 0)} by ${by ?? ""}`,
    ]);
    return done(pairings.map(pairingJson), table(rows));
  });
}

async function settle(door: CommandDoor, verdict: PairingVerdict, who: string, account: string | undefined): Promise<Outcome> {
  if (account === undefined && readPairingCode(who) === undefined)
    return refuse("usage", `\`${who}\` is no code.`, "A code looks like K7QM-2XRP; a sender's id needs --account.");
  return working(door, async ({ store, loaded }) => {
    if (account !== undefined && !loaded.configuration.accounts.has(account as AccountId))
      return refuse("account-unknown", `There is no account ${account}.`);
    const choice = account === undefined ? { code: who } : { account: account as AccountId, sender: who };
    const settled = await store.records.settlePairing(tenant, choice, verdict, actor, door.clock.now());
    if (!settled) return refuse("not-found", `No code ${who} is valid now.`, "`polylogue pairing list` shows those that are.");
    const name = settled.name === undefined ? "" : ` (${escapeControls(settled.name)})`;
    return done(
      pairingJson(settled),
      `${settled.sender}${name} ${verdict === "approved" ? "may write to" : "may not write to"} ${settled.account}`,
    );
  });
}

function pairingJson({ account, sender, name, handle, state, code, askedAt, expiresAt, by, decidedAt }: Pairing): Json {
  return {
    ...{ account, sender, state, askedAt },
    ...(state === "asked" && { code, expiresAt }),
    ...(name !== undefined && { name }),
    ...(handle !== undefined && { handle }),
    ...(by !== undefined && { by }),
    ...(decidedAt !== undefined && { decidedAt }),
  };
}
