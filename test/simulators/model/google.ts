import { type Body, type Complaint, checkDataUrl, type Format, invalid, isObject, unknownKey } from "./format.ts";

const known = "contents systemInstruction generationConfig tools toolConfig safetySettings cachedContent labels serviceTier".split(" ");
const statuses: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

/** Gemini's streamGenerateContent: https://ai.google.dev/api/generate-content https://ai.google.dev/gemini-api/docs/troubleshooting */
export const google: Format = {
  name: "google",
  path: /^\/v1beta\/models\/[^/]+:streamGenerateContent$/,

  check(headers, body, key) {
    if (key !== undefined && headers["x-goog-api-key"] !== key) return wrongKey;
    const stray = unknownKey(body, known);
    if (stray) return invalid(`Invalid JSON payload received. Unknown name "${stray}": Cannot find field.`);
    const { contents, tools } = body;
    for (const tool of (tools ?? []) as Body[]) {
      for (const described of (tool.functionDeclarations ?? []) as Body[]) {
        if (!/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(String(described.name))) return invalid("Invalid function name.");
        if (!isObject(described.parametersJsonSchema)) return invalid("functionDeclaration parameters schema should be an object.");
      }
    }
    if (!Array.isArray(contents) || contents.length === 0) return invalid("* GenerateContentRequest.contents: contents is not specified");
    return checkContents(contents as Body[]);
  },

  read(body) {
    const contents = body.contents as Body[];
    const results = partsOf(contents.at(-1)).flatMap(({ functionResponse }) => {
      const answer = isObject(functionResponse) ? (functionResponse.response as Body) : undefined;
      return answer ? [typeof answer.content === "string" ? answer.content : JSON.stringify(answer)] : [];
    });
    const users = contents.filter(({ role }) => role === "user");
    const spoken = partsOf(users.findLast((content) => partsOf(content).some((part) => part.functionResponse === undefined)));
    return {
      words: spoken.flatMap(({ text }) => (typeof text === "string" ? [text] : [])).join("\n"),
      images: spoken.filter(({ inlineData }) => inlineData !== undefined).length,
      results,
      tools: ((body.tools ?? []) as Body[]).flatMap((tool) => (tool.functionDeclarations ?? []) as Body[]).map(({ name }) => String(name)),
    };
  },

  refusal: (complaint) => JSON.stringify(errorOf(complaint)),
  errorEvent: ({ type, message }) => event(errorOf({ status: type === "rate_limit_error" ? 429 : 503, type, message })),

  events(plan, modelVersion) {
    const head = { modelVersion, responseId: "req_simulated" };
    const chunk = (parts: readonly Body[], more: Body = {}) =>
      event({ candidates: [{ content: { role: "model", parts }, index: 0, ...more }], ...head });
    const { input, cachedInput, output } = plan.usage;
    const usageMetadata = {
      promptTokenCount: input,
      candidatesTokenCount: output,
      totalTokenCount: input + output,
      cachedContentTokenCount: cachedInput,
    };
    const events = plan.reasoning.map((text) => chunk([{ text, thought: true }]));
    events.push(...plan.text.map((text) => chunk([{ text }])));
    events.push(...plan.calls.map(({ name, input: given }) => chunk([{ functionCall: { name, args: JSON.parse(given) as unknown } }])));
    const reasons = { stop: "STOP", "tool-calls": "STOP", length: "MAX_TOKENS", filter: "SAFETY" };
    const last = {
      candidates: [{ content: { role: "model", parts: [{ text: "" }] }, finishReason: reasons[plan.end], index: 0 }],
      ...head,
    };
    events.push(event(plan.without.usage ? last : { ...last, usageMetadata }));
    return events;
  },
};

const wrongKey: Complaint = {
  status: 400,
  type: "INVALID_ARGUMENT",
  code: "API_KEY_INVALID",
  message: "API key not valid. Please pass a valid API key.",
};

function errorOf({ status, code, message }: Complaint): Body {
  const reason = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: code, domain: "googleapis.com" };
  const retry = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7s" };
  const details = status === 429 ? [retry] : code ? [reason] : [];
  return { error: { code: status, message, status: statuses[status] ?? "UNKNOWN", details } };
}

function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function partsOf(content: Body | undefined): Body[] {
  return (content?.parts ?? []) as Body[];
}

function checkContents(contents: readonly Body[]): Complaint | undefined {
  for (const [n, content] of contents.entries()) {
    if (content.role !== "user" && content.role !== "model") return invalid("Please use a valid role: user, model.");
    if (partsOf(content).length === 0) return invalid(`* GenerateContentRequest.contents[${n}].parts: contents.parts must not be empty.`);
    const calls = partsOf(content).filter(({ functionCall }) => functionCall !== undefined).length;
    const answers = partsOf(contents[n + 1]).filter(({ functionResponse }) => functionResponse !== undefined).length;
    if (calls !== answers)
      return invalid("Please ensure that the number of function response parts is equal to the number of function call parts.");
    for (const { inlineData } of partsOf(content)) {
      if (inlineData === undefined) continue;
      if (!isObject(inlineData) || !inlineData.mimeType || !checkDataUrl(String(inlineData.data)))
        return invalid("Unable to process input image.");
    }
  }
  return undefined;
}
