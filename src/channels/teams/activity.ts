import { z } from "zod";

/**
 * What Teams posts, as far as we read it (https://github.com/microsoft/Agents/blob/main/specs/activity/protocol-activity.md). New fields and
 * kinds may come at any time, and one odd field must not cost a message: an unreadable optional one counts as absent.
 */
const some = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const text = some(z.string());
const id = z.string().min(1).max(512);

const party = z.object({ id, name: text, role: text, aadObjectId: some(z.guid()) });
export type Party = z.infer<typeof party>;

const attachment = z.object({ contentType: z.string(), contentUrl: text, content: z.unknown().optional(), name: text });
export type Attachment = z.infer<typeof attachment>;

const parties = some(z.array(party).max(1_000));
const reactions = some(z.array(z.object({ type: z.string().max(64) })).max(100));

export const activity = z.object({
  type: z.string(),
  /** Empty where it isn't there: then nothing tells it from its repetition. */
  id: id.catch(""),
  timestamp: text,
  serviceUrl: z.url({ protocol: /^https?$/ }).max(2_048),
  channelId: z.string(),
  from: party,
  recipient: party,
  conversation: z.object({ id, conversationType: text, tenantId: text, name: text }),
  text,
  attachments: some(z.array(attachment).max(100)),
  entities: some(z.array(z.object({ type: text, text, mentioned: some(party) })).max(1_000)),
  membersAdded: parties,
  membersRemoved: parties,
  reactionsAdded: reactions,
  reactionsRemoved: reactions,
  replyToId: some(id),
  action: text,
  name: text,
  value: z.unknown().optional(),
  channelData: some(
    z.object({
      tenant: some(z.object({ id: text })),
      team: some(z.object({ aadGroupId: some(z.guid()) })),
      channel: some(z.object({ name: text })),
    }),
  ),
});
export type Activity = z.infer<typeof activity>;
