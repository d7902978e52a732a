import { useQuery } from "@tanstack/react-query";
import { Select } from "../../parts/field.tsx";
import { Section } from "../../parts/page.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { usd } from "../../words/money.ts";
import { count } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { type CostKey, costQuery } from "./queries.ts";

interface CostTableProps {
  readonly by: CostKey;
  readonly keys: readonly CostKey[];
  readonly days: { readonly from: string; readonly to: string };
  readonly onChoose: (by: CostKey) => void;
}

/** Money and tokens, counted by one thing, the most first. */
export function CostTable({ by, keys, days, onChoose }: CostTableProps) {
  const { data, error, isPending, refetch } = useQuery(costQuery(by === "model" ? "provider,model" : by, days));
  const most = Math.max(0, ...(data?.map((row) => row.usd) ?? []));
  const number = "px-4 py-2 text-right tabular-nums";
  return (
    <Section
      title={words.cost.by}
      flush
      aside={
        <Select
          aria-label={words.cost.by}
          className="h-8 w-auto text-row"
          value={by}
          onChange={({ target }) => onChoose(target.value as CostKey)}
        >
          {keys.map((key) => (
            <option key={key} value={key}>
              {words.cost.keys[key]}
            </option>
          ))}
        </Select>
      }
    >
      {isPending && <SkeletonRows rows={3} />}
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      {data && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section aria-label={words.cost.by} tabIndex={0} className="overflow-x-auto">
          <table className="w-full min-w-[34rem] text-row">
            <thead className="border-line border-b text-left text-faint text-meta">
              <tr>
                <th scope="col" className="px-4 py-2 font-medium">
                  {words.cost.keys[by]}
                </th>
                <th scope="col" className={`${number} font-medium`}>
                  {words.cost.spent}
                </th>
                <th scope="col" className="w-[22%] px-4 py-2 font-medium">
                  {words.cost.share}
                </th>
                <th scope="col" className={`${number} font-medium`}>
                  {words.cost.tokens}
                </th>
                <th scope="col" className={`${number} font-medium`}>
                  {words.cost.calls}
                </th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {data.map((row) => {
                const name = [row.of.provider, row.of[by]].filter(Boolean).join("/") || words.cost.none;
                return (
                  <tr key={name}>
                    <th scope="row" className="max-w-64 break-words px-4 py-2 text-left font-normal">
                      {name}
                    </th>
                    <td className={number}>{usd(row.usd)}</td>
                    <td className="px-4 py-2">
                      <meter aria-label={words.cost.share} className="cost-share" min={0} max={most || 1} value={row.usd} />
                    </td>
                    <td className={number}>{count(row.input + row.output)}</td>
                    <td className={number}>{count(row.calls)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
    </Section>
  );
}
