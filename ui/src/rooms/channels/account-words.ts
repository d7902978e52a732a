import type { Schemas } from "../../api/client.ts";
import type { BadgeTone } from "../../parts/state-badge.tsx";

export const accountTone: { readonly [state in Schemas["Account"]["state"]]: BadgeTone } = {
  starting: "busy",
  ready: "good",
  retrying: "warn",
  refused: "bad",
  paused: "calm",
};

const rank = { viewer: 0, operator: 1, admin: 2, owner: 3 } as const;

/** Whether the role allows what the lower one asks for; the server decides, this only spares the viewer a refusal. */
export function atLeast(role: Schemas["Role"], asked: Schemas["Role"]): boolean {
  return rank[role] >= rank[asked];
}
