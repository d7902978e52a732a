import MessageCircle from "lucide-react/icons/message-circle";
import Send from "lucide-react/icons/send";
import Webhook from "lucide-react/icons/webhook";

const signs: { readonly [kind: string]: typeof Send } = { telegram: Send, webchat: MessageCircle, webhook: Webhook };

/** A sign for a kind of channel: an icon of ours, or the first letters of its name. */
export function ChannelSign({ kind, name }: { readonly kind: string; readonly name: string }) {
  const Icon = Object.hasOwn(signs, kind) ? signs[kind] : undefined;
  return (
    <span
      aria-hidden
      className="grid size-9 shrink-0 place-items-center rounded-control bg-accent-wash font-semibold text-accent-ink text-row"
    >
      {Icon ? <Icon className="size-4.5" /> : name.slice(0, 2)}
    </span>
  );
}
