import type { Schemas } from "../api/client.ts";

const rank = { viewer: 0, operator: 1, admin: 2, owner: 3 } as const;

/** Whether the role allows what the lower one asks for; the server decides, this only spares the viewer a refusal. */
export function atLeast(role: Schemas["Role"], asked: Schemas["Role"]): boolean {
  return rank[role] >= rank[asked];
}
