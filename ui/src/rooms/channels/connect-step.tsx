import type { FormEvent } from "react";
import type { Schemas } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Section } from "../../parts/page.tsx";
import { words } from "../../words/words.ts";
import type { Draft } from "./draft.ts";
import { Guide } from "./guide.tsx";
import { useProbe } from "./probe.ts";
import { ProbeResult } from "./probe-result.tsx";
import { readFields } from "./setting-fields.ts";
import { SettingsForm } from "./settings-form.tsx";

interface ConnectStepProps {
  readonly channel: Schemas["ChannelKind"];
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly onNext: (draft: Draft) => void;
}

/** What to do on the platform, what it gave, and whether it works. */
export function ConnectStep({ channel, draft, onDraft, onNext }: ConnectStepProps) {
  const fields = readFields(channel.settings);
  const probe = useProbe({ channel: channel.kind, fields, values: draft.values });
  const identity = probe.identity ?? draft.identity;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (probe.busy || !probe.check()) return;
    if (identity) return onNext({ ...draft, settings: probe.settings, identity });
    // The refusal is shown from the probe's state.
    await probe.run().catch(() => undefined);
  };

  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)]">
      <Section title={words.channels.guide(channel.name)}>
        <Guide channel={channel} />
      </Section>
      <Section title={words.channels.settings}>
        <form noValidate onSubmit={(event) => void submit(event)} className="grid gap-5">
          <SettingsForm
            fields={fields}
            values={draft.values}
            errors={probe.errors}
            onChange={(values) => {
              // What was tested isn't what is written now.
              probe.reset();
              onDraft({ values, settings: {} });
            }}
          />
          <ProbeResult identity={identity} fault={probe.fault} />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="primary" busy={probe.busy}>
              {identity ? words.forms.next : words.channels.test}
            </Button>
            {probe.fault && probe.valid && (
              <Button look="quiet" onClick={() => onNext({ ...draft, settings: probe.settings })}>
                {words.channels.nextAnyway}
              </Button>
            )}
          </div>
        </form>
      </Section>
    </div>
  );
}
