import type { Account, Channel } from "../core/channel.ts";
import type { Cancel } from "../core/clock.ts";
import type { PlatformEvent } from "../core/event.ts";

/** Shows that an answer is being made, as often as the platform forgets it, until the returned function is called. */
export function showTyping(channel: Channel, account: Account, event: PlatformEvent): () => void {
  const everyMs = channel.limits.typingEvery;
  if (!channel.typing || everyMs === undefined) return () => {};
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
