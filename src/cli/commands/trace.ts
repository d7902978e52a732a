import type { Command } from "commander";
import type { LedgerEntry } from "../../core/ledger.ts";
import type { Trace } from "../../core/records.ts";
import type { Json } from "../../core/terms.ts";
import { looking, tenant } from "../open.ts";
import { done, moment, refuse } from "../outcome.ts";
import type { Run } from "../run.ts";

export function traceCommand(program: Command, run: Run): void {
  program
    .command("trace")
    .description("tell the whole story of one message, stage by stage")
    .argument("<id>", "id of an event, message, turn or delivery, or the platform's id of a message")
    .action((id: string) =>
      run((door) =>
        looking(door, async ({ store, fault }) => {
          if (fault) return refuse(fault.code, fault.message);
          const trace = await store?.records.trace(tenant, id);
          if (!trace)
            return refuse(
              "not-found",
              `There is no message or delivery \`${id.slice(0, 200)}\`, or it isn't kept any more.`,
              "Ids stand in the web app's message flow, in `polylogue queue list` and in the log.",
            );
          return done(trace as unknown as Json, tell(trace));
        }),
      ),
    );
}

function tell({ trace, joined, conversation, event, entries, deliveries }: Trace): string {
  const start = entries[0]?.at ?? 0;
  const head = [
    `${trace} in ${conversation.account} (${conversation.channel}), chat ${conversation.chat.id}${conversation.chat.thread ? `, thread ${conversation.chat.thread}` : ""}`,
  ];
  if (event)
    head.push(`event ${event.kind}, ${event.state}${event.repeats > 0 ? `, sent ${event.repeats} more times by the platform` : ""}`);
  if (joined) head.push(`answered by the turn of ${joined}`);
  const lines = entries.map(
    (entry) => `${moment(entry.at)} ${`+${entry.at - start} ms`.padStart(10)}  ${entry.stage.padEnd(17)}${details(entry)}`,
  );
  const ends = deliveries.map(
    (delivery) =>
      `delivery ${delivery.id}: ${delivery.state}${delivery.receipt ? `, the platform's id ${delivery.receipt}` : ""}${delivery.error ? `, ${delivery.error.code}: ${delivery.error.message}` : ""}`,
  );
  const gone = entries.length === 0 ? ["its stages are not kept any more (retention.ledgerDays)"] : [];
  return [...head, ...gone, ...lines, ...ends].join("\n");
}

function details({ reason, detail }: LedgerEntry): string {
  const pairs = Object.entries(detail ?? {}).map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [...(reason ? [reason] : []), ...pairs].join("  ");
}
