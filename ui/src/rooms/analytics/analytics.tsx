import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import ChartColumn from "lucide-react/icons/chart-column";
import { lazy, Suspense } from "react";
import type { Schemas } from "../../api/client.ts";
import { Select } from "../../parts/field.tsx";
import { Figure } from "../../parts/figure.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Empty, Failed, Skeleton, SkeletonRows } from "../../parts/states.tsx";
import { count, duration, shortDayOf, useNow } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { Alerts } from "./alerts.tsx";
import { type AnalyticsChoice, type AnalyticsPeriod, analyticsPeriods } from "./choice.ts";
import { Groups } from "./groups.tsx";
import { Heat } from "./heat.tsx";
import { analyticsQuery, zone } from "./queries.ts";
import { share } from "./rates.ts";

const Chart = lazy(() => import("../../parts/chart.tsx").then((module) => ({ default: module.Chart })));

type Answer = Schemas["Analytics"];

/** How conversations went. */
export function Analytics() {
  const choice = useSearch({ from: "/inside/analytics" });
  const { period = "days30", by = "account", only, name } = choice;
  const navigate = useNavigate({ from: "/analytics" });
  const choose = (next: AnalyticsChoice) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  // A minute is soon enough for the day to change.
  const now = Math.floor(useNow() / 60_000) * 60_000;
  const { data, error, isPending, refetch } = useQuery(analyticsQuery(choice, now));
  const { total } = data ?? {};
  const quiet = total && total.received + total.turns + total.people + total.failed + total.periods === 0;
  return (
    <Page
      title={words.rooms.analytics}
      lead={words.analytics.lead(zone)}
      actions={
        <Select
          aria-label={words.analytics.period}
          className="w-auto"
          value={period}
          onChange={({ target }) => choose({ period: target.value as AnalyticsPeriod })}
        >
          {analyticsPeriods.map((each) => (
            <option key={each} value={each}>
              {words.analytics.periods[each]}
            </option>
          ))}
        </Select>
      }
    >
      {only && name !== undefined && (
        <p className="flex flex-wrap items-center gap-x-3">
          <span className="font-medium">{words.analytics.only(wordFor(words.analytics.keys, only), name)}</span>
          <Link to="/analytics" search={{ period, by }} className="text-accent text-row underline-offset-2 hover:underline">
            {words.analytics.all}
          </Link>
        </p>
      )}
      {isPending && <SkeletonRows rows={4} />}
      {error && !data && <Failed error={error} retry={() => void refetch()} />}
      {data?.behind && <Notice tone="info" title={words.analytics.behind} />}
      {quiet && !data?.behind && (
        <Empty icon={<ChartColumn />} title={words.analytics.nothing}>
          {words.analytics.nothingHint}
        </Empty>
      )}
      {data && !quiet && (
        <>
          <Figures total={data.total} ofAgent={only === "agent"} />
          <Section>
            <Days days={data.days} ofAgent={only === "agent"} />
          </Section>
          {only !== "agent" && <Heat hours={data.hours} />}
          <Groups by={by} period={period} groups={data.groups} onChoose={(next) => choose({ by: next })} />
        </>
      )}
      <Alerts />
    </Page>
  );
}

/** A message has no agent when it comes, and people's have none: an agent's figures are without them. */
function Figures({ total, ofAgent }: { readonly total: Answer["total"]; readonly ofAgent: boolean }) {
  const { periods, p50, p95 } = total;
  const ended = periods === 0 ? words.analytics.noPeriods : words.analytics.ofPeriods(periods, count(periods));
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {!ofAgent && <Figure name={words.analytics.received} value={count(total.received)} />}
      <Figure
        name={words.analytics.answered}
        value={share(total.answered, total.turns)}
        hint={words.analytics.answeredHint(count(total.answered), count(total.turns))}
      />
      <Figure
        name={words.analytics.wait}
        value={p50 === undefined ? "–" : duration(p50)}
        hint={p95 === undefined ? words.analytics.noWait : words.analytics.waitHint(duration(p95))}
      />
      <Figure name={words.analytics.failed} value={count(total.failed)} hint={words.analytics.failedHint} />
      <Figure name={words.analytics.resolved} value={share(total.resolved, periods)} hint={ended} />
      <Figure name={words.analytics.handed} value={share(total.handed, periods)} />
      <Figure name={words.analytics.reopened} value={share(total.reopened, periods)} hint={words.analytics.reopenedHint} />
      {!ofAgent && <Figure name={words.analytics.people} value={count(total.people)} />}
    </dl>
  );
}

function Days({ days, ofAgent }: { readonly days: Answer["days"]; readonly ofAgent: boolean }) {
  const at = days.map(({ day }) => Date.parse(day) / 1000);
  const waits = (of: "p50" | "p95") => days.map((day) => day[of] ?? null);
  const came = ofAgent
    ? { name: words.analytics.columns.turns, values: days.map(({ turns }) => turns), as: "bars" as const }
    : { name: words.analytics.columns.received, values: days.map(({ received }) => received), as: "bars" as const };
  return (
    <Suspense fallback={<Skeleton className="h-56" />}>
      <div className="grid gap-6">
        <Chart
          title={words.analytics.perDay}
          at={at}
          series={[came, { name: words.analytics.columns.answered, values: days.map(({ answered }) => answered), as: "line" }]}
          formatValue={count}
          formatTime={shortDayOf}
        />
        <Chart
          title={words.analytics.waitPerDay}
          at={at}
          series={[
            { name: words.analytics.p50, values: waits("p50"), as: "line" },
            { name: words.analytics.p95, values: waits("p95"), as: "dashed" },
          ]}
          formatValue={duration}
          formatTime={shortDayOf}
        />
      </div>
    </Suspense>
  );
}
