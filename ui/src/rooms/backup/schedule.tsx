import { useMutation, useQuery } from "@tanstack/react-query";
import { cache } from "../../api/cache.ts";
import { api, take } from "../../api/client.ts";
import { Field, Select } from "../../parts/field.tsx";
import { Section } from "../../parts/page.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { words } from "../../words/words.ts";
import { configQuery } from "../settings/queries.ts";

const { everyOptions } = words.backup;
const intervals = [
  [0, everyOptions.off],
  [1, everyOptions.hour],
  [6, everyOptions.hours(6)],
  [12, everyOptions.hours(12)],
  [24, everyOptions.day],
  [168, everyOptions.week],
] as const;
const numbers = [1, 3, 7, 14, 30, 90];

/** How often a backup is made by itself, and how many of these stay: two settings of the configuration. */
export function Schedule() {
  const { data } = useQuery(configQuery);
  const save = useMutation({
    mutationFn: ({ key, value }: { readonly key: "everyHours" | "keep"; readonly value: number }) =>
      take(api.PUT("/api/settings/{path}", { params: { path: { path: `backups.${key}` } }, body: { value } })),
    onSuccess: () => say(words.backup.saved),
    onError: sayFault,
    onSettled: () => cache.invalidateQueries(configQuery),
  });
  if (!data) return null;
  const setting = (key: string) => data.find(({ path }) => path === `backups.${key}`);
  const every = Number(setting("everyHours")?.value ?? 0);
  const keep = Number(setting("keep")?.value ?? 7);
  const fixed = (key: string) => setting(key)?.source === "environment";
  return (
    <Section title={words.backup.schedule}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={words.backup.every} hint={every === 0 ? words.backup.scheduleOff : words.backup.scheduleOn(every, keep)}>
          {(described) => (
            <Select
              {...described}
              value={every}
              disabled={fixed("everyHours") || save.isPending}
              onChange={({ target }) => save.mutate({ key: "everyHours", value: Number(target.value) })}
            >
              {intervals.map(([hours, name]) => (
                <option key={hours} value={hours}>
                  {name}
                </option>
              ))}
              {!intervals.some(([hours]) => hours === every) && <option value={every}>{everyOptions.hours(every)}</option>}
            </Select>
          )}
        </Field>
        <Field label={words.backup.keep}>
          {(described) => (
            <Select
              {...described}
              value={keep}
              disabled={fixed("keep") || save.isPending}
              onChange={({ target }) => save.mutate({ key: "keep", value: Number(target.value) })}
            >
              {[...new Set([...numbers, keep])]
                .toSorted((one, other) => one - other)
                .map((n) => (
                  <option key={n} value={n}>
                    {n}
                  </option>
                ))}
            </Select>
          )}
        </Field>
      </div>
    </Section>
  );
}
