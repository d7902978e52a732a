import { timingSafeEqual } from "node:crypto";

/** Compares a secret or a signature with what somebody sent, in a time that tells nothing of where they differ. */
export function sameText(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
