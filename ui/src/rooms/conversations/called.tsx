import type { Schemas } from "../../api/client.ts";
import { Notice } from "../../parts/notice.tsx";
import { showHidden } from "../../words/hidden-text.ts";
import { calledBy } from "./team.ts";

/** Why a person was called, where somebody said so, and what it is about. */
export function Called({ handover }: { readonly handover: Schemas["Handover"] | undefined }) {
  if (!handover || (!handover.reason && !handover.summary)) return null;
  const who = calledBy(handover.by);
  return (
    <div className="border-line border-b px-4 py-2 md:px-6">
      <Notice tone="info" title={<span dir="auto">{handover.reason ? `${who}: ${showHidden(handover.reason)}` : who}</span>}>
        {handover.summary && (
          <p dir="auto" className="max-h-32 overflow-y-auto whitespace-pre-wrap break-words">
            {showHidden(handover.summary)}
          </p>
        )}
      </Notice>
    </div>
  );
}
