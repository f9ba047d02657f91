/** `vipair daemon`: finds out which node this is, and runs until it is stopped. */
import type { Ip } from '../base/ip.js';
import type { Result } from '../base/result.js';
import type { Config } from '../config/config.js';
import { formatProblem } from '../config/problem.js';
import { whichNode } from '../config/which-node.js';
import { readConfig } from './configuration.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { complain } from './terminal.js';

/** By what a machine knows which node it is. */
export interface Identity {
  readonly hostname: string;
  readonly ownAddresses: readonly Ip[];
}

/** The machine's side of the daemon. */
export interface DaemonHost extends Identity {
  /** Resolves when the daemon has stopped; fails with every reason why it could not start. */
  run(config: Config, how: RunAs): Promise<Result<unknown, readonly string[]>>;
}

export interface RunAs {
  readonly node: string;
  /** Its priority where it is to be scheduled in real time, 1 to 99. */
  readonly realTime: number | undefined;
}

export interface DaemonRequest {
  readonly config: string;
  /** Undefined: found by this machine's addresses and name. */
  readonly node: string | undefined;
  /** As it was written. */
  readonly realTime: string | undefined;
}

/** Of SCHED_RR and SCHED_FIFO (sched(7)). */
const LEAST_PRIORITY = 1;
const GREATEST_PRIORITY = 99;

export async function daemon(asked: DaemonRequest, host: DaemonHost): Promise<ExitCode> {
  const realTime = asked.realTime === undefined ? undefined : priorityOf(asked.realTime);
  if (realTime === 'wrong') {
    complain(
      `vipair daemon: --real-time: found ${JSON.stringify(asked.realTime)}, expected a priority from ${String(LEAST_PRIORITY)} to ${String(GREATEST_PRIORITY)}`,
    );
    return EXIT.usage;
  }
  const read = readConfig(asked.config);
  if (!read.ok) {
    for (const problem of read.error) {
      complain(formatProblem(problem));
    }
    return EXIT.configuration;
  }
  const node = nodeName(read.value, asked.node, { ...host, command: 'daemon' });
  if (node === undefined) {
    return EXIT.cannotStart;
  }
  const ran = await host.run(read.value, { node, realTime });
  if (ran.ok) {
    return EXIT.ok;
  }
  for (const reason of ran.error) {
    complain(`vipair daemon: ${reason}`);
  }
  return EXIT.cannotStart;
}

function priorityOf(written: string): number | 'wrong' {
  const priority = /^\d{1,2}$/u.test(written) ? Number(written) : 0;
  return priority >= LEAST_PRIORITY && priority <= GREATEST_PRIORITY ? priority : 'wrong';
}

/** Which of the pair's nodes this is; where that is unclear it is said why, and undefined returned. */
export function nodeName(
  config: Config,
  asked: string | undefined,
  { command, hostname, ownAddresses }: Identity & { readonly command: string },
): string | undefined {
  const names = config.pair.nodes.map((node) => node.name).join(' and ');
  if (asked !== undefined) {
    const known = config.pair.nodes.some((node) => node.name === asked);
    if (!known) {
      complain(`vipair ${command}: --node ${asked}: the pair's nodes are ${names}`);
    }
    return known ? asked : undefined;
  }
  const found = whichNode(config, ownAddresses, hostname);
  if (!found.ok) {
    complain(
      found.error.code === 'both-nodes'
        ? `vipair ${command}: this machine has the addresses of both ${names}; say which it is with --node`
        : `vipair ${command}: this machine is none of ${names}: it has neither's address, and its name is ${hostname}; correct pair.nodes, or say which it is with --node`,
    );
  }
  return found.ok ? found.value.name : undefined;
}
