import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import { millis } from '../../../src/base/time.js';
import type { ServiceConfig } from '../../../src/config/config.js';
import type { ServiceRule } from '../../../src/ports/service-rules.js';
import type { Given } from './given-services.js';
import { BAD, DNS, flow, given, goesTo, MAIL, WELL } from './given-services.js';
import { settled } from '../engine/fakes.js';

/** Of a former daemon. */
const RULE: ServiceRule = {
  ...{ address: MAIL.address, port: MAIL.port, protocol: 'tcp', hash: 'flow', seed: 1 },
  ...{ source: undefined, slots: [] },
};

describe('services', () => {
  it('are passed on to all servers as soon as the daemon starts, and to those that are up from then on', async () => {
    const all = given([MAIL]);
    await all.services.begin();
    await settled();
    expect(goesTo(all, MAIL)).toBe('11 12');
    all.samples.set('10.78.0.12', BAD);
    await all.pass(5);
    expect(goesTo(all, MAIL)).toBe('11');
    expect(all.events).toContainEqual({
      ...{ event: 'service.server', server: 'mail/s2', to: 'down', why: 'refused' },
    });
    all.samples.set('10.78.0.12', WELL);
    await all.pass(4);
    expect(goesTo(all, MAIL)).toBe('11 12');
    await all.services.stop('release');
    expect(all.rules.rules).toBeUndefined();
  });

  it('tell groups that track them which servers this node itself reaches', async () => {
    const all = given([MAIL, { ...DNS, check: undefined }], {
      peer: () => ok(JSON.stringify([{ name: 'mail/s1', state: 'down', why: 'refused' }])),
    });
    all.samples.set('10.78.0.12', BAD);
    const dns = { name: 'dns', address: DNS.address, looked: 'by nobody', servers: ['up', 'up'] };
    const mail = { name: 'mail', address: MAIL.address, looked: 'by this node' };
    expect(all.services.reached()).toEqual([{ ...mail, servers: ['up', 'up'] }, dns]);
    await all.services.begin();
    await all.pass(6);
    expect(all.services.reached()).toEqual([{ ...mail, servers: ['up', 'down'] }, dns]);
    all.state('server/mail/s2/admin', 'drain');
    expect(all.services.reached()).toEqual([{ ...mail, servers: ['up', 'out'] }, dns]);
  });

  it('are refused where nobody serves, and that is told once', async () => {
    const all = given([MAIL]);
    all.samples.set('10.78.0.11', BAD).set('10.78.0.12', BAD);
    await all.services.begin();
    await all.pass(10);
    expect(goesTo(all, MAIL)).toBe('');
    all.samples.set('10.78.0.11', WELL);
    await all.pass(10);
    expect(goesTo(all, MAIL)).toBe('11');
    expect(all.told().filter((each) => each.endsWith('served'))).toEqual([
      'service.unserved',
      'service.served',
    ]);
  });

  it('go on by the rules of a daemon that was killed until it is known how servers are', async () => {
    const all = given([MAIL], { left: 'some' });
    all.samples.set('10.78.0.12', BAD);
    await all.services.begin();
    expect(all.rules.loads).toBe(0);
    expect(all.services.status()?.rules).toBe('waiting');
    await all.pass(5);
    expect(all.rules.loads).toBe(1);
    expect(goesTo(all, MAIL)).toBe('11');
    await all.services.stop('hand-over');
    expect(goesTo(all, MAIL)).toBe('11');
  });

  it('are not loaded before it is known what operators wanted of a former daemon', async () => {
    let read = (): void => undefined;
    const known = new Promise<void>((resolve) => {
      read = resolve;
    });
    const all = given([{ ...MAIL, check: undefined }], { known });
    const begun = all.services.begin();
    await all.pass(1);
    expect(all.rules.loads).toBe(0);
    all.state('server/mail/s2/admin', 'drain');
    read();
    await begun;
    await all.pass(1);
    expect(all.rules.loads).toBe(1);
    expect(goesTo(all, MAIL)).toBe('11');
  });

  it('go on so as long as the slowest look at them needs', async () => {
    const check = { every: millis(5000), timeout: millis(1000), rise: 2, fall: 3 };
    const slow: ServiceConfig = { ...MAIL, check: { kind: 'tcp', port: undefined, ...check } };
    const all = given([slow], { left: 'some' });
    all.samples.set('10.78.0.12', BAD);
    await all.services.begin();
    await all.pass(9);
    expect(all.rules.loads).toBe(0);
    await all.pass(8);
    expect(all.rules.loads).toBe(1);
    expect(goesTo(all, MAIL)).toBe('11');
  });

  it('that are down stay so while they are looked at in another way, but not at another place', async () => {
    const all = given([MAIL]);
    all.samples.set('10.78.0.12', BAD);
    await all.services.begin();
    await all.pass(6);
    expect(goesTo(all, MAIL)).toBe('11');
    const check = { ...{ rise: 2, fall: 3 }, every: millis(5000), timeout: millis(1000) };
    const otherwise: ServiceConfig = { ...MAIL, check: { kind: 'tcp', port: 9000, ...check } };
    all.services.become([otherwise]);
    await all.pass(1);
    expect(goesTo(all, MAIL)).toBe('11');
    const servers = MAIL.servers.map((each) => ({ ...each, port: 26 }));
    all.services.become([{ ...otherwise, servers }]);
    await settled();
    expect(goesTo(all, MAIL)).toBe('11 12');
  });

  it('do not go on so for ever where looks take long', async () => {
    const check = { every: millis(60_000), timeout: millis(1000), rise: 2, fall: 3 };
    const slow: ServiceConfig = { ...MAIL, check: { kind: 'tcp', port: undefined, ...check } };
    const all = given([slow], { left: 'some' });
    all.samples.set('10.78.0.12', BAD);
    await all.services.begin();
    await all.pass(58);
    expect(all.rules.loads).toBe(0);
    await all.pass(3);
    expect(goesTo(all, MAIL)).toBe('11 12');
  });

  it('that are no more leave nothing in the kernel', async () => {
    const former = given([], { left: 'some' });
    await former.services.begin();
    expect(former.rules.rules).toBeUndefined();
    expect(former.services.status()).toBeUndefined();
    const all = given([MAIL]);
    await all.services.begin();
    await all.pass(1);
    all.services.become([]);
    await all.pass(1);
    expect(all.rules.rules).toEqual([]);
    await all.services.stop('release');
    expect(all.rules.rules).toBeUndefined();
  });

  it('that are no more are removed from the kernel when it takes that again', async () => {
    const all = given([], { left: 'some' });
    all.rules.rules = [{ ...RULE }];
    all.rules.refusal = { code: 'refused', detail: 'EBUSY' };
    await all.services.begin();
    await all.pass(1);
    all.rules.refusal = undefined;
    await all.pass(6);
    expect(all.rules.rules).toEqual([]);
  });

  it('that are no more while rules of a former daemon are adopted, or a load is refused, leave nothing', async () => {
    const adopting = given([MAIL], { left: 'some' });
    adopting.rules.rules = [{ ...RULE }];
    await adopting.services.begin();
    adopting.services.become([]);
    await adopting.pass(1);
    expect(adopting.rules.rules).toEqual([]);

    const refused = given([MAIL]);
    refused.rules.refusal = { code: 'refused', detail: 'no answer in time' };
    await refused.services.begin();
    await refused.pass(1);
    // It came too late, but it came.
    refused.rules.rules = [{ ...RULE }];
    refused.services.become([]);
    refused.rules.refusal = undefined;
    await refused.pass(6);
    expect(refused.rules.rules).toEqual([]);
  });

  it('that end while they begin stay ended', async () => {
    const all = given([MAIL], { left: 'some' });
    const begun = all.services.begin();
    await all.services.stop('release');
    await begun;
    await all.pass(70);
    expect(all.rules.rules).toBeUndefined();
    const none = given([], { left: 'some' });
    const removing = none.services.begin();
    await Promise.resolve();
    const stopped = none.services.stop('release');
    await Promise.all([removing, stopped]);
    await none.pass(1);
    expect(none.asked).toEqual([]);
    expect(none.rules.rules).toBeUndefined();
  });

  it('know what the other node has seen until they have seen it themselves', async () => {
    const said = JSON.stringify([
      { name: 'mail/s1', state: 'down', why: 'no answer' },
      { name: 'mail/s2', state: 'up' },
      { name: 'mail/s9', state: 'down' },
    ]);
    const unlooked = { ...MAIL, check: undefined };
    const all = given([unlooked], {
      left: 'some',
      peer: (ask) => ok(ask === 'services' ? said : ''),
    });
    await all.services.begin();
    await all.services.met();
    await settled();
    expect(goesTo(all, MAIL)).toBe('12');
    expect(all.services.status()?.services[0]?.servers).toMatchObject([
      { name: 's1', state: 'down', why: 'no answer', by: 'the other node', share: 0 },
      { name: 's2', state: 'up', by: 'the other node', there: 'up', share: 1 },
    ]);
    const seeing = given([MAIL], { peer: () => ok(said) });
    await seeing.services.begin();
    await seeing.pass(1);
    expect(goesTo(seeing, MAIL)).toBe('11 12');
  });

  it.each([
    ['is of an older version', fail({ detail: 'this version does not know what services asks' })],
    ['lies', ok('[{"name":1}]')],
  ])('do without the other node where it %s', async (_why, answer) => {
    const all = given([MAIL], { peer: () => answer });
    await all.services.begin();
    await all.services.met();
    await all.pass(1);
    expect(goesTo(all, MAIL)).toBe('11 12');
  });

  it('tell the other node what they have seen themselves, and nothing else', async () => {
    const all = given([MAIL, DNS]);
    all.samples.set('10.78.0.12', BAD);
    await all.services.begin();
    expect(all.services.answer('loads')).toBeUndefined();
    expect(await all.services.answer('services')).toEqual(ok('[]'));
    await all.pass(5);
    const answer = await all.services.answer('services');
    expect(answer?.ok === true ? JSON.parse(answer.value) : answer).toEqual([
      { name: 'mail/s1', state: 'up' },
      { name: 'mail/s2', state: 'down', why: 'refused' },
      { name: 'dns/s1', state: 'up' },
      { name: 'dns/s2', state: 'down', why: 'refused' },
    ]);
  });

  it('are looked at by a script, at another port, or not at all', async () => {
    const looks = { every: millis(1000), timeout: millis(500), rise: 1, fall: 1, port: 8080 };
    const script = { path: '/bin/check', args: ['-x'], user: 'nobody', ...looks };
    const all = given([
      { ...MAIL, check: { kind: 'script', ...script } },
      { ...DNS, check: undefined },
    ]);
    all.samples.set('10.78.0.12', BAD);
    await all.services.begin();
    await all.pass(1);
    expect(new Set(all.asked)).toEqual(
      new Set(['/bin/check -x 10.78.0.11 8080', '/bin/check -x 10.78.0.12 8080']),
    );
    expect(goesTo(all, MAIL)).toBe('11');
    expect(goesTo(all, DNS)).toBe('11 12');
  });

  it('are not changed by a kernel that refuses, which is told once and tried again', async () => {
    const all = given([MAIL]);
    all.rules.refusal = { code: 'no-nftables', detail: 'spawn nft ENOENT' };
    await all.services.begin();
    await all.pass(12);
    expect(all.rules.loads).toBe(3);
    expect(all.services.status()).toMatchObject({
      rules: 'refused',
      problems: [
        'nftables is missing, so no connection is passed on: install nft, and a kernel that has NAT (spawn nft ENOENT)',
      ],
    });
    all.rules.refusal = { code: 'refused', detail: 'EBUSY' };
    await all.pass(5);
    all.rules.refusal = undefined;
    await all.pass(5);
    expect(goesTo(all, MAIL)).toBe('11 12');
    expect(all.told().filter((each) => each.startsWith('service.rules'))).toEqual([
      ...['service.rules-refused', 'service.rules-refused', 'service.rules-loaded'],
    ]);
  });

  it.each<readonly [string, (all: Given) => void]>([
    ['flushed all rules', ({ rules }) => (rules.rules = undefined)],
    ['removed those of one family', ({ rules }) => (rules.there = 'some')],
  ])('are loaded again where somebody else has %s', async (_what, remove) => {
    const all = given([MAIL]);
    await all.services.begin();
    await all.pass(2);
    remove(all);
    await all.pass(6);
    expect(goesTo(all, MAIL)).toBe('11 12');
    expect(all.rules.loads).toBe(2);
    expect(all.told().filter((each) => each.startsWith('service.rules'))).toEqual([
      'service.rules-restored',
    ]);
  });

  it('are loaded again after a refusal, whatever the kernel made of it', async () => {
    const all = given([MAIL]);
    await all.services.begin();
    await all.pass(1);
    all.rules.refusal = { code: 'refused', detail: 'no answer in time' };
    all.state('server/mail/s2/admin', 'drain');
    await all.pass(1);
    all.rules.rules = [];
    all.rules.refusal = undefined;
    all.state('server/mail/s2/admin', 'ready');
    await all.pass(1);
    expect(goesTo(all, MAIL)).toBe('11 12');
    expect(all.services.status()).toMatchObject({ rules: 'loaded', problems: [] });
  });

  it('need a kernel that forwards', async () => {
    const all = given([MAIL]);
    all.settings.clear();
    await all.services.begin();
    await all.pass(2);
    expect(all.services.status()?.problems).toEqual([
      'the kernel forwards nothing, so no connection is passed on: set net.ipv4.ip_forward=1 in /etc/sysctl.d, on both nodes',
    ]);
    all.settings.set('net.ipv4.ip_forward', '1');
    await all.pass(6);
    expect(all.services.status()?.problems).toEqual([]);
    expect(all.told().filter((each) => each.includes('forwarding'))).toEqual([
      'service.not-forwarding',
      'service.forwarding',
    ]);
  });
});

