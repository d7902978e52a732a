/** What is used of @xmpp/client 0.14, which has no types of its own. https://github.com/xmppjs/xmpp.js/tree/main/packages/client */
declare module "@xmpp/client" {
  import type { EventEmitter } from "node:events";
  import type { Socket } from "node:net";

  /** https://github.com/xmppjs/ltx/blob/main/src/Element.js */
  export interface Element {
    readonly name: string;
    readonly attrs: Record<string, string | undefined>;
    is(name: string, namespace?: string): boolean;
    getChild(name: string, namespace?: string): Element | undefined;
    getChildren(name: string, namespace?: string): Element[];
    getChildText(name: string, namespace?: string): string | null;
    getChildElements(): Element[];
    getText(): string;
    remove(name: string): void;
    append(...children: Element[]): void;
    toString(): string;
  }

  type Child = Element | string | undefined;
  export const xml: {
    (name: string, attributes?: Readonly<Record<string, string | undefined>>, ...children: readonly Child[]): Element;
    /** Tells of each whole element below the stream's own. */
    readonly Parser: new () => { write(text: string): void; on(event: "element", heard: (element: Element) => void): void };
  };

  export interface Client extends EventEmitter {
    /** Milliseconds for which it waits for the other side. */
    timeout: number;
    readonly parser: object | null;
    readonly streamManagement: EventEmitter & { readonly enabled: boolean; requestAckDebounce: number };
    readonly iqCaller: {
      request(iq: Element, timeoutMs: number): Promise<Element>;
      readonly handlers: ReadonlyMap<string, { readonly reject: (why: Error) => void }>;
    };
    readonly saslFactory: { readonly _mechs: { readonly name: string; readonly mech: new () => object }[] };
    readonly reconnect: { stop(): void };
    /** The members below are called by the library's own parts; a socket that is open already comes in through them. */
    Transport: { readonly prototype: { readonly Parser: unknown } } | undefined;
    Parser: unknown;
    connect: () => Promise<void>;
    _findTransport(service: string): Client["Transport"];
    _attachSocket(socket: Socket & { secure: boolean }): void;
    _status(status: "connect"): void;
    _onData: (data: string) => void;
    isSecure(): boolean;
    start(): Promise<unknown>;
    stop(): Promise<unknown>;
    send: (element: Element) => Promise<void>;
  }

  type Authenticate = (credentials: { readonly username: string; readonly password: string }, mechanism: string) => Promise<void>;

  export function client(options: {
    readonly service: string;
    readonly domain: string;
    readonly resource: string;
    readonly timeout: number;
    readonly credentials: (authenticate: Authenticate, mechanisms: readonly string[]) => Promise<void>;
  }): Client;
}
