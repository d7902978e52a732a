import type { GuidePicture } from "../core/guide-picture.ts";

/** What Meta's dashboard shows, whatever platform of theirs the app is for: https://developers.facebook.com/docs/development/create-an-app */
export function appSecretPicture(step: number): GuidePicture {
  return {
    step,
    title: "App settings, Basic",
    rows: [{ kind: "field", label: "App secret", value: "••••••••", marked: true, into: "appSecret" }],
  };
}

/** https://developers.facebook.com/docs/graph-api/webhooks/getting-started */
export function webhookPicture(step: number, title: string, subscribed: string): GuidePicture {
  return {
    step,
    title,
    rows: [
      { kind: "field", label: "Callback URL", value: "https://<your gateway>/hooks/<account>" },
      { kind: "field", label: "Verify token", value: "your word" },
      { kind: "button", label: "Verify and save", marked: true },
      { kind: "tick", label: subscribed, on: true },
    ],
  };
}
