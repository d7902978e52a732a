import { hostedProvider } from "../ai-sdk/adapter.ts";

/**
 * Amazon Bedrock's Converse API with a Bedrock API key: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 * https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
 */
export default hostedProvider({
  kind: "bedrock",
  name: "Amazon Bedrock",
  package: { name: "@ai-sdk/amazon-bedrock", version: "5.0.101" },
  factory: "createAmazonBedrock",
  baseUrl: "https://bedrock-runtime.us-east-1.amazonaws.com",
  keyFrom: "the Bedrock console, under API keys",
  keyFromIn: { de: "der Konsole von Bedrock, unter „API keys“" },
  // The list is another service's: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
  modelsUrl: (baseUrl) => `${baseUrl.replace("//bedrock-runtime.", "//bedrock.")}/foundation-models`,
});
