import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import type { Schemas } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { agentsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { Tag } from "../../parts/state-badge.tsx";
import { say } from "../../parts/toast.ts";
import { Unsaved } from "../../parts/unsaved.tsx";
import { withCode } from "../../parts/with-code.tsx";
import { atLeast } from "../../shell/roles.ts";
import { count } from "../../words/time.ts";
import { wordFor, words } from "../../words/words.ts";
import { configQuery, configSchemaQuery } from "../settings/queries.ts";
import { SettingControl } from "../settings/setting-control.tsx";
import { hintOf } from "../settings/setting-row.tsx";
import { type Control, controlOf, type JsonSchema, pathsIn, readControl, schemaAt, showControl } from "../settings/setting-schema.ts";
import { Playground } from "./playground.tsx";
import { previewQuery, putSetting } from "./queries.ts";
import { useSettled } from "./settled.ts";

type Agent = Schemas["Agent"];
type Draft = Schemas["AgentDraft"];

/** By the path of a setting under the agent: what stands in its field, where that isn't what is saved. */
interface Typed {
  readonly [path: string]: string;
}

interface FieldOf {
  readonly path: string;
  readonly control: Control;
  readonly description: string | undefined;
  /** What is saved, as it is typed. */
  readonly saved: string;
  /** It stands in the environment, which goes first. */
  readonly fixed: boolean;
}

/** Whether a setting has its place in the form. */
export function isInForm(path: string): boolean {
  return path === "instructions" || path === "models" || path === "tools" || path === "approve" || path.startsWith("limits.");
}

/** What an agent is told and by whom it is answered, in a form; what a model reads of it, and the agent itself to talk to, beside it. */
export function Workbench({ agent, role }: { readonly agent: Agent; readonly role: Schemas["Role"] }) {
  const [typed, setTyped] = useState<Typed>({});
  const admin = atLeast(role, "admin");
  const fields = useFields(agent, admin);
  const changed = fields.filter(({ path, saved }) => (typed[path] ?? saved) !== saved);
  const read = changed.map(({ path, control }) => [path, readControl(control, typed[path] ?? "")] as const);
  const values = read.flatMap(([path, result]) => ("value" in result ? [[path, result.value] as const] : []));
  const draft: Draft | undefined = values.length > 0 ? Object.fromEntries(values) : undefined;
  const mayTry = atLeast(role, "operator");
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      {admin && fields.length > 0 && (
        <AgentForm
          {...{ id: agent.id, fields, typed, draft }}
          wrong={values.length < read.length}
          onType={(path, text) => setTyped({ ...typed, [path]: text })}
          onClear={() => setTyped({})}
        />
      )}
      {mayTry && (
        <div className="min-w-0 lg:sticky lg:top-5 lg:col-start-2 lg:row-span-2 lg:row-start-1">
          <Playground key={agent.id} id={agent.id} draft={draft} />
        </div>
      )}
      <Preview id={agent.id} draft={draft} />
      {changed.length > 0 && <Unsaved />}
    </div>
  );
}

function useFields(agent: Agent, enabled: boolean): readonly FieldOf[] {
  const config = useQuery({ ...configQuery, enabled });
  const schema = useQuery({ ...configSchemaQuery, enabled });
  if (!config.data || !schema.data) return [];
  const section = `agents.${agent.id}`;
  const at = (path: string) => schemaAt(schema.data as JsonSchema, `${section}.${path}`);
  return pathsIn(schema.data, section)
    .map((path) => path.slice(section.length + 1))
    .filter(isInForm)
    .map((path) => {
      const setting = config.data.find((known) => known.path === `${section}.${path}`);
      const control = controlOf(at(path));
      const saved = showControl(control, setting?.value ?? asItRuns(agent, path));
      return { path, control, saved, description: at(path)?.description, fixed: setting?.source === "environment" };
    });
}

