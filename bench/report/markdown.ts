import type { Findings, Measured, Pair, PartName, PathFigures, Results } from "../figures.ts";
import { between, count, milliseconds, percent, ratio, round, table } from "./format.ts";
import { goals } from "./goals.ts";

const show: { readonly [Name in PartName]: (found: Findings[Name]) => string } = {
  path: (found) => pathTable(found),
  http: (found) => pathTable(found),
  latency: (found) =>
    table(
      ["Offered", "Acknowledged p50", "p95", "p99", "Answered p50", "p95", "p99", "÷ yardstick p50", "p99"],
      found.map(({ rate, acknowledge, answer }) => {
        const three = ({ p50, p95, p99 }: typeof answer) => [p50, p95, p99].map(({ gateway }) => milliseconds(gateway.median));
        return [
          `${count(rate)}/s`,
          ...three(acknowledge),
          ...three(answer),
          ratio(answer.p50.ratio.median),
          ratio(answer.p99.ratio.median),
        ];
      }),
    ) +
    `\n\nThe load's own lateness (p99, at most): ${milliseconds(Math.max(...found.map(({ lateMs }) => lateMs)))}. It is part of the figures.`,
  memory: ({ restMb, loadMb, streaming, streamingMb }) =>
    table(
      ["At rest", "Under full load, at most", `While ${streaming} turns stream, at most`],
      [[`${round(restMb)} MB`, `${round(loadMb)} MB`, `${round(streamingMb)} MB`]],
    ),
  partial: ({ turns, p50, p95, max }) =>
    table(["Turns", "p50", "p95", "At most"], [[String(turns), milliseconds(p50), milliseconds(p95), milliseconds(max)]]),
  start: ({ firstMs, readyMs }) =>
    table(["First start of a clone", "Later ones"], [[milliseconds(firstMs), between(readyMs, milliseconds)]]),
  recovery: ({ pending, readyMs, drainSeconds, perSecond }) =>
    table(
      ["Pending", "Ready after", "All answered after", "That is"],
      [[count(pending), between(readyMs, milliseconds), `${round(drainSeconds)} s`, `${count(perSecond)} messages/s`]],
    ),
  growth: (found) =>
    table(
      ["Stored messages", "Conversations", "Database", "CPU per message", "÷ the smallest"],
      found.map(({ stored, conversations, fileMb, cpuMicros, ratio: times }) => [
        count(stored),
        count(conversations),
        `${round(fileMb)} MB`,
        between(cpuMicros, count, " µs"),
        between(times, ratio),
      ]),
    ),
  install: ({ mb, mbWithoutNode, packages, firstMs, readyMs }) =>
    table(
      ["Installed", "Without Node", "Packages", "First start", "Later ones"],
      [[`${round(mb)} MB`, `${round(mbWithoutNode)} MB`, String(packages), milliseconds(firstMs), between(readyMs, milliseconds)]],
    ),
  profile: ({ messages, rooms, functions }) =>
    [
      `${count(messages)} messages; shares of the time in which the process wasn't idle.`,
      "",
      table(
        ["Where", "Self time"],
        rooms.filter(({ share }) => share >= 0.005).map(({ name, share }) => [name, percent(share)]),
      ),
      "",
      table(
        ["Function", "Place", "Self time"],
        functions.map(({ name, place, share }) => [`\`${name}\``, place, percent(share)]),
      ),
    ].join("\n"),
};

const titles: Readonly<Record<PartName, string>> = {
  path: "Whole path, model in the process",
  http: "Whole path, model streaming over HTTP",
  latency: "Latency at an offered rate",
  memory: "Memory",
  partial: "First visible words after the model's first",
  start: "Start of a clone",
  recovery: "Start with work left behind",
  growth: "Growth",
  install: "Installed",
  profile: "Where the time goes",
};

export function goalTable(results: Results): string {
  return table(
    ["What", "Goal", "Found", ""],
    goals(results).map(({ what, goal, found, reached }) => [
      what,
      goal,
      found ?? "not measured",
      reached === undefined ? "–" : reached ? "reached" : "**missed**",
    ]),
  );
}

/** Goals, then each part. */
export function report(results: Results): string {
  const parts = (Object.keys(titles) as PartName[]).flatMap((name) => {
    const measured = results[name];
    return measured ? [partReport(name, measured), ""] : [];
  });
  return ["### Goals", "", goalTable(results), "", ...parts].join("\n");
}

/** One part, with where it comes from. */
export function partReport<Name extends PartName>(name: Name, { at, commit, command, machine, found }: Measured<Name>): string {
  const { cpu, cores, memoryGb, system, node } = machine;
  const origin = `\`${command}\` at ${commit}, ${at.slice(0, 10)}; ${cores} × ${cpu}, ${memoryGb} GB, ${system}, Node ${node}.`;
  return `### ${titles[name]}\n\n${show[name](found)}\n\n<sub>${origin}</sub>`;
}

function pathTable({ perSecond, cpuMicros, residentMb, messages }: PathFigures): string {
  const row = (side: "gateway" | "yardstick") => [
    side,
    between(perSecond[side], count),
    between(cpuMicros[side], count, " µs"),
    `${round(residentMb[side])} MB`,
    count(messages[side]),
  ];
  const ratios = (pair: Pair) => between(pair.ratio, ratio);
  return table(
    ["", "Messages/s", "CPU per message", "Memory", "Answered once, in order"],
    [row("gateway"), row("yardstick"), ["gateway ÷ yardstick", ratios(perSecond), ratios(cpuMicros), "", ""]],
  );
}
