import type { Schemas } from "../../api/client.ts";
import type { ApiFault } from "../../api/fault.ts";
import { Notice } from "../../parts/notice.tsx";
import { words } from "../../words/words.ts";

/** What the platform said: who we are there, or why it refused and what to do. */
export function ProbeResult({
  identity,
  fault,
}: {
  readonly identity: Schemas["Identity"] | undefined;
  readonly fault: ApiFault | undefined;
}) {
  if (fault) {
    return (
      <Notice tone="bad" live title={fault.message}>
        {fault.hint}
      </Notice>
    );
  }
  if (identity) {
    return (
      <Notice tone="good" live title={words.channels.connected(identity.name)}>
        {words.channels.connectedId(identity.id)}
      </Notice>
    );
  }
  return null;
}
