import { describedBy } from "../../support/openapi.ts";

type Schema = { [key: string]: unknown };

/**
 * Meta's own description of the Cloud API (https://github.com/facebook/openapi, v23.0), put right where it contradicts its own examples:
 *
 * - A kind of message is everything that all messages have and something of its own; it says of the latter that nothing else may be there.
 * - All messages may have `biz_opaque_callback_data`, and a person is named by `to` or, since 2026, by `recipient`:
 *   https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
 * - A list's body has 4,096 characters, not 1,024; the simulator looks at those of buttons by itself:
 *   https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-list-messages
 * - Marking as read and typing stand among the examples only:
 *   https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators
 * - Lists are read page by page: https://developers.facebook.com/docs/graph-api/results
 */
function amend(document: Schema): void {
  const { schemas } = document.components as { schemas: Record<string, Schema> };
  for (const [name, schema] of Object.entries(schemas)) {
    const [, own] = (schema.allOf ?? []) as Schema[];
    if (!name.endsWith("Message") || own?.additionalProperties !== false) continue;
    delete own.additionalProperties;
    schema.unevaluatedProperties = false;
  }
  const base = schemas.BaseMessageProperties as Schema;
  Object.assign(base.properties as Schema, {
    biz_opaque_callback_data: { type: "string", maxLength: 512 },
    recipient: { type: "string", pattern: "^[A-Z]{2}\\.(ENT\\.)?[A-Za-z0-9]{1,128}$" },
  });
  base.required = ["messaging_product", "type"];
  base.anyOf = [{ required: ["to"] }, { required: ["recipient"] }];
  Object.assign((schemas.BodyObject as { properties: { text: Schema } }).properties.text, { minLength: 1, maxLength: 4096 });
  const { "/{Version}/{WABA-ID}/message_templates": templates } = document.paths as Record<string, { get: { parameters: object[] } }>;
  for (const name of ["limit", "after"]) templates?.get.parameters.push({ name, in: "query", schema: { type: "string" } });
  schemas.ReadMessage = {
    type: "object",
    required: ["messaging_product", "status", "message_id"],
    properties: {
      messaging_product: { const: "whatsapp" },
      status: { const: "read" },
      message_id: { type: "string" },
      typing_indicator: { type: "object", properties: { type: { const: "text" } }, required: ["type"], additionalProperties: false },
    },
    additionalProperties: false,
  };
  (schemas.Message as { oneOf: Schema[] }).oneOf.push({ $ref: "#/components/schemas/ReadMessage" });
}

export const description = describedBy("whatsapp-cloud.yaml", { amend });
