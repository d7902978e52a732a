import { cache } from "../../api/cache.ts";

/** After a verdict, everything that shows deliveries or what was given up is asked for again. */
export async function renewQueue(): Promise<void> {
  const keys = ["dead", "deliveries", "trace", "counts", "findings"];
  await Promise.all(keys.map((key) => cache.invalidateQueries({ queryKey: [key] })));
}
