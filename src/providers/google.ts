import { hostedProvider } from "../ai-sdk/adapter.ts";

/** The Gemini API: https://ai.google.dev/api/generate-content */
export default hostedProvider({
  kind: "google",
  name: "Google Gemini",
  package: { name: "@ai-sdk/google", version: "4.0.121" },
  factory: "createGoogle",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  keyFrom: "aistudio.google.com",
  hears: true,
  keyHeader: "x-goog-api-key",
  // https://ai.google.dev/api/generate-content#FinishReason
  ends: {
    LANGUAGE: "filter",
    OTHER: "interrupted",
    UNEXPECTED_TOOL_CALL: "interrupted",
    TOO_MANY_TOOL_CALLS: "interrupted",
    MISSING_THOUGHT_SIGNATURE: "interrupted",
    MALFORMED_RESPONSE: "interrupted",
  },
});
