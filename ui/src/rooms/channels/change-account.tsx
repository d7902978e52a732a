import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { cache } from "../../api/cache.ts";
import { api, type Schemas, take } from "../../api/client.ts";
import { faultOf } from "../../api/fault.ts";
import { accountsQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Field, Select } from "../../parts/field.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { Switch } from "../../parts/switch.tsx";
import { say } from "../../parts/toast.ts";
import { Unsaved } from "../../parts/unsaved.tsx";
import { words } from "../../words/words.ts";
import { AccessForm, accessOf, accessValues, closedAccess } from "./access-form.tsx";
import { useProbe } from "./probe.ts";
import { ProbeResult } from "./probe-result.tsx";
import { readFields, valuesOf } from "./setting-fields.ts";
import { SettingsForm } from "./settings-form.tsx";

interface ChangeAccountProps {
  readonly account: Schemas["Account"];
  readonly channel: Schemas["ChannelKind"];
}

/** Settings and access of an account that was added here; one of the configuration file is changed there. */
export function ChangeAccount({ account, channel }: ChangeAccountProps) {
  if (account.source !== "app") {
    return (
      <Section title={words.channels.settings}>
        <p className="text-soft">{words.channels.elsewhere[account.source] ?? words.channels.elsewhere.file}</p>
      </Section>
    );
  }
  return <ChangeForm account={account} channel={channel} />;
}

type Streaming = NonNullable<Schemas["Account"]["streaming"]>;

function waysOf({ can, limits }: Schemas["ChannelKind"]): readonly Streaming[] {
  return [...(can.stream ? (["edit"] as const) : []), ...(limits.preview ? (["native"] as const) : []), "blocks", "off"];
}

function ChangeForm({ account, channel }: ChangeAccountProps) {
  const fields = readFields(channel.settings);
  const [values, setValues] = useState(() => valuesOf(fields, account.settings));
  const [access, setAccess] = useState(() => (account.access ? accessValues(account.access) : closedAccess));
  const ways = waysOf(channel);
  const [streaming, setStreaming] = useState(() => ways.find((way) => way === account.streaming) ?? "off");
  const [resend, setResend] = useState(account.onUnknown === "resend");
  const probe = useProbe({ channel: channel.kind, fields, values, account: account.id });
  const typed = JSON.stringify([values, access, streaming, resend]);
  const [saved, setSaved] = useState(typed);
  const save = useMutation({
    mutationFn: (_sent: string) =>
      take(
        api.PUT("/api/accounts/{id}", {
          params: { path: { id: account.id } },
          body: { settings: probe.settings, access: accessOf(access), streaming, onUnknown: resend ? "resend" : "hold" },
        }),
      ),
    onSuccess: (_, sent) => {
      setSaved(sent);
      say(words.channels.changed);
      return cache.invalidateQueries(accountsQuery);
    },
  });
  const fault = save.error ? faultOf(save.error) : undefined;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (probe.check() && !save.isPending) save.mutate(typed);
  };

  return (
    <form noValidate onSubmit={submit} className="grid gap-5">
      <Section title={words.channels.settings}>
        <div className="grid gap-5">
          <SettingsForm
            stored
            fields={fields}
            values={values}
            errors={probe.errors}
            onChange={(next) => {
              probe.reset();
              setValues(next);
            }}
          />
          <ProbeResult identity={probe.identity} fault={probe.fault} />
          <Button
            busy={probe.busy}
            className="justify-self-start"
            onClick={() => void (probe.check() && probe.run().catch(() => undefined))}
          >
            {words.channels.test}
          </Button>
        </div>
      </Section>
      <Section title={words.channels.stepPeople}>
        <AccessForm values={access} onChange={setAccess} />
      </Section>
      <Section title={words.channels.answers}>
        <div className="grid gap-4">
          <Field label={words.channels.streaming} hint={words.channels.streamingHint}>
            {(described) => (
              <Select {...described} value={streaming} onChange={({ target }) => setStreaming(target.value as Streaming)}>
                {ways.map((way) => (
                  <option key={way} value={way}>
                    {words.channels.streamingWays[way]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {!channel.can.idempotent && (
            <Switch label={words.channels.resend} hint={words.channels.resendHint} checked={resend} onChange={setResend} />
          )}
        </div>
      </Section>
      {fault && (
        <Notice tone="bad" live title={fault.message}>
          {fault.hint}
        </Notice>
      )}
      <Button type="submit" look="primary" busy={save.isPending} className="justify-self-start">
        {words.forms.save}
      </Button>
      {typed !== saved && <Unsaved />}
    </form>
  );
}
