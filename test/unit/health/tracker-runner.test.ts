import { describe, expect, it } from 'vitest';
import type { Ip } from '../../../src/base/ip.js';
import { BrokenAssumption } from '../../../src/base/unreachable.js';
import { done, fail, ok } from '../../../src/base/result.js';
import type { TrackedThingConfig } from '../../../src/config/config.js';
import { processQuery } from '../../../src/health/tracker-runner.js';
import { FakeHealth, settled, THINGS } from './given-health.js';

describe('each kind of thing', () => {
  it('a script is run as configured, and its failure told', async () => {
    const health = new FakeHealth();
    health.run([THINGS.script]);
    health.clock.ringNext();
    expect(health.calls).toEqual(['/usr/local/sbin/check -q nobody 800']);
    health.scripts[0]!(done);
    await settled();
    health.clock.ringNext();
    health.scripts[1]!(fail({ code: 'failed', detail: 'exit code 1: no database' }));
    await settled();
    expect(health.samples).toEqual(['0 well', '0 exit code 1: no database']);
  });

  it('a process is found, or not, or nothing can be said', async () => {
    const health = new FakeHealth();
    health.run([THINGS.process]);
    for (const outcome of [
      ok(77),
      ok(undefined),
      fail({ code: 'unreadable', detail: 'no /proc' } as const),
    ]) {
      health.clock.ringNext();
      health.processes.at(-1)!(outcome);
      await settled();
    }
    expect(health.calls).toEqual(['name nginx', 'name nginx', 'name nginx']);
    expect(health.samples).toEqual(['0 well', '0 no nginx runs', '0 no /proc']);
  });

  it('a process by its path', async () => {
    const health = new FakeHealth();
    health.run([{ ...THINGS.process, program: '/usr/sbin/nginx' }]);
    health.clock.ringNext();
    health.processes[0]!(ok(undefined));
    await settled();
    expect(health.samples).toEqual(['0 no /usr/sbin/nginx runs']);
    expect(processQuery('/run/nginx.pid')).toEqual({ kind: 'pid-file', path: '/run/nginx.pid' });
  });

  it('a file holds a number, or none', async () => {
    const health = new FakeHealth();
    health.run([THINGS.file]);
    health.clock.ringNext();
    health.files[0]!(ok(5));
    await settled();
    health.clock.ringNext();
    health.files[1]!(fail({ code: 'missing', detail: 'no such file' }));
    await settled();
    expect(health.calls).toEqual(['read /run/maintenance', 'read /run/maintenance']);
    expect(health.samples).toEqual(['0 holds 5', '0 no such file']);
  });

  it('a link is asked for once, and then tells by itself', async () => {
    const health = new FakeHealth();
    const runner = health.run([THINGS.interface]);
    health.links[0]!('up');
    await settled();
    health.changeLink('down');
    health.changeLink('missing');
    expect(health.samples).toEqual(['0 well', '0 link down', '0 link missing']);
    runner.stop();
    expect(health.watchers.size).toBe(0);
  });

  it('what a link told first is newer than the answer to the question', async () => {
    const health = new FakeHealth();
    health.run([THINGS.interface]);
    health.changeLink('down');
    health.links[0]!('up');
    await settled();
    expect(health.samples).toEqual(['0 link down']);
  });

  it('the proxy is not looked at: the node knows', () => {
    const health = new FakeHealth();
    health.run([THINGS.proxy]);
    expect(health.clock.pending()).toEqual([]);
  });

  it('a kind that does not exist is a mistake of ours', () => {
    const thing = { kind: 'moon' } as unknown as TrackedThingConfig;
    expect(() => new FakeHealth().run([thing])).toThrow(BrokenAssumption);
  });
});

describe('what is served', () => {
  it('backends are well by the servers of the proxy, and fail with it', async () => {
    const health = new FakeHealth();
    const server = { backend: 'web', name: 'a', check: undefined };
    health.served = ok([{ ...server, status: 'UP' }]);
    health.run([THINGS.backends]);
    for (const answer of [ok([{ ...server, status: 'DOWN' }]), fail({ detail: 'no proxy' })]) {
      health.clock.ringNext();
      await settled();
      health.served = answer;
    }
    health.clock.ringNext();
    await settled();
    expect(health.samples).toEqual(['0 well', '0 web has 0 of 1 servers up', '0 no proxy']);
  });

  it('services are well by the servers that this node finds up', async () => {
    const health = new FakeHealth();
    const service = { name: 'mail', address: '192.0.2.100' as Ip, looked: 'by this node' } as const;
    health.reached = [{ ...service, servers: ['up'] }];
    health.run([THINGS.services]);
    health.clock.ringNext();
    await settled();
    health.reached = [{ ...service, servers: ['down'] }];
    health.clock.ringNext();
    await settled();
    expect(health.samples).toEqual(['0 well', '0 mail has 0 of 1 servers up']);
  });

  it('listeners are well by the sockets of the kernel', async () => {
    const health = new FakeHealth();
    health.listening = ok([{ address: undefined, family: 'ipv4', port: 80 }]);
    health.run([THINGS.listeners]);
    for (const answer of [ok([]), fail({ detail: 'EACCES' })]) {
      health.clock.ringNext();
      await settled();
      health.listening = answer;
    }
    health.clock.ringNext();
    await settled();
    expect(health.samples).toEqual([
      '0 well',
      '0 nothing listens on 192.0.2.100 port 80',
      '0 EACCES',
    ]);
  });
});

