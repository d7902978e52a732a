import type { z } from "zod";
import type { AccessFault, Actor, Origin } from "../access/actor.ts";
import type { Result } from "../core/errors.ts";
import type { Speak } from "../languages/speak.ts";
import type { Contract, OperationName } from "./contract.ts";
import type { Answer, Endpoint, PathNames } from "./endpoint.ts";

/** One request to an operation, checked: role, path, query and body are as the contract says. */
export interface Call<Of extends Endpoint> {
  readonly actor: Of["role"] extends "public" ? undefined : Actor;
  readonly origin: Origin;
  /** In the language of whoever asks. */
  readonly speak: Speak;
  readonly params: { readonly [Name in PathNames<Of["path"]>]: string };
  readonly query: Of extends { query: infer Query extends z.ZodType } ? z.output<Query> : undefined;
  readonly body: Of extends { body: infer Body extends z.ZodType } ? z.output<Body> : Of extends { bytes: true } ? Uint8Array : undefined;
  /** A header of the request. */
  header(name: string): string | undefined;
  /** Aborts when whoever asked hangs up. */
  left(): AbortSignal;
  /** Ends the connection at once, whatever was still to be sent. */
  cut(): void;
  /** Sets the login cookie, or takes it away. */
  setLogin(secret: string | undefined): void;
}

type Success<Of extends Endpoint> = Of extends { answer: infer Shape extends z.ZodType } ? Answer<z.input<Shape>> : Response;

type Outcome<Of extends Endpoint> = Result<Success<Of>, AccessFault>;

/** The code of some operations, complete and fitting to the contract. */
export type Operations<Names extends OperationName> = {
  readonly [Name in Names]: (call: Call<Contract[Name]>) => Promise<Outcome<Contract[Name]>> | Outcome<Contract[Name]>;
};