/** What holds where nothing is set. */
function asItRuns(agent: Agent, path: string): unknown {
  const [head = "", key = ""] = path.split(".");
  if (head === "limits") return agent.limits[key as keyof Agent["limits"]];
  return head === "approve" ? [] : agent[head as "instructions" | "models" | "tools"];
}

interface AgentFormProps {
  readonly id: string;
  readonly fields: readonly FieldOf[];
  readonly typed: Typed;
  readonly draft: Draft | undefined;
  /** Something can't be read at all. */
  readonly wrong: boolean;
  readonly onType: (path: string, text: string) => void;
  readonly onClear: () => void;
}

function AgentForm({ id, fields, typed, draft, wrong, onType, onClear }: AgentFormProps) {
  const save = useMutation({
    mutationFn: async () => {
      for (const [path, value] of Object.entries(draft ?? {})) await putSetting(`agents.${id}.${path}`, value);
    },
    onSettled: () => Promise.all([cache.invalidateQueries(agentsQuery), cache.invalidateQueries(configQuery)]),
    onSuccess: () => {
      onClear();
      say(words.agents.saved);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft && !wrong && !save.isPending) save.mutate();
  };
  const draw = ({ path, control, saved, description, fixed }: FieldOf) => {
    const text = typed[path] ?? saved;
    const result = text === saved ? undefined : readControl(control, text);
    const limit = path.startsWith("limits.");
    return (
      <Field
        key={path}
        label={
          limit ? <code className="break-all font-mono text-row">{path.slice("limits.".length)}</code> : wordFor(words.agents.fields, path)
        }
        hint={limit ? hintOf(control) : withCode(description)}
        error={result && "wrong" in result ? words.settings.wrong[result.wrong] : undefined}
        optional={saved === ""}
      >
        {(described) => <SettingControl {...{ control, described }} typed={text} disabled={fixed} onType={(next) => onType(path, next)} />}
      </Field>
    );
  };
  return (
    <Section title={words.agents.form}>
      <form noValidate onSubmit={submit} className="grid gap-4">
        {fields.filter(({ path }) => !path.startsWith("limits.")).map(draw)}
        <fieldset className="grid grid-cols-2 gap-x-3 gap-y-4">
          <legend className="col-span-full mb-2 font-medium text-body">{words.agents.limits}</legend>
          {fields.filter(({ path }) => path.startsWith("limits.")).map(draw)}
        </fieldset>
        {save.error && (
          <Notice tone="bad" live title={faultOf(save.error).message}>
            {faultOf(save.error).hint}
          </Notice>
        )}
        <div className="flex flex-wrap items-center justify-end gap-2">
          {draft && <span className="mr-auto text-row text-soft">{words.agents.unsaved}</span>}
          <Button disabled={Object.keys(typed).length === 0 || save.isPending} onClick={onClear}>
            {words.agents.discard}
          </Button>
          <Button type="submit" look="primary" disabled={!draft || wrong} busy={save.isPending}>
            {words.forms.save}
          </Button>
        </div>
      </form>
    </Section>
  );
}

/** As it runs, or as it stands in the form; what a save would refuse is said here while it is typed. */
function Preview({ id, draft }: { readonly id: string; readonly draft: Draft | undefined }) {
  const { data, error } = useQuery({ ...previewQuery(id, useSettled(draft)), placeholderData: keepPreviousData });
  if (!data && !error) return null;
  return (
    <Section title={words.agents.preview} aside={data && <Tag>{words.agents.previewTokens(count(data.tokens))}</Tag>}>
      <p className="mb-3 text-row text-soft">{draft ? words.agents.previewDraft : words.agents.previewLead}</p>
      {error ? (
        <Notice tone="bad" live title={faultOf(error).message}>
          {faultOf(error).hint}
        </Notice>
      ) : (
        <p className="max-h-72 overflow-y-auto whitespace-pre-wrap break-words rounded-control bg-sunken px-4 py-3 text-row">
          {data?.instructions}
        </p>
      )}
    </Section>
  );
}
