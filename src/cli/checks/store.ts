import { faultOf } from "../../core/errors.ts";
import type { Finding } from "../../core/finding.ts";
import type { Records } from "../../core/records.ts";
import { storedFindings } from "../../ops/findings.ts";
import type { CliDoor } from "../door.ts";
import { type Opened, tenant } from "../open.ts";
import { asFinding, type Check } from "./check.ts";
import { isLoopback } from "./host.ts";

/** The store, what waits in it for a person, the vault, and the audit log's chain. */
export async function checkStore(door: CliDoor, opened: Opened): Promise<Check[]> {
  const { store, vault, fault } = opened;
  const runs = await door.gatewayRuns().catch(() => undefined);
  const state = runs === undefined ? "nobody can say" : runs ? "running" : "not running";
  const gateway: Check = { name: "gateway", detail: state, findings: [] };
  if (fault) return [gateway, { name: "store", detail: door.store.shown, findings: [asFinding(fault, door.store.shown)] }];
  if (!store || !vault) return [gateway, { name: "store", detail: "nothing stored yet", findings: [] }];
  return [
    gateway,
    await guarded("owner", "operators", () => checkOwner(store.records, door)),
    await guarded("store", door.store.shown, () => checkCounts(store.records, door)),
    await guarded("vault", "vault", () => checkVault(vault)),
    await guarded("audit log", "audit", () => checkAudit(store.records)),
  ];
}

async function checkCounts(records: Records, { clock, store }: CliDoor): Promise<Check> {
  const { messages, conversations, deliveries, events } = await records.counts(tenant);
  return {
    name: "store",
    detail: `${store.file ? "" : `${store.shown}: `}${messages} messages in ${conversations} conversations; waiting: ${events.queued} events, ${deliveries.queued} deliveries`,
    findings: await storedFindings(records, tenant, clock.now()),
  };
}

/** Without an owner, whoever has the setup link is one; beyond this machine that is a race. */
async function checkOwner(records: Records, { environment }: CliDoor): Promise<Check> {
  const operators = await records.operators(tenant);
  const host = environment.POLYLOGUE_HOST || "127.0.0.1";
  const findings: Finding[] =
    operators.length > 0 || isLoopback(host)
      ? []
      : [
          {
            ...{ code: "unowned", severity: "warning", subject: "POLYLOGUE_HOST" },
            message: `The gateway listens on ${host}, beyond this machine, and has no owner yet.`,
            hint: "Open the link that the start printed and make the owner, before others can reach it.",
          },
        ];
  return { name: "owner", detail: operators.length === 0 ? "none yet" : `${operators.length} operators`, findings };
}

async function checkVault(vault: NonNullable<Opened["vault"]>): Promise<Check> {
  const state = await vault.check();
  if (!state.ok) return { name: "vault", detail: "locked", findings: [asFinding(state.fault, "vault")] };
  const { secrets, key } = state.value;
  return { name: "vault", detail: key ? `${secrets} secrets, master key in ${key.where}` : "empty", findings: [] };
}

async function checkAudit(records: Records): Promise<Check> {
  const { entries, brokenAt } = await records.verifyAudit(tenant);
  const findings: Finding[] =
    brokenAt === undefined
      ? []
      : [
          {
            code: "audit-broken",
            severity: "error",
            subject: "audit",
            message: `The audit log was changed from outside: entry ${brokenAt} doesn't fit the one before.`,
            hint: "Find out who could write to the data folder; compare with a backup.",
          },
        ];
  return { name: "audit log", detail: `${entries} entries`, findings };
}

/** A damaged store must not keep the rest from being looked at. */
async function guarded(name: string, subject: string, look: () => Promise<Check>): Promise<Check> {
  try {
    return await look();
  } catch (thrown) {
    return { name, detail: "can't be read", findings: [asFinding(faultOf(thrown, "store-unavailable"), subject)] };
  }
}
