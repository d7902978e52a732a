import { sleep } from "../../core/clock.ts";
import { FaultError, fault } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import type { PlatformAnswer } from "../../core/platform-call.ts";
import { call } from "./api.ts";
import { decodeDeletion, decodeEdit, decodePost, type View } from "./decode.ts";
import { type Channel, channels, type Post, page, users } from "./post.ts";
import type { MattermostAccount } from "./settings.ts";

/** Milliseconds: where nothing was said for so long before we were away, nobody is asked whether something was edited meanwhile. */
const editedWithinMs = 86_400_000;
/** `since` gives so many posts at most, any of them (the server's SqlPostStore.GetPostsSince); then they are read page by page. */
const mostSince = 1_000;
const perPage = 200;

/** The channels that the account is in, and the server's time. Throws FaultError, as the others here. */
export async function channelsOf(account: MattermostAccount, signal: AbortSignal): Promise<{ all: readonly Channel[]; now: number }> {
  const { json, headers } = await ask(account, "GET", "/users/me/channels", signal);
  return { all: channels.catch([]).parse(json), now: Date.parse(headers.date ?? "") || account.clock.now() };
}

/** What was said, edited and deleted behind `since`, oldest first. */
export async function missed(
  account: MattermostAccount,
  all: readonly Channel[],
  since: number,
  viewOf: (channel: string) => View,
  signal: AbortSignal,
): Promise<readonly PlatformEvent[]> {
  const posts: Post[] = [];
  for (const { id, last_post_at } of all) {
    if (last_post_at > since - editedWithinMs) posts.push(...(await postsOf(account, id, since, signal)));
  }
  posts.sort((one, other) => one.create_at - other.create_at);
  const names = new Map<string, string>();
  const writers = [...new Set(posts.map((post) => post.user_id))];
  for (let at = 0; at < writers.length; at += perPage) {
    const { json } = await ask(account, "POST", "/users/ids", signal, writers.slice(at, at + perPage));
    for (const { id, username } of users.catch([]).parse(json)) names.set(id, username);
  }
  return posts.flatMap((post) => {
    const view = viewOf(post.channel_id);
    if (post.original_id !== "") return [];
    if (post.delete_at > 0) return decodeDeletion(post, view);
    if (post.create_at > since) return decodePost(post, view, names.get(post.user_id));
    return post.edit_at > since ? decodeEdit(post, view) : [];
  });
}

async function postsOf(account: MattermostAccount, channel: string, since: number, signal: AbortSignal): Promise<readonly Post[]> {
  const read = async (query: string) => {
    const { data } = page.safeParse((await ask(account, "GET", `/channels/${channel}/posts?${query}`, signal)).json);
    if (!data) throw new FaultError(fault("channel-retry", "Mattermost's answer holds no posts"));
    return { count: data.order.length, posts: data.order.flatMap((id) => data.posts[id] ?? []) };
  };
  const changed = await read(`since=${since}`);
  const posts = new Map(changed.posts.map((post) => [post.id, post]));
  for (let number = 0; changed.count >= mostSince; number++) {
    const older = await read(`page=${number}&per_page=${perPage}`);
    for (const post of older.posts) if (post.create_at > since) posts.set(post.id, post);
    if (older.count < perPage || (older.posts.at(-1)?.create_at ?? 0) <= since) break;
  }
  return [...posts.values()];
}

/** Waits where the server's limit asks for it: it may be many calls. */
async function ask(
  account: MattermostAccount,
  method: "GET" | "POST",
  path: string,
  signal: AbortSignal,
  json?: object,
): Promise<PlatformAnswer> {
  for (;;) {
    const answer = await call(account, method, path, { signal, ...(json ? { json } : {}) });
    if (answer.ok) return answer.value;
    if (answer.fault.status !== 429 || signal.aborted) throw new FaultError(answer.fault.fault);
    await sleep(account.clock, answer.fault.retryAfterMs ?? 1_000, signal);
  }
}
