import { monitorEventLoopDelay } from "node:perf_hooks";
import type { GatewayDoor } from "../core/gateway.ts";
import type { TenantId } from "../core/ids.ts";
import type { Live, LiveEvent } from "../core/live.ts";
import type { PastReads } from "../core/past.ts";
import type { Records } from "../core/records.ts";
import type { Membership } from "../core/replica.ts";
import { Counter, Histogram, type Sample, writeSamples } from "./prometheus.ts";
import { watchStageTimes } from "./stage-times.ts";

export interface MetricsParts {
  readonly version: string;
  readonly tenant: TenantId;
  readonly live: Pick<Live, "subscribe">;
  /** What happens in this gateway alone, where several share a store: Prometheus adds them up. */
  readonly own: Pick<Live, "subscribe">;
  readonly membership: Membership;
  readonly records: Records;
  readonly gateway: Pick<GatewayDoor, "load" | "accounts" | "models">;
  readonly commits: CommitWatch;
  readonly pastReads: () => PastReads;
}

/** How long the store takes until writes are durable. */
export interface CommitWatch {
  add(ms: number): void;
  samples(): Sample[];
}

export function watchCommits(): CommitWatch {
  const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
  const seconds = new Histogram("polylogue_store_commit_seconds", "From the begin of a transaction until it is on disk.", [], bounds);
  return { add: (ms) => seconds.add([], ms / 1000), samples: () => seconds.samples() };
}

export interface Metrics {
  /** Prometheus text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(): Promise<string>;
  /** An answered HTTP request. */
  request(area: string, status: number): void;
  stop(): void;
}

/** Conversations whose channel is remembered, to label the later stages of their messages. */
const maxRemembered = 20_000;

/** What the gateway has done and how it is. Counters begin at 0 with each start. */
export function createMetrics(parts: MetricsParts): Metrics {
  const stages = new Counter("polylogue_ledger_entries_total", "Stages that messages went through.", ["stage", "channel", "reason"]);
  const requests = new Counter("polylogue_http_requests_total", "HTTP requests that were answered.", ["area", "status"]);
  const times = watchStageTimes();
  const channels = new Map<string, string>();
  const lag = monitorEventLoopDelay({ resolution: 50 });
  lag.enable();
  // First: what is counted is labelled by what it remembers.
  const stops = [
    parts.live.subscribe(parts.tenant, ["ledger"], rememberChannel),
    parts.own.subscribe(parts.tenant, ["ledger"], countStage),
  ];

  /** Every message begins with the stage that names the channel, wherever it came in: who was forgotten is known again. */
  function rememberChannel({ entry, conversation }: Extract<LiveEvent, { type: "ledger" }>): void {
    const channel = entry.detail?.channel;
    if (conversation === undefined || typeof channel !== "string" || channel === "") return;
    channels.set(conversation, channel);
    if (channels.size > maxRemembered) channels.delete(channels.keys().next().value as string);
  }

  function countStage({ entry, conversation }: Extract<LiveEvent, { type: "ledger" }>): void {
    const told = entry.detail?.channel;
    const channel = typeof told === "string" && told ? told : ((conversation && channels.get(conversation)) ?? "");
    stages.add([entry.stage, channel, entry.reason ?? ""]);
    times.count(entry, channel);
  }

  async function gauges(): Promise<Sample[]> {
    const { conversations, messages, events, deliveries } = await parts.records.counts(parts.tenant);
    const load = parts.gateway.load();
    const accounts = Map.groupBy(parts.gateway.accounts.list(), (account) => `${account.channel} ${account.state}`);
    const queue = { inbox: events.queued + events.running, outbox: deliveries.queued + deliveries.sending };
    return [
      // The same under both names: dashboards of others know the plain one.
      ...["polylogue_message_queue_length", "message_queue_length"].flatMap((name) =>
        Object.entries(queue).map(([edge, value]) =>
          gauge(name, "Messages that wait for an answer (inbox) or to be sent (outbox).", value, { queue: edge }),
        ),
      ),
      ...Object.entries(deliveries).map(([state, value]) =>
        gauge("polylogue_deliveries", "Deliveries that aren't settled.", value, { state }),
      ),
      gauge("polylogue_replicas", "Gateways that share the store, this one among them.", parts.membership.count()),
      gauge("polylogue_leader", "1 where this gateway does what one alone has to do.", parts.membership.leads() ? 1 : 0),
      gauge(
        "polylogue_accounts_owned",
        "Accounts whose lease this gateway has.",
        parts.gateway.accounts.list().filter(({ id }) => parts.membership.owns(id)).length,
      ),
      gauge("polylogue_conversations", "Conversations in the store.", conversations),
      gauge("polylogue_messages", "Messages in the store.", messages),
      gauge("polylogue_lanes", "Lanes that are worked on or wait for it.", load.running, { state: "running" }),
      gauge("polylogue_lanes", "Lanes that are worked on or wait for it.", load.waiting, { state: "waiting" }),
      gauge(
        "polylogue_outbox_held",
        "Accounts and conversations that the outbox remembers for later; the others wait in the store.",
        load.held,
      ),
      ...parts.gateway.accounts.list().map(({ id, failing }) =>
        gauge(
          "polylogue_account_failing",
          "1 while an account's sends fail one after the other, and one is tried from time to time.",
          failing ? 1 : 0,
          {
            account: id,
          },
        ),
      ),
      ...parts.gateway.models().map(({ model, key, state }) =>
        gauge("polylogue_model_failing", "1 while a model isn't asked because its calls failed.", state === "failing" ? 1 : 0, {
          model,
          key: String(key ?? 1),
        }),
      ),
      ...[...accounts].map(([key, { length }]) => {
        const [channel = "", state = ""] = key.split(" ");
        return gauge("polylogue_accounts", "Configured accounts.", length, { channel, state });
      }),
    ];
  }

  function pastReads(): Sample[] {
    const help = "Pasts of conversations that turns read: kept in memory, only what is newer, or the whole of it from the store.";
    return Object.entries(parts.pastReads()).map(([from, value]) => {
      return { name: "polylogue_past_reads_total", help, type: "counter", labels: { from }, value };
    });
  }

  function runtime(): Sample[] {
    const cpu = process.cpuUsage();
    const memory = process.memoryUsage();
    const delays = [50, 99].map((percent) =>
      gauge("polylogue_event_loop_delay_seconds", "How late timers were since the last look.", lag.percentile(percent) / 1e9, {
        quantile: String(percent / 100),
      }),
    );
    lag.reset();
    return [
      gauge("polylogue_info", "The running version.", 1, { version: parts.version, node: process.versions.node }),
      { ...gauge("process_cpu_seconds_total", "CPU time.", (cpu.user + cpu.system) / 1e6), type: "counter" },
      gauge("process_resident_memory_bytes", "Memory.", memory.rss),
      gauge("polylogue_heap_used_bytes", "Memory that JavaScript uses.", memory.heapUsed),
      gauge("process_start_time_seconds", "When it started, in seconds since 1970.", performance.timeOrigin / 1000),
      ...delays,
    ];
  }

  return {
    async text() {
      const counted = [stages, requests, times, parts.commits].flatMap((each) => each.samples());
      return writeSamples([...counted, ...pastReads(), ...(await gauges()), ...runtime()]);
    },
    request: (area, status) => requests.add([area, String(status)]),
    stop() {
      for (const stop of stops) stop();
      lag.disable();
    },
  };
}

function gauge(name: string, help: string, value: number, labels: Readonly<Record<string, string>> = {}): Sample {
  return { name, help, type: "gauge", labels, value };
}
