/** Services on a machine in a test's hands: two services, servers that are as the test says, a kernel that does as it is told. */
import type { Ip } from '../../../src/base/ip.js';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { later, millis } from '../../../src/base/time.js';
import type { ServiceConfig } from '../../../src/config/config.js';
import type { Register } from '../../../src/core/registers.js';
import type { Sample } from '../../../src/core/tracking.js';
import type { FlowTable } from '../../../src/ports/flow-table.js';
import type { FlowsOfServices } from '../../../src/services/flow-ends.js';
import { Services } from '../../../src/services/services.js';
import type { LogEvent } from '../../../src/telemetry/events.js';
import type { Flow, FlowKey } from '../../../src/wire/conntrack/flow.js';
import { SimServiceRules } from '../../sim/service-rules.js';
import { HandClock, settled } from '../engine/fakes.js';

export const ip = (text: string): Ip => text as Ip;

export const MAIL: ServiceConfig = {
  name: 'mail',
  address: ip('10.77.0.100'),
  port: 25,
  protocol: 'tcp',
  mode: 'kernel',
  hash: 'flow',
  source: undefined,
  servers: [
    { name: 's1', address: ip('10.78.0.11'), port: 25, weight: 100 },
    { name: 's2', address: ip('10.78.0.12'), port: 25, weight: 100 },
  ],
  check: {
    ...{ kind: 'tcp', port: undefined, every: millis(2000), timeout: millis(1000) },
    ...{ rise: 2, fall: 3 },
  },
  drainTimeout: millis(60_000),
  replicateFlows: true,
};

export const DNS: ServiceConfig = {
  ...MAIL,
  name: 'dns',
  port: 53,
  protocol: 'udp',
  servers: MAIL.servers.map((each) => ({ ...each, port: 53 })),
};

export const WELL: Sample = { kind: 'well' };
export const BAD: Sample = { kind: 'failing', why: 'refused' };

/** An open connection of a client to a server. */
export function flow(service: ServiceConfig, server: string, client = 40_000): Flow {
  const to = service.servers.find(({ name }) => name === server);
  const source = ip('10.77.0.9');
  return {
    ...{ protocol: service.protocol === 'tcp' ? 6 : 17, zone: 0, status: 0, timeout: 100, mark: 0 },
    original: {
      ...{ source, sourcePort: client },
      ...{ destination: service.address, destinationPort: service.port },
    },
    reply: {
      ...{ source: to?.address ?? ip('10.78.0.99'), sourcePort: to?.port ?? 1 },
      ...{ destination: source, destinationPort: client },
    },
  };
}

export class HandFlows implements FlowsOfServices {
  flows: readonly Flow[] = [];
  lists = 0;
  isOpen = true;
  refuses: 'nothing' | 'list' | 'remove' | 'each' = 'nothing';

  list(each: (flows: readonly Flow[]) => void): ReturnType<FlowTable['list']> {
    this.lists += 1;
    each(this.flows);
    const refusal = { code: 'not-permitted', detail: 'EPERM' } as const;
    return Promise.resolve(this.refuses === 'list' ? fail(refusal) : ok(this.flows.length));
  }

  close(): void {
    this.isOpen = false;
  }

  remove(keys: readonly FlowKey[]): ReturnType<FlowTable['remove']> {
    if (this.refuses === 'remove') {
      return Promise.resolve(fail({ code: 'refused', detail: 'EBUSY' }));
    }
    if (this.refuses === 'each') {
      return Promise.resolve(ok(keys.map((key) => ({ key, errno: 'EBUSY' }))));
    }
    const gone = new Set(keys.map(({ original }) => original));
    this.flows = this.flows.filter(({ original }) => !gone.has(original));
    return Promise.resolve(ok([]));
  }
}

export interface Given {
  readonly services: Services;
  readonly rules: SimServiceRules;
  readonly flows: HandFlows;
  readonly events: LogEvent[];
  readonly asked: string[];
  /** How servers are, by address; well, if not named. */
  readonly samples: Map<string, Sample>;
  readonly owned: Set<Ip>;
  readonly settings: Map<string, string>;
  /** An operator says so now. */
  state(key: string, value: string, clockIsOff?: number): void;
  pass(seconds: number): Promise<void>;
  told(): readonly string[];
}

export interface Peculiarities {
  readonly left?: 'some';
  readonly peer?: (ask: string) => Result<string, { readonly detail: string }>;
  readonly flows?: 'none' | (() => 'some' | 'none');
  readonly known?: Promise<void>;
}

export function given(
  config: readonly ServiceConfig[],
  { left, peer, flows: counted, known }: Peculiarities = {},
): Given {
  const clock = new HandClock();
  const [rules, flows] = [new SimServiceRules(), new HandFlows()];
  rules.rules = left === undefined ? undefined : [];
  const events: LogEvent[] = [];
  const asked: string[] = [];
  const samples = new Map<string, Sample>();
  const owned = new Set<Ip>();
  const settings = new Map([['net.ipv4.ip_forward', '1']]);
  const registers = new Map<string, Register>();
  const services = new Services(config, {
    ...{ clock, rules, log: { tell: (event) => events.push(event) } },
    checks: {
      look: ({ address, port }) => {
        asked.push(`${address} ${String(port)}`);
        return Promise.resolve(samples.get(address) ?? WELL);
      },
    },
    scripts: {
      run: ({ path, args }) => {
        asked.push([path, ...args].join(' '));
        const detail = 'it ended with 1';
        return Promise.resolve(
          samples.get(args.at(-2) ?? '') === BAD ? fail({ code: 'failed', detail }) : ok(undefined),
        );
      },
    },
    openFlows: () =>
      (typeof counted === 'function' ? counted() : counted) === 'none'
        ? fail({ code: 'not-permitted', detail: 'EPERM' })
        : ok(flows),
    sysctls: { read: (name) => Promise.resolve(ok(settings.get(name) ?? '0')) },
    register: (key) => registers.get(key),
    known: () => known ?? Promise.resolve(),
    owned: () => [...owned],
    ask: peer === undefined ? undefined : (ask) => Promise.resolve(peer(ask)),
  });
  return {
    ...{ services, rules, flows, events, asked, samples, owned, settings },
    state: (key, value, clockIsOff = 0) => {
      const stamp = { counter: (registers.get(key)?.stamp.counter ?? 0) + 1, node: 'lb1' };
      registers.set(key, { key, value, at: clock.wallTime() + clockIsOff, stamp });
      services.refresh();
    },
    pass: async (seconds) => {
      const end = later(clock.now(), millis(seconds * 1000));
      await settled();
      while (clock.pending().some((at) => at <= end)) {
        clock.ringNext();
        await settled();
      }
      clock.time = end;
    },
    told: () => events.map(({ event }) => event),
  };
}

/** Where new connections to the service may go, by the last number of their addresses. */
export function goesTo({ rules }: Given, service: ServiceConfig): string {
  const servers = rules.serversOf(service.port);
  return servers === 'nothing'
    ? servers
    : servers
        .map(({ address }) => address.split('.').at(-1))
        .toSorted()
        .join(' ');
}