describe('a server that operators', () => {
  it('drain gets no new connections, keeps those it has, and is found to have none', async () => {
    const all = given([MAIL]);
    all.owned.add(MAIL.address);
    all.flows.flows = [flow(MAIL, 's1'), flow(MAIL, 's2'), flow(DNS, 's2')];
    await all.services.begin();
    await all.pass(2);
    expect(all.flows.lists).toBe(0);
    all.state('server/mail/s2/admin', 'drain');
    await all.pass(1);
    expect(goesTo(all, MAIL)).toBe('11');
    expect(all.services.status()?.services[0]?.servers[1]).toMatchObject({
      ...{ admin: 'drain', share: 0, connections: 1 },
    });
    expect(all.services.rows()).toMatchObject([
      { name: 'mail/s1', of: 'service', here: { state: 'up' }, admin: undefined },
      { name: 'mail/s2', here: { admin: 'drain' }, admin: { value: 'drain', here: 'agrees' } },
    ]);
    expect(await all.services.loads()).toMatchObject({
      value: [
        { name: 'mail/s1', status: 'UP', sessions: 1 },
        { name: 'mail/s2', status: 'DRAIN', sessions: 1 },
      ],
    });
    all.flows.flows = [];
    await all.pass(10);
    expect(all.told()).toContain('service.drained');
    const { lists } = all.flows;
    await all.pass(30);
    expect(all.flows.lists).toBe(lists);
    all.state('server/mail/s2/admin', 'ready');
    await all.pass(1);
    expect(goesTo(all, MAIL)).toBe('11 12');
  });

  it('drain is not called so before the kernel has been told, and its connections are counted anew then', async () => {
    const all = given([MAIL]);
    await all.services.begin();
    await all.pass(1);
    expect(await all.services.loads()).toMatchObject({ value: [{ sessions: 0 }, { sessions: 0 }] });
    all.rules.refusal = { code: 'refused', detail: 'EBUSY' };
    all.flows.flows = [flow(MAIL, 's2')];
    all.state('server/mail/s2/admin', 'drain');
    await settled();
    expect(await all.services.loads()).toMatchObject({
      value: [{ status: 'UP' }, { name: 'mail/s2', status: 'to be DRAIN', sessions: 1 }],
    });
    all.flows.flows = [flow(MAIL, 's2', 1), flow(MAIL, 's2', 2)];
    all.rules.refusal = undefined;
    await all.pass(6);
    expect(await all.services.loads()).toMatchObject({
      value: [{ status: 'UP' }, { name: 'mail/s2', status: 'DRAIN', sessions: 2 }],
    });
  });

  it('drain loses what it still has when its time is up, on whichever node has the address by then', async () => {
    const all = given([MAIL]);
    all.flows.flows = [flow(MAIL, 's1'), ...Array.from({ length: 70 }, () => flow(MAIL, 's2'))];
    await all.services.begin();
    all.state('server/mail/s2/admin', 'drain');
    await all.pass(70);
    expect(all.flows.flows).toHaveLength(71);
    all.owned.add(MAIL.address);
    await all.pass(2);
    expect(all.flows.flows).toHaveLength(1);
    expect(all.events.filter(({ event }) => event === 'service.flows-ended')).toEqual([
      {
        ...{ event: 'service.flows-ended', server: 'mail/s2', flows: 70 },
        why: 'its time was up after drain',
      },
    ]);
  });

  it('drain by a clock that is an hour behind keeps its connections for the whole time', async () => {
    const all = given([MAIL]);
    all.owned.add(MAIL.address);
    all.flows.flows = [flow(MAIL, 's2')];
    await all.services.begin();
    all.state('server/mail/s2/admin', 'drain', -3_600_000);
    await all.pass(58);
    expect(all.flows.flows).toHaveLength(1);
    await all.pass(10);
    expect(all.flows.flows).toHaveLength(0);
  });

  it('give no weight leaves without moving others, and half of it gets less', async () => {
    const all = given([MAIL]);
    await all.services.begin();
    all.state('server/mail/s2/weight', '50%');
    await all.pass(1);
    const shares = all.services.status()?.services[0]?.servers.map(({ share }) => share) ?? [];
    expect(shares.map((share) => share.toFixed(2))).toEqual(['0.67', '0.33']);
    all.state('server/mail/s2/weight', '0');
    await all.pass(1);
    expect(goesTo(all, MAIL)).toBe('11');
    expect(all.services.has('mail/s2')).toBe(true);
    expect(all.services.has('mail/s3')).toBe(false);
  });

  it('put in maintenance is not looked at', async () => {
    const all = given([MAIL]);
    await all.services.begin();
    all.state('server/mail/s2/admin', 'maint');
    await all.pass(1);
    all.asked.length = 0;
    await all.pass(5);
    expect(new Set(all.asked)).toEqual(new Set(['10.78.0.11 25']));
    expect(goesTo(all, MAIL)).toBe('11');
  });
});

