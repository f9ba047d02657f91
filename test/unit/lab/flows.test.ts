/** The lab of flows: messages that can be checked byte by byte, services, and who is judged how. */
import { describe, expect, it } from 'vitest';
import { centis, instant } from '../../../src/base/time.js';
import {
  firewall,
  flowServices,
  natRules,
  servicesSection,
} from '../../../src/lab/flows/flow-services.js';
import { judgeService } from '../../../src/lab/flows/flows-judgement.js';
import { armOf, FLOW_ARMS, flowsRuns, flowsSettings } from '../../../src/lab/flows/flows-run.js';
import { Hearing } from '../../../src/lab/flows/hearing.js';
import {
  corruptBytes,
  HELLO_UDP_LENGTH,
  MESSAGE_BYTES,
  NOTHING_HEARD,
  readHead,
  writeMessage,
} from '../../../src/lab/flows/message.js';
import { Pieces } from '../../../src/lab/flows/pieces.js';
import type { FlowSeen } from '../../../src/lab/flows/traffic-report.js';
import {
  decodeTraffic,
  isWhole,
  longestGapMs,
  STALLED_MS,
} from '../../../src/lab/flows/traffic-report.js';
import type { LabName } from '../../../src/lab/topology.js';

const HEAD = {
  sender: 1,
  stream: 7,
  sequence: 3,
  heard: { messages: 2, corruptBytes: 0, longestGapMs: 51, silentMs: 9 },
};

describe('a message', () => {
  it('says who sent which one, and what was heard', () => {
    expect(readHead(writeMessage(HEAD))).toEqual(HEAD);
    expect(corruptBytes(writeMessage(HEAD), HEAD)).toBe(0);
  });

  it.each([0, 9, 31, 32, 255])('shows a byte that is wrong, also the one at %i', (at) => {
    const bytes = writeMessage(HEAD);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(corruptBytes(bytes, HEAD)).toBeGreaterThan(0);
  });

  it('is not taken for the next one', () => {
    expect(corruptBytes(writeMessage(HEAD), { ...HEAD, sequence: 4 })).toBeGreaterThan(200);
  });

  it('is cut out of a stream, however that arrives', () => {
    const all = Buffer.concat([writeMessage(HEAD), writeMessage({ ...HEAD, sequence: 4 })]);
    const pieces = new Pieces();
    const cut = [1, MESSAGE_BYTES + 10, 2 * MESSAGE_BYTES].flatMap((end, index, ends) =>
      pieces.cut(all.subarray(ends[index - 1] ?? 0, end)),
    );
    expect(cut.map((each) => readHead(each).sequence)).toEqual([3, 4]);
  });
});

describe('what was heard of a flow', () => {
  it('counts the silence that still lasts among the gaps', () => {
    const hearing = new Hearing();
    expect(hearing.soFar(instant(5))).toEqual(NOTHING_HEARD);
    hearing.heard(instant(10), 0);
    hearing.heard(instant(40), 2);
    expect(hearing.soFar(instant(45))).toEqual({
      messages: 2,
      corruptBytes: 2,
      longestGapMs: 30,
      silentMs: 5,
    });
    expect(hearing.soFar(instant(140)).longestGapMs).toBe(100);
  });
});

const WELL = { messages: 100, corruptBytes: 0, longestGapMs: 200, silentMs: 10 };
const DEAF = { ...WELL, longestGapMs: STALLED_MS, silentMs: STALLED_MS };
const FLOW: FlowSeen = {
  protocol: 'tcp',
  target: '10.77.0.100:7001',
  client: WELL,
  server: { ...WELL, longestGapMs: 300 },
  lost: 0,
  servers: 1,
  ended: undefined,
};

describe('a flow', () => {
  it.each<[string, Partial<FlowSeen>, boolean]>([
    ['goes on', {}, true],
    ['ended', { ended: 'read ECONNRESET' }, false],
    ['is silent', { client: DEAF }, false],
    ['does not reach the server any more', { server: DEAF }, false],
    ['never began', { client: NOTHING_HEARD }, false],
    ['was answered by two', { servers: 2 }, false],
    [
      'is of UDP, whose server says nothing of what it hears',
      { protocol: 'udp', server: NOTHING_HEARD },
      true,
    ],
  ])('that %s', (_what, change, whole) => {
    expect(isWhole({ ...FLOW, ...change })).toBe(whole);
  });

  it('has the gap of the side that waited longer', () => {
    expect(longestGapMs(FLOW)).toBe(300);
  });

  it('is read back from a report, and noise is not', () => {
    expect(decodeTraffic(JSON.stringify({ stalledMs: 3, flows: [FLOW] }))).toEqual({
      ok: true,
      value: { stalledMs: 3, flows: [FLOW] },
    });
    expect(decodeTraffic('{}').ok).toBe(false);
    expect(decodeTraffic('{').ok).toBe(false);
  });
});

