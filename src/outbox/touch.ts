import type { Account, Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import { cutOff } from "../core/cut-off.ts";
import { type Fault, fail, faultOf, ok, type Result } from "../core/errors.ts";
import type { AccountId, ConversationId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { say } from "../core/say.ts";
import type { Store } from "../core/store.ts";
import type { Touched, TouchRequest } from "../core/touch.ts";

export interface TouchDoor {
  readonly store: Pick<Store, "message" | "records" | "beginTouch" | "endTouch">;
  readonly clock: Clock;
  /** The account, if it can be called now. */
  readonly account: (id: AccountId) => From | undefined | Promise<From | undefined>;
  /** The running gateway's. A command beside it has none. */
  readonly tell?: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
}

interface From {
  readonly channel: Channel;
  readonly account: Account;
}

const touchMs = 30_000;

/**
 * Reacts to a message on the platform, or takes it back there. Unlike a send it can be repeated, so that an outcome nobody knows is a
 * fault like others: who asked for it asks again. `lost`: pieces that may be there still, because nobody knows what became of them.
 */
export async function touchMessage(door: TouchDoor, request: TouchRequest, stop?: AbortSignal): Promise<Result<{ readonly lost: number }>> {
  const { store, clock } = door;
  const { tenant, touch } = request;
  const said = await store.message(tenant, request.message);
  const where = said && (await store.records.conversation(tenant, said.conversation));
  if (!where) return fail("not-found", "there is no message with this id");
  const from = await door.account(where.account);
  if (!from) return fail("account-unknown", say`the account ${where.account} isn't connected`);
  if (!(touch.kind === "react" ? from.channel.react : from.channel.delete)) {
    return fail(
      "request-invalid",
      touch.kind === "react" ? say`${from.channel.name} can't react to messages` : say`${from.channel.name} can't take messages back`,
    );
  }
  const begun = await store.beginTouch(request, clock.now());
  if (!begun.ok) return begun;
  door.tell?.(begun.value.entries, begun.value.conversation);
  const cut = cutOff(stop ?? new AbortController().signal, { clock, ms: touchMs });
  const why = await perform(from, begun.value, request, cut.signal);
  cut.end();
  const ended = await store.endTouch(begun.value, request, why, clock.now());
  door.tell?.(ended, begun.value.conversation);
  return why ? { ok: false, fault: why } : ok({ lost: begun.value.lost });
}

/** Pieces go from the last to the first: what stands there in between makes sense. */
async function perform(
  { channel, account }: From,
  touched: Touched,
  { touch }: TouchRequest,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const { chat, platformIds } = touched;
  try {
    if (touch.kind === "react") {
      const [platformId] = platformIds;
      if (platformId === undefined) return undefined;
      return await channel.react?.(
        account,
        { chat, platformId, ...(touch.reaction === undefined ? {} : { reaction: touch.reaction }) },
        signal,
      );
    }
    for (const receipt of platformIds.toReversed()) {
      const why = await channel.delete?.(account, { chat, receipt }, signal);
      if (why) return why;
    }
    return undefined;
  } catch (thrown) {
    account.log.error("channel-throw", { message: touched.message, cause: thrown });
    return faultOf(thrown);
  }
}
