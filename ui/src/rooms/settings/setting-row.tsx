import { useMutation } from "@tanstack/react-query";
import Pencil from "lucide-react/icons/pencil";
import RotateCcw from "lucide-react/icons/rotate-ccw";
import { useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { IconButton } from "../../parts/button.tsx";
import { Field } from "../../parts/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { Tag } from "../../parts/state-badge.tsx";
import { say, sayFault } from "../../parts/toast.ts";
import { withCode } from "../../parts/with-code.tsx";
import { count } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { configQuery } from "./queries.ts";
import { SettingControl } from "./setting-control.tsx";
import { type Control, controlOf, type JsonSchema, readControl, showControl } from "./setting-schema.ts";

interface SettingRowProps {
  readonly path: string;
  /** Absent: it isn't set anywhere. */
  readonly setting: Schemas["Setting"] | undefined;
  readonly schema: JsonSchema | undefined;
  readonly canChange: boolean;
  /** What it is called where its place is known. */
  readonly name?: string;
  /** What holds while it isn't set. */
  readonly inherited?: Schemas["Setting"] | undefined;
}

export function SettingRow({ path, setting, schema, canChange, name = path, inherited }: SettingRowProps) {
  const [editing, setEditing] = useState(false);
  const reset = useMutation({
    mutationFn: () => take(api.DELETE("/api/settings/{path}", { params: { path: { path } } })),
    onSuccess: () => say(words.settings.resetDone(path)),
    onError: sayFault,
    onSettled: () => cache.invalidateQueries(configQuery),
  });
  const source = setting?.source;
  return (
    <div className="grid gap-1.5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="grid min-w-48 flex-1 gap-0.5">
          <code className="break-all font-mono text-row">{name}</code>
          {schema?.description && <p className="max-w-[70ch] text-faint text-row">{withCode(schema.description)}</p>}
        </div>
        <div className="flex max-w-full flex-wrap items-center gap-2">
          <Value setting={setting ?? inherited} />
          {!setting && inherited && <Tag>{words.settings.inheritedFrom(inherited.path)}</Tag>}
          {setting && source && (
            <span title={setting.origin} className="inline-flex">
              <Tag>{wordFor(words.settings.sources, source)}</Tag>
            </span>
          )}
          {canChange && !setting?.secret && source !== "environment" && (
            <>
              {source === "app" && (
                <IconButton size="small-square" label={words.settings.resetOf(path)} busy={reset.isPending} onClick={() => reset.mutate()}>
                  <RotateCcw aria-hidden />
                </IconButton>
              )}
              <IconButton size="small-square" label={words.settings.changeOf(path)} onClick={() => setEditing(true)}>
                <Pencil aria-hidden />
              </IconButton>
            </>
          )}
        </div>
      </div>
      {setting && setting.overrides.length > 0 && (
        <p className="break-words text-faint text-meta">
          {words.settings.over}{" "}
          {setting.overrides.map(({ source: under, value }) => `${wordFor(words.settings.sources, under)}: ${show(value)}`).join(" · ")}
        </p>
      )}
      {editing && <Edit path={path} value={(setting ?? inherited)?.value} schema={schema} onClose={() => setEditing(false)} />}
    </div>
  );
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Value({ setting }: { readonly setting: Schemas["Setting"] | undefined }) {
  if (!setting) return <span className="text-faint text-row">{words.settings.unset}</span>;
  return <code className="line-clamp-3 max-w-full break-all font-mono text-row sm:max-w-96 sm:text-right">{show(setting.value)}</code>;
}

interface EditProps {
  readonly path: string;
  readonly value: unknown;
  readonly schema: JsonSchema | undefined;
  readonly onClose: () => void;
}

function Edit({ path, value, schema, onClose }: EditProps) {
  const control = controlOf(schema);
  const [typed, setTyped] = useState(() => showControl(control, value));
  const [tried, setTried] = useState(false);
  const read = readControl(control, typed);
  const save = useMutation({
    mutationFn: (next: unknown) => take(api.PUT("/api/settings/{path}", { params: { path: { path } }, body: { value: next } })),
    onSuccess: async () => {
      say(words.settings.saved(path));
      onClose();
      await cache.invalidateQueries(configQuery);
    },
  });
  const submit = () => {
    setTried(true);
    if ("value" in read) save.mutate(read.value);
  };
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={path}
      {...(schema?.description && { lead: withCode(schema.description) })}
      act={words.forms.save}
      busy={save.isPending}
      error={save.error}
      onSubmit={submit}
    >
      <Field
        label={words.settings.value}
        hint={hintOf(control)}
        error={tried && "wrong" in read ? words.settings.wrong[read.wrong] : undefined}
      >
        {(described) => <SettingControl {...{ control, described, typed }} onType={setTyped} />}
      </Field>
    </FormDialog>
  );
}

export function hintOf(control: Control): string | undefined {
  if (control.kind === "json") return words.settings.asJson;
  if (control.kind === "list") return words.settings.oneALine;
  if (control.kind !== "number") return undefined;
  const { least, most } = control;
  if (least !== undefined && most !== undefined) return words.settings.between(count(least), count(most));
  if (least !== undefined) return words.settings.atLeast(count(least));
  return most === undefined ? undefined : words.settings.atMost(count(most));
}
