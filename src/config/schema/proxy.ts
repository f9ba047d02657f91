/** The shape of the proxy's configuration. */
import type { z } from 'zod';
import type { Millis } from '../../base/time.js';
import { millis } from '../../base/time.js';
import type { ProxyConfig } from '../config.js';
import {
  absolutePath,
  durationBetween,
  mapping,
  oneOf,
  PATH_BYTES,
  SOCKET_PATH_BYTES,
} from './kinds.js';

const probe = durationBetween({ from: millis(10), to: millis(60_000) });
// A probe costs the proxy well under a millisecond; four a second find a hung one soon enough.
export const probeEvery: z.ZodType<Millis> = probe.prefault('250ms');
// Longer than the pauses of a busy but healthy proxy, so that load alone never moves the addresses.
export const probeTimeout: z.ZodType<Millis> = probe.prefault('1s');

// Where the packages of Debian, Ubuntu and their kin have it.
const RUNTIME_SOCKET = '/run/haproxy/admin.sock';

export const haproxy: z.ZodType<ProxyConfig> = mapping({
  program: absolutePath({ atMost: PATH_BYTES })
    // Where Debian, Ubuntu, Fedora and their kin install it.
    .prefault('/usr/sbin/haproxy')
    .describe('The HAProxy program.'),
  config: absolutePath({ atMost: PATH_BYTES }).describe("HAProxy's own configuration file."),
  run: oneOf(['supervised', 'systemd'])
    .prefault('supervised')
    .describe(
      'Who starts HAProxy, and starts it again when it has died: vipair, or systemd, whose HAProxy vipair never starts nor ends.',
    ),
  runtime_socket: absolutePath({ atMost: SOCKET_PATH_BYTES })
    .prefault(RUNTIME_SOCKET)
    .describe(
      'The runtime socket of the HAProxy that systemd runs: `stats socket` in haproxy.cfg, with `level admin`.',
    ),
  probe_every: probeEvery.describe(
    'How often the proxy is asked whether it answers, such as 250ms.',
  ),
  probe_timeout: probeTimeout.describe(
    'How long it may take before it counts as hung, such as 1s.',
  ),
  worker_age: durationBetween({ from: millis(10_000), to: millis(43_200 * 60_000) })
    // A day: longer than downloads and most sessions last, and no worker of last month is left with old files.
    .prefault('1440m')
    .describe(
      'How long a worker that a reload has replaced may go on serving whom it has before it is ended, such as 60m. Of a HAProxy that systemd runs, `hard-stop-after` in haproxy.cfg says that.',
    ),
}).transform((each) => ({
  kind: 'haproxy' as const,
  program: each.program,
  config: each.config,
  run: each.run,
  runtimeSocket: each.runtime_socket,
  probeEvery: each.probe_every,
  probeTimeout: each.probe_timeout,
  workerAge: each.worker_age,
}));
