import type { PlatformEvent } from "../../../src/core/event.ts";

/**
 * Activities as Microsoft's pages show them, with words of ours, and what they say. Messages, edits and deletions:
 * https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/conversation-messages; members, reactions, installations:
 * …/conversations/subscribe-to-conversation-events; mentions: …/conversations/channel-and-group-conversations; files: …/bots-filesv4; presses:
 * https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/universal-action-model
 */
export interface Sample {
  readonly activity: object;
  readonly events: readonly PlatformEvent[];
}

const bot = "28:608cacfd-1cea-40c9-b678-4b93e69bb72b";
const user = "29:1XJKJMvc5GBtc2JwZq0oj8tHZmzrQgFmB39ATiQWA85gQtHieVkKilBZ9XHoq9j7Zaqt7CZ-NJWi7me2kHTL3Bw";
const tenant = "b28fdbfd-2b78-4f93-b0f8-8881793f0f8f";
const chat =
  "a:17I0kl9EkpE1O9PH5TWrzrLNwnWWcfrU7QZjKR0WSfOpzbfcAg2IaydGElSo10tVr4C7Fc6GtieTJX663WuJCc1uA83n4CSrHSgGBj5XNYLcVlJAs2ZX8DbYBPck201w-";
const channel = "19:0b7f32667e064dd9b25d7969801541f4@thread.tacv2";

const personal = {
  ...{ timestamp: "2017-02-01T21:10:07.437Z", localTimestamp: "2017-02-01T14:10:07.437-07:00", channelId: "msteams" },
  from: { id: user, name: "Megan Bowen", aadObjectId: "7faf8ab2-3d56-4244-b585-20c8a42ed2b8" },
  conversation: { conversationType: "personal", tenantId: tenant, id: chat },
  recipient: { id: bot, name: "Teams TestBot" },
  entities: [{ locale: "en-US", country: "US", platform: "Windows", timezone: "America/Los_Angeles", type: "clientInfo" }],
  channelData: { tenant: { id: tenant } },
  locale: "en-US",
};
const at = Date.parse("2017-02-01T21:10:07.437Z");
const direct = { chat: { id: chat, kind: "direct" }, sender: { id: user, name: "Megan Bowen", bot: false, self: false }, at } as const;

const team = {
  ...personal,
  conversation: { isGroup: true, conversationType: "channel", tenantId: tenant, id: `${channel};messageid=1481567603816` },
  channelData: {
    ...{ teamsChannelId: channel, teamsTeamId: "19:team@thread.tacv2", channel: { id: channel, name: "General" }, tenant: { id: tenant } },
    team: { id: "19:team@thread.tacv2" },
  },
};
const inThread = { ...direct, chat: { id: channel, thread: "1481567603816", kind: "group", title: "General" } } as const;

const roster = {
  ...team,
  conversation: { isGroup: true, conversationType: "channel", tenantId: tenant, id: channel, name: "2021 Test Channel" },
};
const inChannel = { ...direct, chat: { id: channel, kind: "group", title: "General" } } as const;

const html = { contentType: "text/html", content: "<div><div>Hello, <strong>bot</strong></div></div>" };

