import { backoff } from "../core/backoff.ts";
import type { DeliveryId } from "../core/ids.ts";

/**
 * Whether a destination takes anything at all, told from failures in a row.
 *
 * - closed: everything goes. It opens after `threshold` failures in a row, if they were of more than one delivery: one
 *   that fails alone may itself be the cause, and must run out of tries.
 * - open: nothing goes before `until`. Then half-open: one probe at a time, and each that fails makes the pause longer.
 * - The first success closes it.
 *
 * In memory: after a restart the first attempts find out anew.
 */
export interface Circuit {
  failures: number;
  /** The delivery of the last failure, and whether there was another before it. */
  last: DeliveryId | undefined;
  several: boolean;
  /** Elapsed time; present exactly while it isn't closed. */
  until: number | undefined;
  /** Openings and failed probes since it was closed. */
  pauses: number;
}

export interface CircuitOptions {
  readonly threshold: number;
  readonly longestMs: number;
  readonly random: () => number;
}

export function newCircuit(): Circuit {
  return { failures: 0, last: undefined, several: false, until: undefined, pauses: 0 };
}

/** Counts a failure. True when this opened the circuit, or made its pause longer. */
export function countFailure(circuit: Circuit, delivery: DeliveryId | undefined, now: number, options: CircuitOptions): boolean {
  circuit.failures += 1;
  circuit.several ||= circuit.last !== undefined && circuit.last !== delivery;
  circuit.last = delivery;
  if (circuit.until === undefined && (circuit.failures < options.threshold || !circuit.several)) return false;
  circuit.pauses += 1;
  circuit.until = now + backoff(circuit.pauses, undefined, options.random, options.longestMs);
  return true;
}

/** True when it was open. */
export function close(circuit: Circuit): boolean {
  const open = circuit.until !== undefined;
  Object.assign(circuit, newCircuit());
  return open;
}
