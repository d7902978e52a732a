import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { countsQuery, findingsQuery } from "../../api/queries.ts";
import { Notice } from "../../parts/notice.tsx";
import { count } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { findingTitle } from "../findings/finding-words.ts";

/** How much there is, and how much is under way. */
export function Numbers() {
  const { data } = useQuery(countsQuery);
  if (!data) return null;
  const numbers = [
    [words.numbers.messages, data.messages],
    [words.numbers.conversations, data.conversations],
    [words.numbers.answering, data.events.running],
    [words.numbers.queued, data.events.queued],
    [words.numbers.sending, data.deliveries.queued + data.deliveries.sending],
  ] as const;
  return (
    <dl className="flex flex-wrap gap-x-5 gap-y-1 text-row">
      {numbers.map(([label, value]) => (
        <div key={label(2)} className="flex items-baseline gap-1.5">
          <dt className="order-2 text-faint">{label(value)}</dt>
          <dd className="tabular font-semibold">{count(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The gravest finding, and the way to the others. */
export function FirstFindings() {
  const { data = [] } = useQuery(findingsQuery);
  const first = data.find((finding) => finding.severity === "error") ?? data[0];
  if (!first) return null;
  return (
    <Notice
      tone={first.severity === "error" ? "bad" : "warn"}
      title={findingTitle(first)}
      actions={
        data.length > 1 && (
          <Link to="/findings" className="font-medium text-row underline underline-offset-2">
            {words.findings.all(data.length)}
          </Link>
        )
      }
    >
      {first.hint}
    </Notice>
  );
}