export const samples = {
  direct: {
    activity: { ...personal, type: "message", id: "1485983408511", textFormat: "plain", text: "Hello, bot & <you>", attachments: [html] },
    events: [
      {
        ...{ ...direct, kind: "message", key: `${chat}:1485983408511`, platformId: "1485983408511", addressed: true },
        parts: [{ type: "text", text: "Hello, bot & <you>", markup: "plain" }],
      },
    ],
  },
  mention: {
    activity: {
      ...{ ...team, type: "message", id: "1481567603900", textFormat: "plain" },
      text: "<at>Test Bot</at> what does <at>Pranav Smith</at> mean by <at>Test Bot</at>?\n",
      entities: [
        { type: "mention", mentioned: { id: bot, name: "Test Bot" }, text: "<at>Test Bot</at>" },
        { type: "mention", mentioned: { id: "29:08q2j2o3jc09au90eucae", name: "Pranav $& Smith" }, text: "<at>Pranav Smith</at>" },
        { type: "clientInfo", locale: "en-US" },
      ],
    },
    events: [
      {
        ...{ ...inThread, kind: "message", key: `${channel};messageid=1481567603816:1481567603900`, platformId: "1481567603900" },
        ...{ addressed: true, parts: [{ type: "text", text: "what does @Pranav $& Smith mean by ?", markup: "plain" }] },
      },
    ],
  },
  forgedMention: {
    activity: { ...team, type: "message", id: "1481567603901", text: "<at>Test Bot</at> only looks like a mention", entities: [] },
    events: [
      {
        ...{ ...inThread, kind: "message", key: `${channel};messageid=1481567603816:1481567603901`, platformId: "1481567603901" },
        ...{ addressed: false, parts: [{ type: "text", text: "<at>Test Bot</at> only looks like a mention", markup: "plain" }] },
      },
    ],
  },
  groupChat: {
    activity: {
      ...{ ...personal, type: "message", id: "1700000000001", text: "hello" },
      conversation: { isGroup: true, conversationType: "groupChat", tenantId: tenant, id: "19:2da4c29f6d7041eca70b638b43d45437@thread.v2" },
    },
    events: [
      {
        ...{ ...direct, kind: "message", key: "19:2da4c29f6d7041eca70b638b43d45437@thread.v2:1700000000001", platformId: "1700000000001" },
        chat: { id: "19:2da4c29f6d7041eca70b638b43d45437@thread.v2", kind: "group" },
        ...{ addressed: false, parts: [{ type: "text", text: "hello", markup: "plain" }] },
      },
    ],
  },
  file: {
    activity: {
      ...{ ...personal, type: "message", id: "1485983408512" },
      attachments: [
        {
          contentType: "application/vnd.microsoft.teams.file.download.info",
          contentUrl: "https://contoso.sharepoint.com/personal/johnadams_contoso_com/Documents/Applications/file_example.txt",
          name: "file_example.txt",
          content: {
            downloadUrl: "https://download.link/x?tempauth=1",
            uniqueId: "1150D938-8870-4044-9F2C-5BBDEBA70C9D",
            fileType: "txt",
            etag: "123",
          },
        },
        {
          contentType: "application/vnd.microsoft.teams.file.download.info",
          name: "photo.PNG",
          content: { downloadUrl: "https://download.link/y", uniqueId: "2", fileType: "PNG" },
        },
      ],
    },
    events: [
      {
        ...{ ...direct, kind: "message", key: `${chat}:1485983408512`, platformId: "1485983408512", addressed: true },
        parts: [
          { type: "file", source: { at: "platform", ref: "https://download.link/x?tempauth=1" }, name: "file_example.txt" },
          { type: "image", source: { at: "platform", ref: "https://download.link/y" }, name: "photo.PNG" },
        ],
      },
    ],
  },
  fileInChannel: {
    activity: {
      ...{ ...team, type: "message", id: "1481567603902", text: "look" },
      attachments: [
        { contentType: "text/html", content: '<p>look</p><attachment id="1150D938-8870-4044-9F2C-5BBDEBA70C9D"></attachment>' },
      ],
    },
    events: [
      {
        ...{
          ...inThread,
          kind: "message",
          key: `${channel};messageid=1481567603816:1481567603902`,
          platformId: "1481567603902",
          addressed: false,
        },
        parts: [
          { type: "text", text: "look", markup: "plain" },
          {
            type: "file",
            source: { at: "nowhere", reason: "Teams hands out files of channels and group chats through Microsoft Graph only" },
          },
        ],
      },
    ],
  },
  edited: {
    activity: {
      ...personal,
      type: "messageUpdate",
      id: "1485983408511",
      text: "Hello, bots",
      channelData: { eventType: "editMessage", tenant: { id: tenant } },
    },
    events: [
      {
        ...{ ...direct, kind: "edit", key: `${chat}:messageUpdate:1485983408511:2017-02-01T21:10:07.437Z`, platformId: "1485983408511" },
        parts: [{ type: "text", text: "Hello, bots", markup: "plain" }],
      },
    ],
  },
  undeleted: {
    activity: {
      ...{ ...personal, type: "messageUpdate", id: "1485983408511", text: "Hello, bots", timestamp: "2017-02-01T21:12:07Z" },
      channelData: { eventType: "undeleteMessage", tenant: { id: tenant } },
    },
    events: [
      {
        ...{ ...direct, kind: "edit", key: `${chat}:messageUpdate:1485983408511:2017-02-01T21:12:07Z`, platformId: "1485983408511" },
        ...{ at: Date.parse("2017-02-01T21:12:07Z"), parts: [{ type: "text", text: "Hello, bots", markup: "plain" }] },
      },
    ],
  },
  deleted: {
    activity: {
      ...personal,
      type: "messageDelete",
      id: "1485983408511",
      channelData: { eventType: "softDeleteMessage", tenant: { id: tenant } },
    },
    events: [
      { ...direct, kind: "delete", key: `${chat}:messageDelete:1485983408511:2017-02-01T21:10:07.437Z`, platformId: "1485983408511" },
    ],
  },
  reaction: {
    activity: {
      ...personal,
      type: "messageReaction",
      id: "f:9f78d1f3",
      reactionsAdded: [{ type: "like" }, { type: "1f917_hug" }],
      replyToId: "1575667808184",
    },
    events: [
      {
        ...{ ...direct, kind: "reaction", key: `${chat}:messageReaction:f:9f78d1f3:2017-02-01T21:10:07.437Z`, platformId: "1575667808184" },
        reactions: ["👍", ":1f917_hug:"],
      },
    ],
  },
  reactionRemoved: {
    activity: { ...personal, type: "messageReaction", id: "f:9f78d1f4", reactionsRemoved: [{ type: "like" }], replyToId: "1575667808184" },
    events: [
      {
        ...{ ...direct, kind: "reaction", key: `${chat}:messageReaction:f:9f78d1f4:2017-02-01T21:10:07.437Z`, platformId: "1575667808184" },
        reactions: [],
      },
    ],
  },
  execute: {
    activity: {
      ...{
        ...personal,
        type: "invoke",
        name: "adaptiveCard/action",
        id: "f:0b9079f4-d4d3-3d8e-b883-798298053c7e",
        replyToId: "1575667808184",
      },
      value: {
        action: { type: "Action.Execute", title: "Yes", verb: "press", data: { press: "ms_0000000000000000000000:1" } },
        trigger: "manual",
      },
    },
    events: [
      {
        ...{ ...direct, kind: "press", key: `${chat}:invoke:f:0b9079f4-d4d3-3d8e-b883-798298053c7e:2017-02-01T21:10:07.437Z` },
        ...{ token: "ms_0000000000000000000000:1", platformId: "1575667808184" },
      },
    ],
  },
  submit: {
    activity: { ...personal, type: "message", id: "f:1", value: { press: "ms_0000000000000000000000:0" }, replyToId: "1575667808184" },
    events: [
      {
        ...{ ...direct, kind: "press", key: `${chat}:message:f:1:2017-02-01T21:10:07.437Z` },
        ...{ token: "ms_0000000000000000000000:0", platformId: "1575667808184" },
      },
    ],
  },
  otherInvoke: {
    activity: { ...personal, type: "invoke", name: "composeExtension/query", id: "f:2", value: { commandId: "search" } },
    events: [],
  },
  added: {
    activity: { ...roster, type: "conversationUpdate", id: "f:0b9079f4", membersAdded: [{ id: bot }, { id: "29:new", aadObjectId: "x" }] },
    events: [
      {
        ...inChannel,
        kind: "membership",
        key: `${channel}:conversationUpdate:f:0b9079f4:2017-02-01T21:10:07.437Z:joined:${bot}`,
        change: "joined",
      },
      {
        ...{ ...inChannel, kind: "membership", key: `${channel}:conversationUpdate:f:0b9079f4:2017-02-01T21:10:07.437Z:joined:29:new` },
        ...{ change: "joined", member: { id: "29:new", bot: false, self: false } },
      },
    ],
  },
  removed: {
    activity: { ...roster, type: "conversationUpdate", id: "f:d8a6a4aa", membersRemoved: [{ id: bot }] },
    events: [
      {
        ...inChannel,
        kind: "membership",
        key: `${channel}:conversationUpdate:f:d8a6a4aa:2017-02-01T21:10:07.437Z:left:${bot}`,
        change: "left",
      },
    ],
  },
  renamed: {
    activity: {
      ...roster,
      type: "conversationUpdate",
      id: "f:1406033e",
      channelData: { eventType: "teamRenamed", tenant: { id: tenant } },
    },
    events: [],
  },
  installed: {
    activity: { ...personal, type: "installationUpdate", id: "f:816eb23d", action: "add" },
    events: [{ ...direct, kind: "membership", key: `${chat}:installationUpdate:f:816eb23d:2017-02-01T21:10:07.437Z`, change: "joined" }],
  },
  uninstalled: {
    activity: { ...personal, type: "installationUpdate", id: "f:816eb23e", action: "remove" },
    events: [{ ...direct, kind: "membership", key: `${chat}:installationUpdate:f:816eb23e:2017-02-01T21:10:07.437Z`, change: "left" }],
  },
  unknownKind: { activity: { ...personal, type: "event", id: "f:3", name: "application/vnd.microsoft.readReceipt" }, events: [] },
} as const satisfies Record<string, Sample>;

/** When they are read. */
export const samplesReadAt = Date.parse("2017-02-01T21:10:30Z");
