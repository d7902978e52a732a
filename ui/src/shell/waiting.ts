import { useQuery } from "@tanstack/react-query";
import { countsQuery, findingsQuery } from "../api/queries.ts";
import type { Room } from "./rooms.ts";

/** How much waits for a person, room by room. */
export function useWaiting(): (room: Room) => number {
  const stuck = useQuery({
    ...countsQuery,
    select: ({ deliveries, events }) => deliveries.unknown + deliveries.failed + deliveries.dead + events.poison,
  });
  const findings = useQuery({ ...findingsQuery, select: (all) => all.length });
  return ({ to }) => (to === "/queue" ? stuck.data : to === "/findings" ? findings.data : undefined) ?? 0;
}
