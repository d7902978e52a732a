import type { Access } from "../access/access.ts";
import type { Hearsay } from "../core/bus.ts";
import type { Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { Configuration } from "../core/configuration.ts";
import type { PriceList } from "../core/cost.ts";
import type { Result } from "../core/errors.ts";
import type { Chat } from "../core/event.ts";
import type { GatewayDoor } from "../core/gateway.ts";
import type { Knowledge } from "../core/knowledge.ts";
import type { Live } from "../core/live.ts";
import type { Log } from "../core/log.ts";
import type { Playground } from "../core/playground.ts";
import type { Provider } from "../core/provider.ts";
import type { RouteTrial } from "../core/route.ts";
import type { FileStore, Store } from "../core/store.ts";
import type { Json } from "../core/terms.ts";
import type { ServerTool } from "../core/tool.ts";
import type { AlertsDoor } from "../ops/alerts.ts";
import type { Backups } from "../ops/backups.ts";
import type { HandoversDoor } from "../ops/handovers.ts";
import type { NoticesDoor } from "../ops/notices.ts";
import type { PulseWatch } from "../ops/pulse.ts";
import type { Today } from "../ops/today.ts";
import type { PresenceNews } from "./presence.ts";

/** All that the HTTP side is handed; main.ts fills it. */
export interface HttpDoor {
  readonly version: string;
  readonly gateway: GatewayDoor;
  readonly store: Store;
  readonly files: Pick<FileStore, "read" | "put" | "remove">;
  readonly live: Live;
  /** Operators at other gateways. */
  readonly presenceElsewhere?: Hearsay<PresenceNews> | undefined;
  readonly access: Access;
  readonly config: ConfigDoor;
  readonly vault: VaultDoor;
  readonly channels: ChannelsDoor;
  readonly providers: ProvidersDoor;
  readonly notices: NoticesDoor;
  readonly alerts: AlertsDoor;
  readonly backups: Pick<Backups, "place" | "list" | "make" | "check" | "remove" | "download">;
  readonly pulse: Pick<PulseWatch, "look">;
  today(): Promise<Today>;
  /** Which route would take a text that somebody writes there now. */
  tryRoutes(
    text: string,
    where: {
      readonly channel: string;
      readonly account: string;
      readonly chat: string;
      readonly sender: string;
      readonly chatKind: Chat["kind"];
    },
    /** Absent: the one that runs. */
    configuration?: Configuration,
  ): RouteTrial;
  readonly playground: Playground;
  /** How conversations go back to their agents. */
  readonly handovers: HandoversDoor;
  readonly prices: PriceList;
  /** The tools of MCP servers, also those that models aren't offered. */
  serverTools(): readonly ServerTool[];
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes every known secret out of a text. */
  readonly mask: (text: string) => string;
}

/** The configuration as it runs, and the way to change it. */
export interface ConfigDoor {
  current(): Configuration;
  /** All settings, or those under the dotted path, secrets masked. */
  explain(path?: string): readonly ExplainedSetting[];
  /** The setting as it was written, secrets masked; nothing when there is none. */
  get(path: string): Json | undefined;
  /** Whether the value can stand there; `pending` are secrets that will be in the vault by then. */
  check(path: string, value: Json | undefined, pending?: ReadonlyMap<string, string>): Promise<Result<undefined>>;
  /** The configuration as it would be with these settings, by their paths; a fault is what saving them would be refused for. */
  draft(changes: ReadonlyMap<string, Json>): Promise<Result<Configuration>>;
  /**
   * Checks and stores it (`undefined` takes the setting away); resolves once the changed configuration runs. A fault has
   * stored nothing.
   */
  set(path: string, value: Json | undefined, by: string): Promise<Result<undefined>>;
}

export interface ExplainedSetting {
  readonly path: string;
  readonly value: Json;
  readonly source: string;
  readonly origin: string;
  readonly overrides: readonly { readonly source: string; readonly origin: string; readonly value: Json }[];
  readonly secret: boolean;
}

/** Secrets go in and never come out here. `by` is for the audit log, which the vault writes. */
export interface VaultDoor {
  write(name: string, text: string, by: string): Promise<Result<unknown>>;
  /** False when there was none. */
  remove(name: string, by: string): Promise<boolean>;
}

/** The kinds of model APIs that there are, each loaded when it is asked for. */
export interface ProvidersDoor {
  readonly kinds: readonly string[];
  load(kind: string): Promise<Provider | undefined>;
}

/** The kinds of channels that there are, each loaded when it is asked for. */
export interface ChannelsDoor {
  readonly kinds: readonly string[];
  load(kind: string): Promise<Channel | undefined>;
}
