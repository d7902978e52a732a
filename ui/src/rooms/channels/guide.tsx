import { memo } from "react";
import type { Schemas } from "../../api/client.ts";
import { Markdown } from "../../parts/markdown.tsx";
import { readFields } from "./setting-fields.ts";
import { StepPicture } from "./step-picture.tsx";

/** A guide's lines are broken for whoever reads the source; in a message a line break is meant. */
const broken = /(?<=\S)\n(?!\n|\s*(?:-|\d+\.) )\s*/g;

/** What to do on the platform, with a picture where a step has one. It stays as it is while the form beside it is filled in. */
export const Guide = memo(function Guide({ channel }: { readonly channel: Schemas["ChannelKind"] }) {
  const fields = readFields(channel.settings);
  const labelOf = (key: string) => fields.find((field) => field.key === key)?.label ?? key;
  const drawn = (step: number) =>
    channel.pictures
      .filter((picture) => picture.step === step)
      .map((picture) => <StepPicture key={picture.title} picture={picture} platform={channel.name} labelOf={labelOf} />);
  return <Markdown text={channel.guide.replace(broken, " ")} className="gap-3 text-row text-soft" behindItem={drawn} />;
});
