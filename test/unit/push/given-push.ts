/** Two nodes that push to each other, without a channel between. */
import type { Result } from '../../../src/base/result.js';
import { done, fail, ok } from '../../../src/base/result.js';
import type { Config } from '../../../src/config/config.js';
import { millis } from '../../../src/base/time.js';
import type { ServerSeen } from '../../../src/core/served.js';
import type { ProxyRefusal } from '../../../src/ports/proxy-host.js';
import type { ServedFailure } from '../../../src/ports/served.js';
import { Push } from '../../../src/push/push.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import type { PushOrder } from '../../../src/telemetry/push.js';
import type { NodeStatus } from '../../../src/telemetry/status.js';
import { SimPushedFiles } from '../../sim/pushed-files.js';
import { configOf, EXAMPLE } from '../config/example.js';
import { HandClock, settled } from '../engine/fakes.js';

/** What vipair.yaml says. */
export const YAML = `${EXAMPLE}push: { accept: true }\n`;
export const SHARED = '/etc/vipair/vipair.yaml';
export const CFG = '/etc/haproxy/haproxy.cfg';
export const PEM = '/etc/haproxy/certs/site.pem';
export const TEXT = `bind :443 ssl crt ${PEM}\nerrorfile 503 /etc/ssl/503.http\n`;
export const UP: ServerSeen = { backend: 'web', name: 'a', status: 'UP', check: 'L7OK' };
export const PUSH: PushOrder = {
  ...{ mode: 'push', to: 'standby', then: 'wait', shared: 'newer' },
};

export interface Side {
  readonly push: Push;
  readonly files: SimPushedFiles;
  readonly events: LogEvent[];
  readonly did: string[];
  master: 'yes' | 'no';
  version: string | undefined;
  accept: boolean;
  /** Of vipair. */
  configFile: string;
  /** What becomes of a switchover that is asked on this node; undefined: the group moves. */
  move: string | undefined;
  /** Why vipair.yaml is not taken over. */
  refusesConfig: string | undefined;
  servers: Result<readonly ServerSeen[], ServedFailure>;
  /** What its proxy sees once it has loaded these files. */
  afterReload: Result<readonly ServerSeen[], ServedFailure>;
  reload: Result<undefined, ProxyRefusal>;
}

/** lb1 is master at first. */
export class PushPair {
  readonly clock = new HandClock();
  link: 'up' | 'down' = 'up';
  readonly lb1: Side = this.#make('lb1', () => this.lb2);
  readonly lb2: Side = this.#make('lb2', () => this.lb1);

  constructor() {
    this.lb1.master = 'yes';
  }

  /** Lets time go on until it is known what became of it. */
  async over<T>(outcome: Promise<T>): Promise<T> {
    const end: { value?: T } = {};
    void outcome.then((value) => (end.value = value));
    for (let times = 0; times < 400; times += 1) {
      for (let turns = 0; turns < 12; turns += 1) {
        await settled();
      }
      if (end.value !== undefined) {
        return end.value;
      }
      if (this.clock.pending().length > 0) {
        this.clock.ringNext();
      }
    }
    throw new Error('it never ends');
  }

  #make(node: string, other: () => Side): Side {
    const files = new SimPushedFiles(CFG);
    files.write(CFG, TEXT);
    files.write(PEM, 'old');
    files.write(SHARED, YAML);
    const events: LogEvent[] = [];
    const { clock } = this;
    const peer = node === 'lb1' ? 'lb2' : 'lb1';
    const options = { node, peer, version: '1.0' };
    const push = new Push(
      // The path is told when it is asked for, so that a test can have another one.
      Object.defineProperty({ ...options, configFile: SHARED }, 'configFile', {
        enumerable: true,
        get: () => side.configFile,
      }),
      {
        ...{ clock, files, log: { tell: (event: LogEvent) => events.push(event) } },
        random: { fraction: () => 0.5 },
        proxy: {
          reload: () => {
            side.did.push('reload');
            side.servers = side.reload.ok ? side.afterReload : side.servers;
            return Promise.resolve(side.reload);
          },
        },
        servers: { servers: () => Promise.resolve(side.servers) },
        ask: (ask, body) => this.#ask(other(), ask, body),
        peerVersion: () => side.version,
        running: () => running(side),
        groups: () => groups(side),
        whyNotGive: () => side.move,
        give: (_group, to) => {
          side.did.push(`give to ${to}`);
          const [from, into] = to === node ? [other(), side] : [side, other()];
          const why = from.move;
          [from.master, into.master] = why === undefined ? ['no', 'yes'] : ['yes', 'no'];
          return Promise.resolve(why === undefined ? done : fail(why));
        },
        reload: () => {
          side.did.push('take over');
          return Promise.resolve(side.refusesConfig);
        },
      },
    );
    const servers = ok([UP]);
    const side: Side = {
      ...{ push, files, events, did: [], master: 'no', version: '1.0', accept: true },
      ...{ configFile: SHARED, move: undefined, refusesConfig: undefined },
      ...{ servers, afterReload: servers, reload: done },
    };
    return side;
  }

  async #ask(
    other: Side,
    ask: string,
    body: string,
  ): Promise<Result<string, { readonly code: string; readonly detail: string }>> {
    if (this.link === 'down') {
      return fail({ code: 'no-answer', detail: 'nobody answers' });
    }
    other.did.push(ask);
    const said = await other.push.answer(ask, body);
    return said?.ok === true ? said : fail({ code: 'refused', detail: said?.error ?? '?' });
  }
}

function running({ accept }: Side): Config {
  return {
    proxy: { config: CFG, program: '/usr/sbin/haproxy' },
    pair: { ...configOf(YAML).pair, keyFiles: ['/etc/haproxy/pair.key'] },
    hooks: [],
    groups: [],
    push: { accept, directories: [], files: [], watch: millis(2000) },
  } as unknown as Config;
}

function groups({ master }: Side): NodeStatus['groups'] {
  const role = master === 'yes' ? 'master' : 'backup';
  return [{ name: 'web', role }] as unknown as NodeStatus['groups'];
}
