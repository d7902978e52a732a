import { providerContract } from "../../test/contract/provider.ts";
import mistral from "./mistral.ts";

providerContract(mistral, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/v1`, apiKey: key }),
});