describe('connections of a server that is down', () => {
  it('end at once where they are of UDP, and stay where they are of TCP', async () => {
    const all = given([MAIL, DNS]);
    all.owned.add(MAIL.address);
    const kept = [flow(MAIL, 's2'), flow(DNS, 's1')];
    all.flows.flows = [...kept, flow(DNS, 's2', 1), flow(DNS, 's2', 2)];
    all.samples.set('10.78.0.12', BAD);
    await all.services.begin();
    await all.pass(8);
    expect(all.flows.flows).toEqual(kept);
    expect(all.events).toContainEqual({
      ...{ event: 'service.flows-ended', server: 'dns/s2', flows: 2 },
      why: 'it is down: refused',
    });
  });

  it('are looked for again where the kernel refuses, but not all the time', async () => {
    const all = given([DNS]);
    all.owned.add(DNS.address);
    all.flows.flows = [flow(DNS, 's2')];
    all.flows.refuses = 'list';
    all.samples.set('10.78.0.12', BAD);
    await all.services.begin();
    await all.pass(21);
    expect(all.flows.lists).toBeLessThanOrEqual(4);
    expect(all.told().filter((each) => each === 'service.flows-unknown')).toHaveLength(1);
    all.flows.refuses = 'remove';
    await all.pass(6);
    expect(all.flows.flows).toHaveLength(1);
    all.flows.refuses = 'each';
    await all.pass(6);
    expect(all.told()).not.toContain('service.flows-ended');
    all.flows.refuses = 'nothing';
    await all.pass(6);
    expect(all.flows.flows).toEqual([]);
  });

  it('are counted as soon as they can be', async () => {
    let opens: 'some' | 'none' = 'none';
    const all = given([DNS], { flows: () => opens });
    await all.services.begin();
    await all.pass(1);
    expect(await all.services.loads()).toEqual(fail('EPERM'));
    opens = 'some';
    expect(await all.services.loads()).toMatchObject({ value: [{ sessions: 0 }, { sessions: 0 }] });
  });

  it('are not known where nobody can count them', async () => {
    const all = given([DNS], { flows: 'none' });
    await all.services.begin();
    all.state('server/dns/s2/admin', 'drain');
    await all.pass(2);
    expect(await all.services.loads()).toEqual(fail('EPERM'));
    expect(goesTo(all, DNS)).toBe('11');
  });
});
