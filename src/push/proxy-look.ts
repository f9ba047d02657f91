/** The proxy as a push looks at it: whether it serves, and which of its servers are up. */
import { standingOf } from '../core/served.js';
import type { ProxyLook } from '../core/push-watch.js';
import type { Servers } from '../ports/served.js';

export async function lookAtProxy(servers: Servers): Promise<ProxyLook> {
  const seen = await servers.servers();
  if (!seen.ok) {
    return { serves: 'no', why: seen.error.detail };
  }
  const named = (standing: 'up' | 'down'): readonly string[] =>
    seen.value
      .filter((each) => standingOf(each) === standing)
      .map(({ backend, name }) => `${backend}/${name}`);
  return { serves: 'yes', up: named('up'), down: named('down') };
}
