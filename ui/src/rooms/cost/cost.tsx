import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import Coins from "lucide-react/icons/coins";
import { lazy, Suspense } from "react";
import { meQuery } from "../../api/queries.ts";
import { Select } from "../../parts/field.tsx";
import { Figure } from "../../parts/figure.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Failed, Skeleton, SkeletonRows } from "../../parts/states.tsx";
import { usd } from "../../words/money.ts";
import { count, shortDayOf, useNow } from "../../words/time.ts";
import { words } from "../../words/words.ts";
import { Budgets } from "./budgets.tsx";
import { Calculator } from "./calculator.tsx";
import { CostTable } from "./cost-table.tsx";
import { type CostKey, costKeys, costQuery, daysOf, eachDay, forecastQuery, type Period, periods } from "./queries.ts";
import { WhatIf } from "./what-if.tsx";

const Chart = lazy(() => import("../../parts/chart.tsx").then((module) => ({ default: module.Chart })));

/** What models cost, what it may come to, and what may be spent. */
export function Cost() {
  const { data: me } = useSuspenseQuery(meQuery);
  const { period = "month", by = "model" } = useSearch({ from: "/inside/cost" });
  const navigate = useNavigate({ from: "/cost" });
  const choose = (next: { period?: Period; by?: CostKey }) => void navigate({ search: { period, by, ...next }, replace: true });
  // A minute is soon enough for the day to change.
  const now = Math.floor(useNow() / 60_000) * 60_000;
  const days = daysOf(period, now);
  const total = useQuery(costQuery("", days));
  return (
    <Page
      title={words.rooms.cost}
      lead={words.cost.lead}
      actions={
        <Select
          aria-label={words.cost.period}
          className="w-auto"
          value={period}
          onChange={({ target }) => choose({ period: target.value as Period })}
        >
          {periods.map((each) => (
            <option key={each} value={each}>
              {words.cost.periods[each]}
            </option>
          ))}
        </Select>
      }
    >
      {total.isPending && <SkeletonRows rows={2} />}
      {total.error && !total.data && <Failed error={total.error} retry={() => void total.refetch()} />}
      {total.data && (total.data[0]?.calls ?? 0) === 0 && (
        <Empty icon={<Coins />} title={words.cost.nothing}>
          {words.cost.nothingHint}
        </Empty>
      )}
      {total.data?.[0] && total.data[0].calls > 0 && (
        <>
          <Figures row={total.data[0]} />
          <Section>
            <PerDay days={days} />
          </Section>
          <CostTable by={by} keys={costKeys} days={days} onChoose={(next) => choose({ by: next })} />
          <WhatIf days={days} />
        </>
      )}
      <Calculator />
      <Budgets role={me.role} />
    </Page>
  );
}

interface FiguresProps {
  readonly row: {
    readonly calls: number;
    readonly failed: number;
    readonly unpriced: number;
    readonly input: number;
    readonly cachedInput: number;
    readonly output: number;
    readonly usd: number;
  };
}

function Figures({ row }: FiguresProps) {
  const { data } = useQuery(forecastQuery);
  const forecast = data?.forecast;
  return (
    <div className="grid gap-3">
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Figure name={words.cost.spent} value={usd(row.usd)} />
        <Figure
          name={words.cost.expected}
          value={forecast ? usd(forecast.expected) : "–"}
          hint={forecast ? words.cost.expectedHint(usd(forecast.low), usd(forecast.high), forecast.days) : words.cost.noForecast}
        />
        <Figure
          name={words.cost.tokens}
          value={count(row.input + row.output)}
          hint={words.cost.tokensHint(count(row.input), count(row.cachedInput), count(row.output))}
        />
        <Figure name={words.cost.calls} value={count(row.calls)} {...(row.failed > 0 && { hint: words.cost.failed(row.failed) })} />
      </dl>
      {row.unpriced > 0 && <Notice tone="warn" title={words.cost.unpriced(row.unpriced)} />}
    </div>
  );
}

function PerDay({ days }: { readonly days: { readonly from: string; readonly to: string } }) {
  const { data } = useQuery(costQuery("day", days));
  if (!data) return <Skeleton className="h-56" />;
  const spent = new Map(data.map(({ of, usd: amount }) => [of.day, amount]));
  const all = eachDay(days);
  return (
    <Suspense fallback={<Skeleton className="h-56" />}>
      <Chart
        title={words.cost.perDay}
        at={all.map((day) => Date.parse(day) / 1000)}
        series={[{ name: words.cost.perDay, values: all.map((day) => spent.get(day) ?? 0), as: "bars" }]}
        formatValue={usd}
        formatTime={shortDayOf}
      />
    </Suspense>
  );
}
