/** The proxy's account of itself, from the state it is supervised with. */
import type { ProxyState } from '../core/proxy-state.js';
import type { ProxyStatus } from '../telemetry/status.js';

/** `news`: what else is known of its processes. */
export function proxyStatus(
  state: ProxyState,
  news: Pick<ProxyStatus, 'former' | 'failedReload' | 'requests'> = {},
): ProxyStatus | undefined {
  if (state.name === 'none') {
    return undefined;
  }
  return {
    state: state.name,
    pid: state.name === 'serving' ? state.pid : undefined,
    cause: state.name === 'waiting' || state.name === 'ending' ? state.cause : undefined,
    recentDeaths: state.deaths.length,
    ...news,
  };
}
