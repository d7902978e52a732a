import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { Schemas } from "../../api/client.ts";
import { accountsQuery, channelsQuery } from "../../api/queries.ts";
import { Back } from "../../parts/back.tsx";
import { Page } from "../../parts/page.tsx";
import { Failed, SkeletonRows } from "../../parts/states.tsx";
import { Unsaved } from "../../parts/unsaved.tsx";
import { words } from "../../words/words.ts";
import { ConnectStep } from "./connect-step.tsx";
import { DoneStep } from "./done-step.tsx";
import type { Draft } from "./draft.ts";
import { PeopleStep } from "./people-step.tsx";
import { Steps } from "./steps.tsx";

type Account = Schemas["Account"];

/** Adds an account in three steps: connect, who may write, try it. */
export function AddAccount() {
  const { kind } = useParams({ from: "/inside/channels/add/$kind" });
  const channels = useQuery(channelsQuery);
  const accounts = useQuery(accountsQuery);
  const channel = channels.data?.find((each) => each.kind === kind);
  const title = words.channels.addKind(channel?.name ?? kind);
  return (
    <Page title={title} lead={channel?.summary} back={<Back to="/channels/add">{words.channels.add}</Back>}>
      {(channels.isPending || accounts.isPending) && <SkeletonRows rows={4} />}
      {channels.error && !channels.data && <Failed error={channels.error} retry={() => void channels.refetch()} />}
      {channels.data && !channel && <Failed error={new Error(words.channels.unknownKind(kind))} />}
      {channel && accounts.data && <Wizard key={kind} channel={channel} taken={accounts.data.map(({ id }) => id)} />}
    </Page>
  );
}

function Wizard({ channel, taken }: { readonly channel: Schemas["ChannelKind"]; readonly taken: readonly string[] }) {
  const [step, setStep] = useState<0 | 1 | 2>(0);
  const [draft, setDraft] = useState<Draft>({ values: {}, settings: {} });
  const [account, setAccount] = useState<Account>();
  return (
    <>
      <Steps names={[words.channels.stepConnect, words.channels.stepPeople, words.channels.stepDone]} at={step} />
      {step === 0 && (
        <ConnectStep
          channel={channel}
          draft={draft}
          onDraft={setDraft}
          onNext={(next) => {
            setDraft(next);
            setStep(1);
          }}
        />
      )}
      {step === 1 && (
        <PeopleStep
          channel={channel}
          draft={draft}
          taken={taken}
          onBack={() => setStep(0)}
          onSaved={(saved) => {
            setAccount(saved);
            setStep(2);
          }}
        />
      )}
      {(step === 1 || (step === 0 && Object.values(draft.values).some(Boolean))) && <Unsaved />}
      {step === 2 && account && <DoneStep account={account} channel={channel} />}
    </>
  );
}
