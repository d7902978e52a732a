import type { Channel } from "./channel.ts";
import type { DeliveryContent, OnUnknown } from "./delivery.ts";

/** A content as it waits to be sent, with what becomes of it when nobody knows whether it was. */
export interface Planned {
  readonly content: DeliveryContent;
  readonly onUnknown: OnUnknown;
}

/** `onUnknown`: what the account says. Where the platform drops repeats of words only, files are the operator's to decide. */
export function planned(
  contents: readonly DeliveryContent[],
  { channel, onUnknown }: { readonly channel: Pick<Channel, "idempotent">; readonly onUnknown: OnUnknown },
): readonly Planned[] {
  return contents.map((content) => ({ content, onUnknown: channel.idempotent === "words" && !content.file ? "repeat" : onUnknown }));
}
