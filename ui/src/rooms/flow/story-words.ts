import type { Schemas } from "../../api/client.ts";
import type { BadgeTone } from "../../parts/state-badge.tsx";

export const storyTone: { readonly [state in Schemas["EventState"]]: BadgeTone } = {
  queued: "calm",
  running: "busy",
  done: "good",
  ignored: "calm",
  failed: "bad",
  cancelled: "warn",
};
