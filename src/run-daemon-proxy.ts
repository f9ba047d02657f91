/** HAProxy on the real machine: the host that runs it, its files, and what is known of its former workers. */
import type { Config, ProxyConfig } from './config/config.js';
import type { DaemonPorts } from './daemon-ports.js';
import { AdoptedHaproxy } from './os/adopted-haproxy.js';
import { HaproxyHost, RUNTIME_SOCKET } from './os/haproxy-host.js';
import { HaproxyWorkers } from './os/haproxy-workers.js';
import type { SystemProcessHost } from './os/process-host.js';
import { DiskPushedFiles } from './os/pushed-files.js';
import type { Clock } from './ports/clock.js';
import type { ProxyHost } from './ports/proxy-host.js';
import { FormerWorkers } from './proxy/former-workers.js';
import { LastReload } from './proxy/last-reload.js';
import type { Log } from './telemetry/events.js';

interface Node {
  readonly config: Config;
  readonly node: string;
}

export interface ProxyParts extends Pick<DaemonPorts, 'proxy' | 'pushedFiles' | 'proxyNews'> {
  /** Undefined where no proxy is configured. */
  readonly former?: FormerWorkers;
}

/** Nothing is looked at before {@link FormerWorkers.begin}. */
export function proxyPorts(
  { config, node }: Node,
  processes: SystemProcessHost,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): ProxyParts {
  const { proxy, runtime } = config;
  if (proxy === undefined) {
    return { proxy: undefined };
  }
  const { program, config: file } = proxy;
  const pushedFiles = new DiskPushedFiles(
    { program, config: file, nodeName: node, stateDirectory: runtime.stateDirectory },
    processes,
  );
  const last = new LastReload(hostOf(proxy, { config, node }, processes), clock);
  const isOurs = proxy.run === 'supervised';
  const socket = isOurs ? `${runtime.directory}/${RUNTIME_SOCKET}` : proxy.runtimeSocket;
  const workers = new HaproxyWorkers(socket);
  const former = new FormerWorkers(isOurs ? proxy.workerAge : undefined, { clock, log, workers });
  return {
    ...{ proxy: last.noted(), pushedFiles, former },
    proxyNews: () => ({ former: former.status(), failedReload: last.failed }),
  };
}

function hostOf(
  proxy: ProxyConfig,
  { config, node }: Node,
  processes: SystemProcessHost,
): ProxyHost {
  return proxy.run === 'systemd'
    ? new AdoptedHaproxy(proxy, processes)
    : new HaproxyHost(
        {
          ...{ program: proxy.program, config: proxy.config },
          ...{ directory: config.runtime.directory, nodeName: node },
        },
        processes,
      );
}
