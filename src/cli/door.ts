import type { Environment, Kinds } from "../config/sources.ts";
import type { Channel } from "../core/channel.ts";
import type { Chosen, Classifier } from "../core/choice.ts";
import type { Clock } from "../core/clock.ts";
import type { Configuration } from "../core/configuration.ts";
import type { PriceList } from "../core/cost.ts";
import type { Result } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import type { OperatorMessage } from "../core/gateway.ts";
import type { HttpClient } from "../core/http.ts";
import type { DeliveryId, MessageId } from "../core/ids.ts";
import type { Knowledge } from "../core/knowledge.ts";
import type { Log } from "../core/log.ts";
import type { Moved, MoveWish } from "../core/moved.ts";
import type { OptionalPackage, PackageLoader } from "../core/packages.ts";
import type { ContextSource, Provider } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { NewOutbound, Store } from "../core/store.ts";
import type { Acceptance, ServerTool } from "../core/tool.ts";
import type { TouchRequest } from "../core/touch.ts";
import type { Keychain } from "../vault/keychain.ts";
import type { Mask } from "../vault/mask.ts";
import type { Terminal } from "./terminal.ts";

/** What the commands are given: the concrete parts are named in main.ts alone. */
export interface CliDoor {
  /** Of the package. */
  readonly version: string;
  /** The data folder; it may not be there yet. */
  readonly home: string;
  /** The store's file in it, and the folder of attachments. */
  readonly storeFile: string;
  /** Where the store really is; without `file` where it is in a database. */
  readonly store: { readonly shown: string; readonly file?: string; exists(): boolean };
  readonly filesFolder: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: Log;
  readonly http: HttpClient;
  readonly kinds: CliKinds;
  readonly packages: CliPackages;
  readonly terminal: Terminal;
  readonly keychain: () => Promise<Keychain | string>;
  /** As a guest beside a gateway that may run; makes the file when it is absent. Another file than `storeFile`: a backup's. */
  openStore(file?: string): Promise<Result<Store>>;
  /** What joins this gateway to others; nothing where it is alone. `ping`: why it doesn't answer. */
  readonly engine: Result<{ readonly shown: string; ping(): Promise<string | undefined> } | undefined>;
  /** See `moveStore`: from the data folder's file, or another, into the database. */
  moveStore(options: MoveWish): Promise<Result<Moved>>;
  /** See `takeStore`: from the database into a new file. */
  takeStore(options: MoveWish): Promise<Result<Moved>>;
  /** Whether a gateway holds the data folder now. */
  gatewayRuns(): Promise<boolean>;
  /** Stores an operator's message with its rendered deliveries, for whichever gateway runs or comes. */
  enqueue(
    store: Store,
    configuration: Configuration,
    message: OperatorMessage,
  ): Promise<Result<{ readonly message: MessageId; readonly deliveries: readonly DeliveryId[] }>>;
  /** The same, rendered and not stored. */
  render(store: Store, configuration: Configuration, message: OperatorMessage): Promise<Result<NewOutbound>>;
  /** The tokens of one call of these models, and who says so; asks servers, and waits a while for them. */
  contexts(
    configuration: Configuration,
    models: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly tokens: number; readonly from: ContextSource } | undefined>>;
  /** Reacts to a message on the platform, or takes one back there: this process calls the platform itself. */
  touch(store: Store, configuration: Configuration, request: TouchRequest): Promise<Result<{ readonly lost: number }>>;
  /** What the configured models cost. */
  prices(configuration: Configuration): Promise<PriceList>;
  /** Decides as the gateway would. What it asks of models is billed and stored like any other call. */
  router(store: Store, configuration: Configuration): Promise<CliRouter>;
  /** The tools of the configured MCP servers, which are started for it; what can't be reached within a while is a finding. */
  serverTools(
    configuration: Configuration,
    accepted: Acceptance,
  ): Promise<{ readonly tools: readonly ServerTool[]; readonly findings: readonly Finding[] }>;
  /** Reads the configured documents, all of them, for one look. */
  knowledge(configuration: Configuration): Promise<Knowledge>;
  /** Runs the gateway until it was told to stop; resolves with the exit code. */
  startGateway(options: StartOptions): Promise<number>;
}

/** What a command gets: the door, and what it must not let out. */
export interface CommandDoor extends CliDoor {
  /** Knows every secret that the command came across; all that is printed goes through it. */
  readonly mask: Mask;
}

/** The configuration's kinds, whole. */
export interface CliKinds extends Kinds {
  channel(kind: string): Promise<Channel | undefined>;
  provider(kind: string): Promise<Provider | undefined>;
}

export interface CliRouter {
  /** The route that takes the text there (from 0), or why none does. */
  decide(
    text: string,
    where: {
      readonly channel: string;
      readonly account: string;
      readonly chat: string;
      readonly sender: string;
      readonly chatKind: "direct" | "group";
    },
  ): { readonly route?: number; readonly reason?: string };
  classify(classifier: Classifier, text: string): Promise<Chosen>;
  /** Who answers what the route takes, once it is sorted. */
  agentOf(route: number, chosen: Chosen | undefined): Agent;
}

/** Packages of model APIs in the data folder. */
export interface CliPackages {
  readonly folder: string;
  readonly load: PackageLoader;
  installed(name: string): Promise<string | undefined>;
  install(wanted: OptionalPackage): Promise<Result<void>>;
}

export interface StartOptions {
  readonly host?: string;
  readonly port?: number;
}
