import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import CircleCheck from "lucide-react/icons/circle-check";
import type { Schemas } from "../../api/client.ts";
import { findingsQuery } from "../../api/queries.ts";
import { buttonLook } from "../../parts/button.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Failed, SkeletonRows } from "../../parts/states.tsx";
import { withCode } from "../../parts/with-code.tsx";
import { words } from "../../words/words.ts";
import { accountOf, findingTitle } from "./finding-words.ts";

/** What somebody should act on; nothing else is listed. */
export function Findings() {
  const { data, error, isPending, refetch } = useQuery(findingsQuery);
  const sorted = data?.toSorted((one, other) => Number(other.severity === "error") - Number(one.severity === "error"));
  return (
    <Page title={words.rooms.findings} lead={words.findings.lead} width="narrow">
      {isPending && <SkeletonRows rows={3} />}
      {error && <Failed error={error} retry={() => void refetch()} />}
      {sorted?.length === 0 && (
        <Empty icon={<CircleCheck />} title={words.findings.none}>
          {words.findings.noneHint}
        </Empty>
      )}
      {sorted && sorted.length > 0 && (
        <ul className="grid gap-3">
          {sorted.map((finding) => (
            <li key={`${finding.code} ${finding.subject}`}>
              <Notice
                tone={finding.severity === "error" ? "bad" : "warn"}
                title={findingTitle(finding)}
                actions={<Way finding={finding} />}
              >
                <p>{withCode(finding.hint)}</p>
                <p className="mt-1 font-mono text-faint text-meta">
                  {finding.code} · {finding.subject}
                </p>
              </Notice>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

/** Where in the app the finding can be acted on, if it can. */
function Way({ finding }: { readonly finding: Schemas["Finding"] }) {
  const look = buttonLook({ size: "small" });
  const account = accountOf(finding);
  if (account) {
    return (
      <Link to="/channels/$id" params={{ id: account }} className={look}>
        {words.findings.openAccount}
      </Link>
    );
  }
  if (finding.subject.startsWith("dl_") || finding.subject === "deliveries") {
    return (
      <Link to="/queue" className={look}>
        {words.findings.openQueue}
      </Link>
    );
  }
  return null;
}
