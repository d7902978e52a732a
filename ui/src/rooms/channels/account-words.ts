import type { Schemas } from "../../api/client.ts";
import type { BadgeTone } from "../../parts/state-badge.tsx";

export const accountTone: { readonly [state in Schemas["Account"]["state"]]: BadgeTone } = {
  starting: "busy",
  ready: "good",
  retrying: "warn",
  refused: "bad",
  paused: "calm",
};
