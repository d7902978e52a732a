import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { agentsQuery } from "../../api/queries.ts";
import { Field, Select, TextArea } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { say } from "../../parts/toast.ts";
import { withCode } from "../../parts/with-code.tsx";
import { words } from "../../words/words.ts";
import { configQuery } from "../settings/queries.ts";
import type { WrittenRoute } from "./queries.ts";

interface RouteFormProps {
  /** Absent: a new one, behind the others. */
  readonly route?: WrittenRoute;
  readonly onClose: () => void;
  readonly onSave: (route: WrittenRoute) => Promise<unknown>;
}

export function RouteForm({ route, onClose, onSave }: RouteFormProps) {
  const agents = useQuery(agentsQuery);
  const [agent, setAgent] = useState(route?.agent ?? "");
  const [when, setWhen] = useState(route?.when ? JSON.stringify(route.when, undefined, 2) : "");
  const [tried, setTried] = useState(false);
  const read = readConditions(when);
  const chosen = agent || agents.data?.[0]?.id || "";
  const save = useMutation({
    mutationFn: (conditions: WrittenRoute["when"]) => {
      const { when: _, ...rest } = route ?? { agent: chosen };
      return onSave({ ...rest, agent: chosen, ...(conditions && Object.keys(conditions).length > 0 && { when: conditions }) });
    },
    onSuccess: async () => {
      say(words.agents.routeSaved);
      onClose();
      await cache.invalidateQueries(configQuery);
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={route ? words.agents.edit : words.agents.addRoute}
      act={words.forms.save}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => {
        setTried(true);
        if (read.ok) save.mutate(read.value);
      }}
    >
      <Field label={words.agents.routeAgent}>
        {(described) => (
          <Select {...described} value={chosen} onChange={({ target }) => setAgent(target.value)}>
            {agents.data?.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field
        label={words.agents.routeWhen}
        hint={withCode(words.agents.routeWhenHint)}
        optional
        error={tried && !read.ok ? words.settings.wrong.json : undefined}
      >
        {(described) => (
          <TextArea
            {...described}
            rows={5}
            spellCheck={false}
            className="font-mono sm:text-row"
            value={when}
            onChange={({ target }) => setWhen(target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}

function readConditions(text: string): { readonly ok: true; readonly value: WrittenRoute["when"] } | { readonly ok: false } {
  if (!text.trim()) return { ok: true, value: undefined };
  try {
    const value: unknown = JSON.parse(text);
    const conditions = typeof value === "object" && value !== null && !Array.isArray(value);
    return conditions ? { ok: true, value: value as { [condition: string]: unknown } } : { ok: false };
  } catch {
    return { ok: false };
  }
}
