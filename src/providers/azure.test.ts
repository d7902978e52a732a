import { providerContract } from "../../test/contract/provider.ts";
import azure from "./azure.ts";

providerContract(azure, { settings: ({ origin, key }) => ({ baseUrl: `${origin}/azure/v1`, apiKey: key }) });
