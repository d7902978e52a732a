/**
 * This clone's gateway next to another's, under the load of `path`, slice by slice in turn: what a change costs or saves on a
 * machine that does other things too. Prints CPU per message, the median of the rounds, and the ratio round by round.
 *
 * usage: node bench/compare.ts <folder of the other clone> [--rounds 8] [--seconds 4] [--history 0] [--conversations 1000]
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { pair, type Spread } from "./figures.ts";
import { checkAll, runSlice, withGateway } from "./parts/slice.ts";

const number = (value: string) => ({ type: "string", default: value }) as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: number("8"), seconds: number("4"), history: number("0"), conversations: number("1000") },
});
const [clone] = positionals;
if (clone === undefined) throw new Error("which clone is it compared with?");
const seconds = Number(values.seconds);
const options = { history: Number(values.history), conversations: Number(values.conversations) };

await withGateway(options, (own) =>
  withGateway({ ...options, clone: resolve(clone) }, async (other) => {
    const cpu = { own: [] as number[], other: [] as number[] };
    const perSecond = { own: [] as number[], other: [] as number[] };
    for (const stand of [own, other]) await runSlice("warm-up", stand, { seconds: 2 * seconds });
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [name, stand] of [
        ["other", other],
        ["own", own],
      ] as const) {
        const slice = await runSlice(name, stand, { seconds });
        cpu[name].push(slice.cpuMicros);
        perSecond[name].push(slice.perSecond);
      }
    }
    for (const [name, stand] of [
      ["own", own],
      ["other", other],
    ] as const)
      await checkAll(name, stand);
    tell("CPU per message (µs)", pair(cpu.own, cpu.other));
    tell("messages/s", pair(perSecond.own, perSecond.other));
  }),
);

function tell(what: string, { gateway, yardstick, ratio }: ReturnType<typeof pair>): void {
  const told = ({ median, least, most }: Spread, digits = 0) =>
    `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
  console.log(`${what}: this ${told(gateway)}, the other ${told(yardstick)}, this ÷ the other ${told(ratio, 3)}`);
}
