import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import { faultOf } from "../../api/fault.ts";
import { agentsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Select } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { say } from "../../parts/toast.ts";
import { Unsaved } from "../../parts/unsaved.tsx";
import { words } from "../../words/words.ts";
import { configQuery } from "../settings/queries.ts";
import { hasField, type When, wrongIn } from "./conditions.ts";
import type { WrittenRoute } from "./queries.ts";
import { RouteConditions } from "./route-conditions.tsx";

interface RouteFormProps {
  /** As it stands in the form. */
  readonly route: WrittenRoute;
  readonly onChange: (route: WrittenRoute) => void;
  /** What the gateway says of it as it stands. */
  readonly fault: unknown;
  readonly onClose: () => void;
  readonly onSave: () => Promise<unknown>;
}

/** A route in its place in the list, not saved yet. */
export function RouteForm({ route, onChange, fault, onClose, onSave }: RouteFormProps) {
  const agents = useQuery(agentsQuery);
  const [tried, setTried] = useState(false);
  const [readable, setReadable] = useState(true);
  const [before] = useState(route);
  const { when = {}, ...rest } = route;
  const whole = readable && Object.entries(when).every(([name, value]) => !hasField(name, value) || !wrongIn(name, value));
  const set = (conditions: When | undefined) => {
    setReadable(conditions !== undefined);
    if (conditions) onChange(Object.keys(conditions).length > 0 ? { ...rest, when: conditions } : rest);
  };
  const save = useMutation({
    mutationFn: onSave,
    onSuccess: async () => {
      say(words.agents.routeSaved);
      await cache.invalidateQueries(configQuery);
      onClose();
    },
  });
  const wrong = save.error ?? (whole ? fault : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (whole && !save.isPending) save.mutate();
  };
  return (
    <form noValidate onSubmit={submit} className="grid w-full gap-4 rounded-control bg-sunken p-4">
      <Field label={words.agents.routeAgent}>
        {(described) => (
          <Select {...described} value={route.agent} onChange={({ target }) => onChange({ ...route, agent: target.value })}>
            {[...new Set([route.agent, ...(agents.data?.map(({ id }) => id) ?? [])])].map((id) => (
              <option key={id}>{id}</option>
            ))}
          </Select>
        )}
      </Field>
      <RouteConditions when={when} strict={tried} onChange={set} />
      {wrong !== undefined && wrong !== null && (
        <Notice tone="bad" live title={faultOf(wrong).message}>
          {faultOf(wrong).hint}
        </Notice>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button disabled={save.isPending} onClick={onClose}>
          {words.forms.cancel}
        </Button>
        <Button type="submit" look="primary" busy={save.isPending}>
          {words.forms.save}
        </Button>
      </div>
      {(route !== before || !readable) && <Unsaved />}
    </form>
  );
}
