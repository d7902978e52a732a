import "uplot/dist/uPlot.min.css";
import Table from "lucide-react/icons/table";
import { useEffect, useId, useRef, useState } from "react";
import uPlot from "uplot";
import { useTheme } from "../shell/theme.ts";
import { words } from "../words/words.ts";
import { Button } from "./button.tsx";

export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly as: "bars" | "line" | "dashed";
}

interface ChartProps {
  readonly title: string;
  /** Seconds since 1970, growing. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  readonly formatValue: (value: number) => string;
  readonly formatTime: (ms: number) => string;
}

const height = 220;

/**
 * Figures over time. Its series differ by form (bars, a line, a dashed line), not by colour alone, and the same figures stand
 * in a table one press away.
 */
export function Chart(props: ChartProps) {
  const { title, at, series, formatValue, formatTime } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <figure className="grid gap-2" aria-labelledby={id}>
      <figcaption className="flex flex-wrap items-center justify-between gap-2">
        <span id={id} className="font-medium text-row">
          {title}
        </span>
        <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
          {series.length > 1 && series.map((one) => <Sign key={one.name} series={one} />)}
          <Button size="small" look="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            <Table aria-hidden />
            {words.chart.table}
          </Button>
        </span>
      </figcaption>
      {asTable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section aria-label={title} tabIndex={0} className="max-h-80 overflow-auto rounded-control border border-line">
          <table className="w-full text-row tabular-nums">
            <thead className="sticky top-0 bg-sunken text-left">
              <tr>
                <th scope="col" className="px-3 py-1.5 font-medium">
                  {words.chart.time}
                </th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" className="px-3 py-1.5 text-right font-medium">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {at.map((second, row) => (
                <tr key={second} className="border-line border-t">
                  <th scope="row" className="px-3 py-1 text-left font-normal">
                    {formatTime(second * 1000)}
                  </th>
                  {series.map(({ name, values }) => (
                    <td key={name} className="px-3 py-1 text-right">
                      {values[row] === null || values[row] === undefined ? "–" : formatValue(values[row])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        <Drawing {...props} />
      )}
    </figure>
  );
}

/** How a series is drawn, and its name. */
function Sign({ series: { name, as } }: { readonly series: Series }) {
  return (
    <span className="inline-flex items-center gap-1.5 text-meta text-soft">
      <svg aria-hidden="true" width="18" height="10" className="text-accent">
        {as === "bars" ? (
          <rect x="4" y="1" width="10" height="9" fill="currentColor" opacity="0.55" />
        ) : (
          <line x1="0" x2="18" y1="5" y2="5" stroke="currentColor" strokeWidth="2" strokeDasharray={as === "dashed" ? "4 3" : undefined} />
        )}
      </svg>
      {name}
    </span>
  );
}

function Drawing({ title, at, series, formatValue, formatTime }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read here
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const ink = colour("--ink-faint");
    const font = `12px ${style.fontFamily}`;
    // The first and the last bar are drawn whole.
    const beside = series.some(({ as }) => as === "bars") ? ((at[1] ?? 0) - (at[0] ?? 0)) / 2 || 43_200 : 0;
    const axis = { stroke: ink, font, grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: true, range: (_, first, last) => [first - beside, last + beside] },
          y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            space: 70,
            size: 28,
            values: (_, seconds) => seconds.map((second) => formatTime(second * 1000)),
          },
          { ...axis, size: 64, values: (_, values) => values.map(formatValue) },
        ],
        series: [
          {},
          ...series.map(({ as }) => ({
            stroke: colour("--accent"),
            width: as === "bars" ? 0 : 2,
            // A line in front of bars must be seen.
            ...(as === "bars" && series.length > 1 && { alpha: 0.45 }),
            ...(as === "bars" && { fill: colour("--accent"), paths: uPlot.paths.bars?.({ size: [0.7, 48] }) as uPlot.Series.PathBuilder }),
            ...(as === "dashed" && { dash: [6, 4] }),
            points: { show: as !== "bars" && at.length < 40, size: 5 },
          })),
        ],
      },
      [[...at], ...series.map(({ values }) => [...values])],
      element,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [at, series, formatValue, formatTime, theme]);
  const said = series.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? name : words.chart.summary(name, formatValue(Math.min(...known)), formatValue(Math.max(...known)));
  });
  return <div ref={place} role="img" aria-label={`${title}. ${said.join(" ")}`} className="min-w-0 overflow-hidden [&_canvas]:block" />;
}
