import { providerContract } from "../../test/contract/provider.ts";
import xai from "./xai.ts";

providerContract(xai, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/v1`, apiKey: key }),
});
