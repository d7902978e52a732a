import type { Schemas } from "../../api/client.ts";
import type { BadgeTone } from "../../parts/state-badge.tsx";
import { words } from "../../words/words.ts";

interface Story {
  readonly state: Schemas["EventState"];
  readonly delivery?: Schemas["DeliveryState"] | undefined;
}

const storyTone: { readonly [state in Story["state"]]: BadgeTone } = {
  queued: "calm",
  running: "busy",
  done: "good",
  ignored: "calm",
  failed: "bad",
  cancelled: "warn",
};

export const deliveryTone: { readonly [state in Schemas["DeliveryState"]]: BadgeTone } = {
  streaming: "busy",
  queued: "calm",
  sending: "busy",
  sent: "good",
  unknown: "warn",
  failed: "bad",
  dead: "bad",
  dropped: "calm",
};

/** A message counts as answered once its answer has arrived: until then it is what became of that. */
export function storyBadge({ state, delivery }: Story): { readonly tone: BadgeTone; readonly children: string } {
  if (state !== "done" || delivery === undefined || delivery === "sent")
    return { tone: storyTone[state], children: words.storyStates[state] };
  return { tone: deliveryTone[delivery], children: words.answerStates[delivery] };
}

/** From what is well to what needs somebody most, as the API has it for stories. */
const badness = ["sent", "streaming", "sending", "queued", "dropped", "unknown", "dead", "failed"] as const;

export function worstDelivery(deliveries: readonly Pick<Schemas["Delivery"], "state">[]): Story["delivery"] {
  return badness.findLast((state) => deliveries.some((delivery) => delivery.state === state));
}
