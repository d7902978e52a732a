/**
 * The public door for whoever writes a channel, a provider or a tool (`polylogue/plugin`). What stands here is kept
 * stable between minor releases; nothing else of the tree is.
 */

export type {
  Account,
  Channel,
  ChannelLimits,
  Identity,
  Inbox,
  Outbound,
  WebhookRequest,
  WebhookResponse,
  WebhookResult,
} from "./core/channel.ts";
export { defineChannel } from "./core/channel.ts";
export type { ChannelTranslation } from "./core/channel-translation.ts";
export type { Clock } from "./core/clock.ts";
export type { DeliveryContent, SendOutcome } from "./core/delivery.ts";
export type { Dialect, Rendered, TextLimit } from "./core/dialect.ts";
export type { ErrorCode, Fault, Result } from "./core/errors.ts";
export { FaultError, fail, fault, ok } from "./core/errors.ts";
export type { Chat, PlatformEvent, PressEvent, Sender } from "./core/event.ts";
export { buttonToken, readButtonToken } from "./core/event.ts";
export type { GuidePicture, PictureRow } from "./core/guide-picture.ts";
export type { HttpClient, HttpFailure, HttpRequest, HttpResponse, HttpStream } from "./core/http.ts";
export type { Log } from "./core/log.ts";
export type { Button, FilePart, Part } from "./core/message.ts";
export { plainText, textPart } from "./core/message.ts";
export type { OptionalPackage, PackageLoader } from "./core/packages.ts";
export type {
  Embeddings,
  EmbedRequest,
  EndReason,
  ModelContent,
  ModelEvent,
  ModelMessage,
  ModelRequest,
  Provider,
  ProviderAccount,
  ProviderTranslation,
  ToolCall,
  ToolDescription,
  TranscribeRequest,
  Transcript,
  Usage,
} from "./core/provider.ts";
export { defineProvider } from "./core/provider.ts";
export { secret } from "./core/secret.ts";
export type { Tool, ToolContext } from "./core/tool.ts";
export { defineTool } from "./core/tool.ts";
export type { SettingWords } from "./core/translation.ts";
