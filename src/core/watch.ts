import type { Account, Identity, Inbox } from "./channel.ts";
import { sleep } from "./clock.ts";
import type { Fault, Result } from "./errors.ts";

/** Milliseconds between two looks. */
const everyMs = 300_000;

/** The `listen` of an account whose events come to `webhook`: that its credential still holds is seen here. */
export async function watch<Of extends Account>(
  probe: (account: Of, signal: AbortSignal) => Promise<Result<Identity>>,
  account: Of,
  inbox: Inbox,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  while (!signal.aborted) {
    const found = await probe(account, signal);
    if (signal.aborted) return undefined;
    if (!found.ok) return found.fault;
    inbox.alive();
    await sleep(account.clock, everyMs, signal);
  }
  return undefined;
}
