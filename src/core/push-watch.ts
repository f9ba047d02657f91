/** Whether the proxy is worse off with pushed files than it was before. */

/** What was seen of the proxy at one moment. */
export type ProxyLook =
  | { readonly serves: 'no'; readonly why: string }
  /** Servers by backend and name. */
  | { readonly serves: 'yes'; readonly up: readonly string[]; readonly down: readonly string[] };

/** A sentence; undefined where nothing has fallen that stood before. What was down before may stay so. */
export function fallenSince(before: ProxyLook, now: ProxyLook): string | undefined {
  if (now.serves === 'no') {
    return `HAProxy does not serve: ${now.why}`;
  }
  if (before.serves === 'no') {
    return undefined;
  }
  const down = new Set(now.down);
  const fallen = before.up.filter((each) => down.has(each));
  if (fallen.length === 0) {
    return undefined;
  }
  const further =
    fallen.length > MOST_NAMED ? ` and ${String(fallen.length - MOST_NAMED)} more` : '';
  return `up before and down now: ${fallen.slice(0, MOST_NAMED).join(', ')}${further}`;
}

const MOST_NAMED = 5;
