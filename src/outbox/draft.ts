import type { Cancel, Clock } from "../core/clock.ts";
import type { DeliveryContent } from "../core/delivery.ts";
import type { TurnStore } from "../core/store.ts";
import { type BlockDoor, openBlocks } from "./blocks.ts";
import { type Draft, type DraftOf, waysOf } from "./draft-ways.ts";
import type { Gate } from "./gate.ts";
import type { Pace } from "./pace.ts";
import { renderDraft } from "./render.ts";

export interface DraftDoor extends BlockDoor {
  readonly store: TurnStore;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly gate: Gate;
}

/** Milliseconds after the first words: an answer that is whole by then needs no draft. */
const firstMs = 120;
/** What is under way when the answer is whole may take so long: an edit that came later would stand over the answer. */
const graceMs = 2_000;

/**
 * Shows an answer while it is written, no more often than the platform likes, in the first of the ways that works.
 * Failures end the draft, never the turn. Nothing where the channel has no way, or none is wanted.
 */
export function openDraft(door: DraftDoor, of: DraftOf): Draft | undefined {
  const { clock, pace, gate } = door;
  const { turn, channel, account } = of;
  if (of.streaming === "blocks") return openBlocks(door, of);
  const ways = waysOf(door, of);
  if (ways.length === 0) return undefined;
  const aborter = new AbortController();
  let text = "";
  /** The text when it was last looked at, what was shown of it, and when. */
  let looked = "";
  let shown: DeliveryContent | undefined;
  let shownAt = 0;
  let nextAt: number | undefined;
  let timer: { readonly at: number; readonly cancel: Cancel } | undefined;
  let running: Promise<void> | undefined;
  let over = false;
  let standing = false;

  function dueAt(): number | undefined {
    if (text !== looked) return nextAt;
    const againMs = ways[0]?.againMs;
    return againMs === undefined || !shown ? undefined : shownAt + againMs;
  }

  function schedule(): void {
    if (over || running) return;
    const at = dueAt();
    if (at === undefined || (timer && timer.at <= at)) return;
    timer?.cancel();
    timer = undefined;
    const waitMs = Math.max(0, at - clock.elapsed());
    if (waitMs === 0) start();
    else timer = { at, cancel: clock.after(waitMs, start) };
  }

  function start(): void {
    timer = undefined;
    if (over || running) return;
    running = show()
      .catch((cause: unknown) => {
        over = true;
        account.log.warn("draft-fail", { cause });
      })
      .finally(() => {
        running = undefined;
        schedule();
      });
  }

  async function show(): Promise<void> {
    const way = ways[0];
    if (!way) return;
    const soFar = text;
    const { content, full } = renderDraft(soFar, channel);
    // Where a message that is full will be cut is known at the end: what was shown until then stays.
    const next = full && shown ? shown : content;
    const stale = way.againMs !== undefined && clock.elapsed() - shownAt >= way.againMs;
    if (next.text.trim() === "" || (next.text === shown?.text && !stale)) {
      looked = soFar;
      return;
    }
    const waitMs = mustWait();
    if (waitMs > 0) {
      nextAt = clock.elapsed() + waitMs;
      return;
    }
    const outcome = await way.show(next, aborter.signal);
    nextAt = clock.elapsed() + (typeof outcome === "number" ? Math.max(outcome, way.everyMs) : way.everyMs);
    if (outcome === "shown") {
      looked = soFar;
      shown = next;
      standing = way.againMs === undefined;
      shownAt = clock.elapsed();
    } else if (outcome === "over") {
      ways.shift();
      nextAt = clock.elapsed();
      over ||= ways.length === 0;
    }
  }

  function mustWait(): number {
    // A draft is no reason to ask a platform that fails, or asked to wait: the answer itself will.
    if (!gate.clear(account.id, turn.conversation)) return ways[0]?.everyMs ?? 0;
    // The conversation's own pace is that of its way; its next message is not to wait for a draft.
    const rate = { account: channel.limits.rate.account, conversation: Number.POSITIVE_INFINITY };
    return pace.take(account.id, turn.conversation, rate).waitMs;
  }

  return {
    hear(event) {
      if (event.type === "turn-text") text += event.delta;
      else if (event.type === "turn-restart") text = "";
      else return;
      if (text === "") return;
      nextAt ??= clock.elapsed() + firstMs;
      schedule();
    },
    said: () => of.said,
    // A preview vanishes: nothing of it stands.
    standing: () => (standing ? shown : undefined),
    async close() {
      over = true;
      timer?.cancel();
      const giveUp = clock.after(graceMs, () => aborter.abort());
      await running;
      giveUp();
      return text;
    },
  };
}
