import { providerContract } from "../../test/contract/provider.ts";
import groq from "./groq.ts";

providerContract(groq, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/v1`, apiKey: key }),
});
