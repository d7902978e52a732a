import type { Clock } from "../core/clock.ts";
import type { Conversation } from "../core/conversation.ts";
import type { CutOff } from "../core/cut-off.ts";
import type { ConversationId, TenantId } from "../core/ids.ts";
import { type Live, tellControl } from "../core/live.ts";
import type { QueuedEvent } from "../core/store.ts";
import type { Control } from "../core/terms.ts";
import type { TurnEvent } from "../core/turn.ts";

/**
 * Turns that run now, so that a takeover, or a message that interrupts, stops them at once. Nothing depends on it: the
 * store refuses an answer after a takeover anyway, and a message whose news got lost is simply next.
 */
export interface RunningTurns {
  /** `interrupted` is asked whenever a message arrives meanwhile. */
  add(conversation: ConversationId, cut: CutOff, interrupted?: () => Promise<boolean>): void;
  remove(conversation: ConversationId): void;
  /** Whether the turn that runs there, and `others`, are over within a while. */
  quiet(conversation: ConversationId, others: Promise<unknown>): Promise<boolean>;
  /** Another process may have changed who speaks. */
  look(conversation: (id: ConversationId) => Promise<Conversation | undefined>): void;
  /** What the turn tells whoever watches. */
  watch(event: TurnEvent, of: Pick<QueuedEvent, "conversation" | "channel">): void;
  /** Who speaks in a conversation has changed. */
  controlled(conversation: Conversation): void;
}

/** A platform that takes longer is said to do so. */
const patienceMs = 5_000;

interface RunningTurn {
  readonly cut: CutOff;
  readonly interrupted: (() => Promise<boolean>) | undefined;
  readonly over: PromiseWithResolvers<void>;
}

export function runningTurns(live: Live, tenant: TenantId, clock: Clock): RunningTurns {
  const running = new Map<ConversationId, RunningTurn>();

  const controlled = (conversation: ConversationId, control: Control) => {
    if (control !== "agent") running.get(conversation)?.cut.abort(control === "human" ? "control-human" : "control-paused");
  };
  live.subscribe(tenant, ["control"], ({ control, conversation }) => controlled(conversation, control));
  live.subscribe(tenant, ["message"], ({ conversation, message }) => {
    const turn = message.direction === "in" ? running.get(conversation) : undefined;
    if (!turn?.interrupted) return;
    turn.interrupted().then(
      (yes) => yes && turn.cut.abort("interrupted"),
      // The store can't be asked now; the message waits in it.
      () => {},
    );
  });

  return {
    add: (conversation, cut, interrupted) => void running.set(conversation, { cut, interrupted, over: Promise.withResolvers() }),
    remove(conversation) {
      running.get(conversation)?.over.resolve();
      running.delete(conversation);
    },
    look(find) {
      for (const id of running.keys()) {
        find(id).then(
          (now) => now && controlled(id, now.control),
          // The store can't be asked now; it refuses the answer anyway.
          () => {},
        );
      }
    },
    quiet(conversation, others) {
      return new Promise((resolve) => {
        const giveUp = clock.after(patienceMs, () => resolve(false));
        void Promise.all([running.get(conversation)?.over.promise, others]).then(() => {
          giveUp();
          resolve(true);
        });
      });
    },
    watch: (event, { conversation, channel }) => live.publish(tenant, { type: "turn", event, conversation: conversation.id, channel }),
    controlled: (conversation) => tellControl(live, conversation),
  };
}
