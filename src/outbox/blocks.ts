import type { Cancel, Clock } from "../core/clock.ts";
import type { AccountId, ConversationId, MessageId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { lastBlockStart } from "../core/markdown.ts";
import { textPart } from "../core/message.ts";
import type { TurnStore } from "../core/store.ts";
import type { Draft, DraftOf } from "./draft-ways.ts";
import { planDeliveries } from "./render.ts";

export interface BlockDoor {
  readonly store: TurnStore;
  readonly clock: Clock;
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
  readonly wake: (account: AccountId, conversation: ConversationId) => void;
}

/** Letters that a message of its own should have at least: a heading goes with its text, short paragraphs go together. */
const least = 200;
const leastEveryMs = 1_000;
/** After a look that found nothing finished: a long block isn't read anew with each of its words. */
const lookMs = 250;

/**
 * Finished paragraphs of an answer go out while the rest is written. A paragraph, list, table or block of code is finished
 * when the next one has begun, or when the model turns to its tools. Each is stored before it is sent, and leaves through
 * the conversation's lane like any delivery: in its order, at its pace, and not at all after a takeover.
 */
export function openBlocks({ store, clock, tell, wake }: BlockDoor, of: DraftOf): Draft {
  const { lease, turn, channel, account, chat, onUnknown } = of;
  const everyMs = Math.max(leastEveryMs, channel.limits.editEvery?.[chat.kind] ?? 1_000 / channel.limits.rate.conversation);
  let text = of.resumed ?? "";
  /** What went out, with earlier tries: the beginning of the text. */
  let sent = of.said ?? "";
  let nextAt = 0;
  let timer: Cancel | undefined;
  let running: Promise<void> | undefined;
  let over = false;

  const finished = () => sent.length + lastBlockStart(text.slice(sent.length));

  /** Sends what ends at `end`, if there is enough of it, as soon as its time has come. */
  function offer(end: () => number, enough: number): void {
    if (over || text.length - sent.length < enough || !text.startsWith(sent)) return;
    const waitMs = nextAt - clock.elapsed();
    if (running || waitMs > 0) {
      timer ??= clock.after(Math.max(1, waitMs), () => {
        timer = undefined;
        offer(finished, least);
      });
      return;
    }
    running = send(end, enough)
      .catch((cause: unknown) => {
        // Whether it is stored is found out when the turn ends.
        over = true;
        account.log.warn("block-fail", { cause });
      })
      .finally(() => {
        running = undefined;
      });
  }

  async function send(end: () => number, enough: number): Promise<void> {
    const said = text.slice(sent.length, end());
    nextAt = clock.elapsed() + lookMs;
    if (said.trim().length < enough) return;
    // Buttons come with the end of an answer: no token needs the message, which doesn't exist yet.
    const replyTo = sent === "" ? of.replyTo : undefined;
    const deliveries = planDeliveries([textPart(said, "markdown")], channel, "" as MessageId, replyTo);
    if (deliveries.length === 0) return;
    nextAt = clock.elapsed() + everyMs;
    const block = { said, deliveries: deliveries.map((content) => ({ content, onUnknown })), at: clock.now() };
    const written = await store.sayBlock(lease, turn, block);
    over ||= !written.ok;
    if (!written.ok) return;
    sent += said;
    tell(written.value, turn.conversation);
    wake(account.id, turn.conversation);
  }

  return {
    hear(event) {
      if (event.type === "turn-tool" && event.state === "running") offer(() => text.length, 1);
      else if (event.type === "turn-restart") text = "";
      else if (event.type === "turn-text") {
        text += event.delta;
        offer(finished, least);
      }
    },
    said: () => sent,
    standing: () => undefined,
    async close() {
      over = true;
      timer?.();
      await running;
      return text;
    },
  };
}