describe('the services', () => {
  const services = flowServices(['ipv4', 'ipv6'], [true, false]);

  it('are every way of both protocols and families, with and without replication, on ports of their own', () => {
    expect(services).toHaveLength(16);
    expect(new Set(services.map(({ name }) => name)).size).toBe(16);
    const places = services.map(({ protocol, family, port }) => [protocol, family, port].join());
    expect(new Set(places).size).toBe(16);
  });

  it('stand in vipair.yaml, and in rules for nftables', () => {
    const [first] = services;
    const text = servicesSection(services);
    expect(text).toContain(
      `  - name: ${first?.name ?? ''}\n    address: "10.77.0.100"\n    port: 7001\n`,
    );
    expect(text).toContain('    source: "fd78::100"\n');
    expect(text).toContain('    replicate_flows: false');
    const rules = natRules(services);
    expect(rules).toContain(
      'ip daddr 10.77.0.100 tcp dport 7001 dnat to jhash ip saddr . tcp sport mod 2 map { 0 : 10.78.0.11, 1 : 10.78.0.12 }',
    );
    expect(rules).toContain('table ip6 lab_services');
  });

  it('are behind a firewall that takes a hello for the SYN of UDP', () => {
    expect(firewall()).toContain(`udp length ${String(HELLO_UDP_LENGTH)} accept`);
    expect(MESSAGE_BYTES + 8).not.toBe(HELLO_UDP_LENGTH);
  });
});

describe('the runs', () => {
  const PLAN = { families: ['ipv4'] as const, count: 20, arms: FLOW_ARMS };

  it('are one for each replicator, or one for what is replicated and what is not', () => {
    const apart = flowsRuns({ ...PLAN, apart: 'a lab each' });
    expect(apart.map(({ name }) => name)).toEqual(['kept', 'lost', 'rival', 'direct']);
    const together = flowsRuns({ ...PLAN, arms: ['vipair', 'nobody'], apart: 'one lab' });
    expect(together.map(({ name }) => name)).toEqual(['both']);
    const arms = together.flatMap((run) => run.services.map((service) => armOf(run, service)));
    expect(new Set(arms)).toEqual(new Set(['vipair', 'nobody']));
    expect(
      flowsRuns({ ...PLAN, arms: ['nobody'], apart: 'one lab' }).map(({ name }) => name),
    ).toEqual(['lost']);
  });

  it('have settings of their own', () => {
    const all = flowsRuns({ ...PLAN, apart: 'a lab each' });
    const settings = all.map((run) => flowsSettings(run, 'one' as LabName, centis(10)));
    expect(settings[0]?.furtherVipair).toContain('services:\n');
    expect(settings[2]?.keepalived.further.lb1[0]).toContain('primary-backup.sh primary');
    expect(settings[2]?.furtherFiles['lb2/conntrackd.conf']).not.toContain('DisableExternalCache');
    expect(settings[3]?.furtherFiles['lb2/conntrackd.conf']).toContain('DisableExternalCache yes');
  });
});

describe('a service', () => {
  const [service] = flowServices(['ipv4'], [true]);
  const lost = { ...FLOW, client: DEAF, ended: 'read ECONNRESET' };
  const never = { ...lost, client: NOTHING_HEARD };
  const long = { ...lost, client: { ...DEAF, silentMs: 10_000 } };

  it.each([
    ['vipair', [FLOW, FLOW], 'as expected'],
    ['vipair', [FLOW, lost], 'not as expected'],
    ['nobody', [lost, lost], 'as expected'],
    ['nobody', [FLOW, lost], 'not as expected'],
    ['nobody', [never, lost], 'not as expected'],
    ['nobody', [long, lost], 'not as expected'],
    ['conntrackd', [FLOW, lost], 'as expected'],
    ['vipair', [], 'not as expected'],
    ['conntrackd', [{ ...FLOW, client: { ...WELL, corruptBytes: 1 } }], 'not as expected'],
  ] as const)('of %s is judged', (by, flows, verdict) => {
    expect(service && judgeService(service, by, { flows, sinceBlowMs: 5_000 })).toMatchObject({
      verdict,
      flows: flows.length,
    });
  });

  it('says why its first flow broke', () => {
    const why = (change: Partial<FlowSeen>): string | undefined =>
      service &&
      judgeService(service, 'vipair', { flows: [{ ...FLOW, ...change }], sinceBlowMs: 0 }).example;
    expect(why({ ended: 'read ECONNRESET' })).toBe('read ECONNRESET');
    expect(why({ client: NOTHING_HEARD })).toBe('never began');
    expect(why({ server: DEAF })).toBe('nothing came for 10 ms, to the server for 2000 ms');
    expect(why({ servers: 2 })).toBe('2 servers answered');
    expect(why({})).toBeUndefined();
  });
});
