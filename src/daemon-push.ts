/** What a daemon has of pushes: files of its proxy to the other node, and from it. */
import type { DaemonOptions, DaemonPorts } from './daemon-ports.js';
import { peerOf } from './daemon-ports.js';
import type { PairLink } from './pair/pair-link.js';
import type { Servers } from './ports/served.js';
import { Push } from './push/push.js';
import type { PushPorts } from './push/push.js';

export interface PushParts extends Pick<PushPorts, 'groups' | 'running'> {
  readonly pair: PairLink | undefined;
  readonly servers: Servers;
}

/** Undefined where no proxy is configured, or on a machine that has no files for it. */
export function pushFor(
  options: DaemonOptions,
  {
    clock,
    log,
    random,
    proxy,
    pushedFiles,
  }: Pick<DaemonPorts, 'clock' | 'log' | 'random' | 'proxy' | 'pushedFiles'>,
  { pair, ...parts }: PushParts,
): Push | undefined {
  const { node, version, configFile } = options;
  return pushedFiles === undefined || proxy === undefined
    ? undefined
    : new Push(
        { node, version, configFile, peer: peerOf(options) },
        {
          ...{ clock, log, random, proxy, files: pushedFiles, ...parts },
          ask: pair === undefined ? undefined : (ask, body, within) => pair.ask(ask, body, within),
          peerVersion: () => pair?.status().release,
        },
      );
}
