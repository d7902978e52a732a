import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client.ts";
import { Select } from "../../parts/field.tsx";
import { Section } from "../../parts/page.tsx";
import { count, duration } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { type AnalyticsKey, type AnalyticsPeriod, analyticsKeys } from "./choice.ts";
import { share } from "./rates.ts";

type Group = Schemas["Analytics"]["groups"][number];
type Column = keyof typeof words.analytics.columns;

const cells: { readonly [column in Column]: (group: Group) => string } = {
  received: ({ received }) => count(received),
  turns: ({ turns }) => count(turns),
  answered: ({ answered, turns }) => share(answered, turns),
  resolved: ({ resolved, periods }) => share(resolved, periods),
  handed: ({ handed, periods }) => share(handed, periods),
  reopened: ({ reopened, periods }) => share(reopened, periods),
  p50: ({ p50 }) => (p50 === undefined ? "–" : duration(p50)),
  p95: ({ p95 }) => (p95 === undefined ? "–" : duration(p95)),
  failed: ({ failed }) => count(failed),
};

interface GroupsProps {
  readonly by: AnalyticsKey;
  readonly period: AnalyticsPeriod;
  readonly groups: readonly Group[];
  readonly onChoose: (by: AnalyticsKey) => void;
}

/** The same figures side by side; a name leads to those of it alone. */
export function Groups({ by, period, groups, onChoose }: GroupsProps) {
  // A message has no agent when it comes.
  const columns = (Object.keys(cells) as Column[]).filter((column) => column !== (by === "agent" ? "received" : "turns"));
  return (
    <Section
      title={words.analytics.by}
      flush
      aside={
        <Select
          aria-label={words.analytics.by}
          className="h-8 w-auto text-row"
          value={by}
          onChange={({ target }) => onChoose(target.value as AnalyticsKey)}
        >
          {analyticsKeys.map((key) => (
            <option key={key} value={key}>
              {words.analytics.keys[key]}
            </option>
          ))}
        </Select>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section aria-label={words.analytics.by} tabIndex={0} className="overflow-x-auto">
        <table className="w-full min-w-[48rem] text-row">
          <thead className="whitespace-nowrap border-line border-b text-left text-faint text-meta">
            <tr>
              <th scope="col" className="px-4 py-2 font-medium">
                {words.analytics.keys[by]}
              </th>
              {columns.map((column) => (
                <th key={column} scope="col" className="px-3 py-2 text-right font-medium last:pr-4">
                  {words.analytics.columns[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {groups.map((group) => (
              <tr key={group.of}>
                <th scope="row" className="max-w-64 break-words px-4 py-2 text-left font-normal">
                  <Link
                    to="/analytics"
                    search={{ period, by, only: by, name: group.of }}
                    className="text-accent underline-offset-2 hover:underline"
                  >
                    {group.of}
                  </Link>
                </th>
                {columns.map((column) => (
                  <td key={column} className="px-3 py-2 text-right tabular-nums last:pr-4">
                    {cells[column](group)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Section>
  );
}
