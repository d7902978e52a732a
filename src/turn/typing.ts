import type { Account, Channel } from "../core/channel.ts";
import type { Cancel } from "../core/clock.ts";
import type { PlatformEvent } from "../core/event.ts";

/** Where messages go out while it is shown, each takes it away. */
const betweenBlocksMs = 4_500;

/**
 * Shows that an answer is being made, as often as the platform forgets it, until the returned function is called. `inBlocks`: parts of
 * the answer are sent meanwhile.
 */
export function showTyping(channel: Channel, account: Account, event: PlatformEvent, inBlocks: boolean): () => void {
  const { typingEvery } = channel.limits;
  if (!channel.typing || typingEvery === undefined) return () => {};
  const everyMs = inBlocks ? Math.min(typingEvery, betweenBlocksMs) : typingEvery;
  const aborter = new AbortController();
  let cancel: Cancel | undefined;
  const show = () => {
    channel.typing?.(account, event.chat, aborter.signal, event).catch((cause: unknown) => account.log.debug("typing-fail", { cause }));
    cancel = account.clock.after(everyMs, show);
  };
  show();
  return () => {
    cancel?.();
    aborter.abort();
  };
}
