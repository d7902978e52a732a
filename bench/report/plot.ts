import type { RateFigures, Results } from "../figures.ts";
import { count, milliseconds, ratio } from "./format.ts";

const width = 720;
const panelHeight = 260;
const left = 60;
const right = 20;
const ink = "#57606a";
const colours = { gateway: "#0969da", yardstick: "#9a6700", p50: "#54aeff", p95: "#0969da", p99: "#0a3069" } as const;

/** Latency against the offered rate, and the whole path as a share of the yardstick; readable on light and dark pages. */
export function plot(results: Results): string {
  const panels = [
    results.path || results.http ? ratioBars(results) : undefined,
    results.latency ? latencyLines(results.latency.found) : undefined,
  ].filter((panel) => panel !== undefined);
  if (panels.length === 0) panels.push(text(20, 20, "Nothing has been measured yet."));
  const height = panels.length * panelHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="${ink}">`,
    "<title>Benchmark of the gateway against its yardstick</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels.map((panel, n) => `<g transform="translate(0 ${n * panelHeight})">\n${panel}\n</g>`),
    "</svg>",
    "",
  ].join("\n");
}

function ratioBars({ path, http }: Results): string {
  const bars = [
    ...(path ? [{ name: "model in the process", pair: path.found.perSecond, goal: 4000 }] : []),
    ...(http ? [{ name: "model over HTTP", pair: http.found.perSecond, goal: 2000 }] : []),
  ];
  const most = Math.max(...bars.flatMap(({ pair, goal }) => [pair.gateway.most, pair.yardstick.most, goal])) * 1.05;
  const x = scale(0, most, 170, width - 90);
  const rows = bars.flatMap(({ name, pair, goal }, n) => {
    const top = 50 + n * 95;
    const bar = (side: "gateway" | "yardstick", y: number) => {
      const note = side === "gateway" ? ` (${ratio(pair.ratio.median)} ×)` : "";
      return [
        text(162, y + 17, side, "end"),
        `<rect x="170" y="${y}" width="${fixed(x(pair[side].median) - 170)}" height="24" fill="${colours[side]}"/>`,
        line(x(pair[side].least), y + 12, x(pair[side].most), y + 12, "#24292f"),
        text(x(pair[side].most) + 6, y + 17, `${count(pair[side].median)}${note}`),
      ];
    };
    return [
      text(20, top - 8, name, "start", "bold"),
      ...bar("gateway", top),
      ...bar("yardstick", top + 30),
      line(x(goal), top - 4, x(goal), top + 58, "#cf222e", "4 3"),
      text(x(goal), top + 70, `goal ${count(goal)}`, "middle"),
    ];
  });
  return [text(20, 20, "Messages a second, whole path (median; the line spans the rounds)", "start", "bold"), ...rows].join("\n");
}

function latencyLines(found: readonly RateFigures[]): string {
  const top = 40;
  const bottom = panelHeight - 40;
  const values = found.flatMap(({ answer }) => [answer.p50, answer.p95, answer.p99].map(({ gateway }) => gateway.median));
  const x = scale(0, Math.max(...found.map(({ rate }) => rate)), left, width - right - 60);
  // Logarithmic, as p50 and p99 lie far apart.
  const [low, high] = [Math.floor(Math.log10(Math.max(0.1, Math.min(...values)))), Math.ceil(Math.log10(Math.max(1, ...values)))];
  const logY = scale(low, Math.max(high, low + 1), bottom, top);
  const y = (value: number) => logY(Math.log10(Math.max(value, 10 ** low)));
  const marks = Array.from({ length: Math.max(high, low + 1) - low + 1 }, (_, n) => 10 ** (low + n));
  return [
    text(20, 20, "Milliseconds from the moment a message was due to its answer's arrival", "start", "bold"),
    ...marks.flatMap((mark) => [
      line(left, y(mark), width - right - 60, y(mark), "#d0d7de"),
      text(left - 8, y(mark) + 4, milliseconds(mark), "end"),
    ]),
    ...found.map(({ rate }) => text(x(rate), bottom + 18, `${count(rate)}/s`, "middle")),
    ...(["p50", "p95", "p99"] as const).flatMap((which) => {
      const points = found.map(({ rate, answer }) => [x(rate), y(answer[which].gateway.median)] as const);
      const [lastX, lastY] = points.at(-1) as readonly [number, number];
      return [
        `<polyline points="${points.map(([px, py]) => `${fixed(px)},${fixed(py)}`).join(" ")}" fill="none" stroke="${colours[which]}" stroke-width="2"/>`,
        ...points.map(([px, py]) => `<circle cx="${fixed(px)}" cy="${fixed(py)}" r="3" fill="${colours[which]}"/>`),
        text(lastX + 10, lastY + 4, which),
      ];
    }),
  ].join("\n");
}

function scale(from: number, to: number, first: number, last: number): (value: number) => number {
  return (value) => first + ((value - from) / (to - from || 1)) * (last - first);
}

function text(x: number, y: number, words: string, anchor = "start", weight = "normal"): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" font-weight="${weight}">${words}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, dashes?: string): string {
  const dash = dashes ? ` stroke-dasharray="${dashes}"` : "";
  return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${colour}"${dash}/>`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}
