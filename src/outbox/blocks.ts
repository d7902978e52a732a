import type { Clock } from "../core/clock.ts";
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
  let running: Promise<void> | undefined;
  let over = false;

  /** Sends what ends at `end`, once there is enough of it. */
  function offer(end: number, enough: number): void {
    const said = text.slice(sent.length, end);
    if (over || running || said.trim().length < enough || clock.elapsed() < nextAt || !text.startsWith(sent)) return;
    const replyTo = sent === "" ? of.replyTo : undefined;
    // Buttons come with the end of an answer: no token needs the message, which doesn't exist yet.
    const contents = planDeliveries([textPart(said, "markdown")], channel, "" as MessageId, replyTo);
    if (contents.length === 0) return;
    nextAt = clock.elapsed() + everyMs;
    running = store
      .sayBlock(lease, turn, { said, deliveries: contents.map((content) => ({ content, onUnknown })), at: clock.now() })
      .then((written) => {
        over ||= !written.ok;
        if (!written.ok) return;
        sent += said;
        tell(written.value, turn.conversation);
        wake(account.id, turn.conversation);
      })
      .catch((cause: unknown) => {
        // Whether it is stored is found out when the turn ends.
        over = true;
        account.log.warn("block-fail", { cause });
      })
      .finally(() => {
        running = undefined;
      });
  }

  return {
    hear(event) {
      if (event.type === "turn-tool" && event.state === "running") offer(text.length, 1);
      else if (event.type === "turn-restart") text = "";
      else if (event.type === "turn-text") {
        text += event.delta;
        if (text.length - sent.length > least && clock.elapsed() >= nextAt)
          offer(sent.length + lastBlockStart(text.slice(sent.length)), least);
      }
    },
    said: () => sent,
    async close() {
      over = true;
      await running;
      return text;
    },
  };
}
