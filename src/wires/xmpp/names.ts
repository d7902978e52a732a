/** Namespaces, each with the page that defines it. */
export const ns = {
  stanzas: "urn:ietf:params:xml:ns:xmpp-stanzas",
  ping: "urn:xmpp:ping", // https://xmpp.org/extensions/xep-0199.html
  disco: "http://jabber.org/protocol/disco#info", // https://xmpp.org/extensions/xep-0030.html
  discoItems: "http://jabber.org/protocol/disco#items",
  muc: "http://jabber.org/protocol/muc", // https://xmpp.org/extensions/xep-0045.html
  mucUser: "http://jabber.org/protocol/muc#user",
  conference: "jabber:x:conference", // https://xmpp.org/extensions/xep-0249.html
  occupantId: "urn:xmpp:occupant-id:0", // https://xmpp.org/extensions/xep-0421.html
  mam: "urn:xmpp:mam:2", // https://xmpp.org/extensions/xep-0313.html
  rsm: "http://jabber.org/protocol/rsm", // https://xmpp.org/extensions/xep-0059.html
  form: "jabber:x:data", // https://xmpp.org/extensions/xep-0004.html
  delay: "urn:xmpp:delay", // https://xmpp.org/extensions/xep-0203.html
  forward: "urn:xmpp:forward:0", // https://xmpp.org/extensions/xep-0297.html
  ids: "urn:xmpp:sid:0", // https://xmpp.org/extensions/xep-0359.html
  acks: "urn:xmpp:sm:3", // https://xmpp.org/extensions/xep-0198.html
  correct: "urn:xmpp:message-correct:0", // https://xmpp.org/extensions/xep-0308.html
  retract: "urn:xmpp:message-retract:1", // https://xmpp.org/extensions/xep-0424.html
  reactions: "urn:xmpp:reactions:0", // https://xmpp.org/extensions/xep-0444.html
  reply: "urn:xmpp:reply:0", // https://xmpp.org/extensions/xep-0461.html
  fallback: "urn:xmpp:fallback:0", // https://xmpp.org/extensions/xep-0428.html
  hints: "urn:xmpp:hints", // https://xmpp.org/extensions/xep-0334.html
  chatStates: "http://jabber.org/protocol/chatstates", // https://xmpp.org/extensions/xep-0085.html
  receipts: "urn:xmpp:receipts", // https://xmpp.org/extensions/xep-0184.html
  markers: "urn:xmpp:chat-markers:0", // https://xmpp.org/extensions/xep-0333.html
  oob: "jabber:x:oob", // https://xmpp.org/extensions/xep-0066.html
  upload: "urn:xmpp:http:upload:0", // https://xmpp.org/extensions/xep-0363.html
  encryption: "urn:xmpp:eme:0", // https://xmpp.org/extensions/xep-0380.html
} as const;

/** A full address in two: who or where, and what is behind the slash (a device, or a nick in a room). */
export function splitJid(jid: string): readonly [bare: string, resource: string] {
  const slash = jid.indexOf("/");
  return slash < 0 ? [jid.toLowerCase(), ""] : [jid.slice(0, slash).toLowerCase(), jid.slice(slash + 1)];
}
