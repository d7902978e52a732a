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
    // What one person asks for can bring these about: they say nothing about the model.
    OTHER: "broken",
    MALFORMED_FUNCTION_CALL: "broken",
    UNEXPECTED_TOOL_CALL: "broken",
    TOO_MANY_TOOL_CALLS: "broken",
    MISSING_THOUGHT_SIGNATURE: "broken",
    MALFORMED_RESPONSE: "broken",
  },
});