describe('neighbours', () => {
  it('are all asked, each in its family, and one answer is enough', async () => {
    const health = new FakeHealth();
    health.run([THINGS.neighbours]);
    health.clock.ringNext();
    expect(health.calls).toEqual([
      'open eth0',
      'who has 192.0.2.1 tell 192.0.2.10',
      'who has fe80::1 tell fe80::10',
    ]);
    health.claim('192.0.2.99');
    await settled();
    expect(health.samples).toEqual([]);
    health.claim('fe80::1');
    health.claim('192.0.2.1');
    await settled();
    expect(health.samples).toEqual(['0 well']);
    expect(health.clock.pending()).toHaveLength(1);
  });

  it('that are silent fail in time, and the next look opens the socket anew', async () => {
    const health = new FakeHealth();
    health.run([THINGS.neighbours], []);
    health.clock.ringNext();
    expect(health.calls).toContain('who has fe80::1 tell nobody');
    health.clock.ringNext();
    await settled();
    expect(health.samples).toEqual(['0 no answer from 192.0.2.1 or fe80::1 within 300 ms']);
    expect(health.sockets[0]?.fate).toBe('closed');
    health.clock.ringNext();
    health.claim('192.0.2.1');
    await settled();
    expect(health.samples.at(-1)).toBe('0 well');
    health.clock.ringNext();
    expect(health.sockets).toHaveLength(2);
  });

  it('that cannot be asked fail at once', async () => {
    const health = new FakeHealth();
    health.openRefusal = { code: 'no-such-interface', detail: 'no eth0' };
    health.run([THINGS.neighbours]);
    health.clock.ringNext();
    await settled();
    health.openRefusal = undefined;
    health.askRefusals.set(THINGS.neighbours.addresses[0], { code: 'refused', detail: 'EIO' });
    health.clock.ringNext();
    health.claim('fe80::1');
    await settled();
    health.askRefusals.set(THINGS.neighbours.addresses[1], { code: 'refused', detail: 'ENETDOWN' });
    health.clock.ringNext();
    await settled();
    expect(health.samples).toEqual(['0 no eth0', '0 well', '0 EIO']);
    expect(health.sockets.map(({ fate }) => fate)).toEqual(['closed']);
  });

  it('are not waited for after a stop', async () => {
    const health = new FakeHealth();
    const runner = health.run([THINGS.neighbours]);
    health.clock.ringNext();
    runner.stop();
    runner.stop();
    await settled();
    expect(health.samples).toEqual([]);
    expect(health.sockets[0]?.fate).toBe('closed');
    expect(health.clock.pending()).toEqual([]);
  });
});

describe('the rhythm', () => {
  it('spreads the first looks, and keeps them apart', async () => {
    const health = new FakeHealth();
    const start = health.clock.now();
    health.run([THINGS.file, THINGS.interface, THINGS.process]);
    expect(health.clock.pending().map((at) => at - start)).toEqual([0, 20]);
    health.clock.ringNext();
    health.clock.ringNext();
    expect(health.clock.pending().map((at) => at - start)).toEqual([1000, 1020]);
    health.files[0]!(ok(0));
    await settled();
    health.clock.ringNext(7);
    expect(health.clock.pending().map((at) => at - start)).toEqual([1020, 2000]);
  });

  it('does not make up for beats that were missed', async () => {
    const health = new FakeHealth();
    health.run([THINGS.file]);
    const start = health.clock.now();
    health.clock.ringNext(5500);
    health.files[0]!(ok(0));
    await settled();
    expect(health.clock.pending().map((at) => at - start)).toEqual([6500]);
  });

  it('never looks twice at a time, and fails what does not answer', async () => {
    const health = new FakeHealth();
    health.run([{ ...THINGS.script, every: THINGS.neighbours.timeout }]);
    health.clock.ringNext();
    for (let beat = 0; beat < 4; beat += 1) {
      health.clock.ringNext();
    }
    expect(health.samples).toEqual([]);
    health.clock.ringNext();
    expect(health.scripts).toHaveLength(1);
    expect(health.samples).toEqual(['0 no answer for 1500 ms']);
    // Old news, whatever it says; but now there can be another look.
    health.scripts[0]!(done);
    await settled();
    expect(health.samples).toHaveLength(1);
    health.clock.ringNext();
    health.scripts[1]!(done);
    await settled();
    expect(health.samples.at(-1)).toBe('0 well');
  });

  it('ends with a stop: no alarm, no late answer, scripts killed', async () => {
    const health = new FakeHealth();
    const runner = health.run([THINGS.script, THINGS.file, THINGS.process, THINGS.interface]);
    health.clock.ringNext();
    health.clock.ringNext();
    runner.stop();
    health.scripts[0]!(done);
    health.files[0]!(ok(3));
    health.links[0]!('up');
    await settled();
    expect(health.calls).toContain('killed');
    expect(health.samples).toEqual([]);
    expect(health.clock.pending()).toEqual([]);
  });
});
