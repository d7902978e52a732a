import type { Cancel, Clock } from "../core/clock.ts";
import type { ConversationId } from "../core/ids.ts";

/** The next conversations of one account that wait for a place, first come first served, and those that wait for their pace. */
export interface Line {
  /** Goes to the end, unless it stands there already. */
  stand(conversation: ConversationId): void;
  /** Is woken in `ms`. `paced`: it keeps a place of the account meanwhile. */
  later(conversation: ConversationId, ms: number, paced: boolean): void;
  /** It came, as it was called or by itself. */
  came(conversation: ConversationId): void;
  /** Its turn came. */
  leave(conversation: ConversationId): void;
  /** Calls that nobody followed since the last time are void: that lane had nothing to do any more. */
  forgetCalls(): void;
  /** Wakes as many as there are places. */
  pump(): void;
  /** Wakes them in `ms`; one alarm at a time, the last counts. */
  alarm(ms: number): void;
  /** Places that are kept: for who waits for its pace, and for who was called and is on its way. */
  readonly kept: number;
  readonly length: number;
  /** So many that nobody needs to look for more. */
  readonly enough: boolean;
}

interface LineDoor {
  readonly wake: (conversation: ConversationId) => void;
  readonly look: () => void;
  readonly free: () => number;
}

/** The others wait in the store: what is remembered doesn't grow with what waits. */
const most = 1_000;
const few = most / 4;

export function createLine(clock: Clock, { wake, look, free }: LineDoor): Line {
  const standing = new Set<ConversationId>();
  const timers = new Map<ConversationId, { readonly cancel: Cancel; readonly paced: boolean }>();
  /** Woken, and not here yet; true from the second look on. */
  const called = new Map<ConversationId, boolean>();
  let paced = 0;
  /** There are more in the store than fit in. */
  let more = false;
  let alarm: Cancel | undefined;

  function drop(conversation: ConversationId): void {
    const timer = timers.get(conversation);
    if (!timer) return;
    timer.cancel();
    timers.delete(conversation);
    if (timer.paced) paced -= 1;
  }

  function full(): boolean {
    if (standing.size + timers.size < most) return false;
    more = true;
    return true;
  }

  function pump(): void {
    for (let places = free(); places > 0; places--) {
      const [next] = standing;
      if (next === undefined) break;
      standing.delete(next);
      called.set(next, false);
      wake(next);
    }
    if (more && standing.size + timers.size < few && free() > 0) {
      more = false;
      look();
    }
  }

  return {
    stand(conversation) {
      if (!standing.has(conversation) && !full()) standing.add(conversation);
    },
    later(conversation, ms, keepsPlace) {
      drop(conversation);
      if (full()) return;
      const cancel = clock.after(ms, () => {
        drop(conversation);
        wake(conversation);
      });
      timers.set(conversation, { cancel, paced: keepsPlace });
      if (keepsPlace) paced += 1;
    },
    came: (conversation) => void called.delete(conversation),
    leave(conversation) {
      standing.delete(conversation);
      drop(conversation);
    },
    forgetCalls() {
      for (const [conversation, old] of called) {
        if (old) called.delete(conversation);
        else called.set(conversation, true);
      }
    },
    pump,
    alarm(ms) {
      alarm?.();
      alarm = clock.after(Math.max(0, ms), () => {
        alarm = undefined;
        if (standing.size === 0) look();
        else pump();
      });
    },
    get kept() {
      return paced + called.size;
    },
    get length() {
      return standing.size + timers.size + called.size;
    },
    get enough() {
      return standing.size + timers.size >= few;
    },
  };
}
