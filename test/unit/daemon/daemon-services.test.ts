/** Servers of services beside those of the proxy, as operators ask for them. */
import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import { Intents } from '../../../src/daemon-intents.js';
import { loadsOf, otherServers, servicesFor } from '../../../src/daemon-services.js';
import type { DaemonPorts } from '../../../src/daemon-ports.js';
import type { Config } from '../../../src/config/config.js';
import type { NodeState } from '../../../src/core/node.js';
import type { GroupPlan } from '../../../src/engine/group-plan.js';
import type { Services } from '../../../src/services/services.js';
import { SimJournal } from '../../sim/journal.js';
import { SimServiceRules } from '../../sim/service-rules.js';
import { HandClock, PLAN, settled, VIPS } from '../engine/fakes.js';
import { flow, given, HandFlows, MAIL } from '../services/given-services.js';

function intentsOver(
  services: Services | undefined,
  stated: () => void = () => services?.refresh(),
): Intents {
  return new Intents(
    { own: 'lb1', peer: 'lb2' },
    {
      ...{
        clock: new HandClock(),
        log: { tell: () => undefined },
        intentJournal: new SimJournal(),
      },
      ...{ proxy: undefined, channel: 'none', say: () => undefined, ordered: () => undefined },
      stated,
      others: services === undefined ? undefined : otherServers(() => services),
    },
  );
}

describe('a node without a proxy', () => {
  it('has the servers of its services, and no others', async () => {
    const { services } = given([MAIL]);
    const intents = intentsOver(services);
    intents.begin();
    await services.begin();
    const drained = await intents.stateServer('mail/s1', 'admin', 'drain');
    expect(drained).toMatchObject({ ok: true, value: { servers: [{ name: 'mail/s1' }] } });
    expect(intents.register('server/mail/s1/admin')?.value).toBe('drain');
    expect(intents.servers()).toMatchObject({
      value: { problem: undefined, servers: [{ name: 'mail/s1' }, { name: 'mail/s2' }] },
    });
    expect(await intents.stateServer('mail/s3', 'admin', 'drain')).toMatchObject({
      error: { code: 'no-proxy' },
    });
    expect(await intents.stateServer('mail/s1', 'admin', 'sleep')).toMatchObject({
      error: { code: 'not-an-intent' },
    });
    expect(await intents.stateServer('mail/s1', 'existence', 'remove')).toMatchObject({
      error: { code: 'server-configured' },
    });
    expect(intentsOver(undefined).servers()).toMatchObject({ error: { code: 'no-proxy' } });
    expect(otherServers(() => undefined).rows()).toEqual([]);
    expect(otherServers(() => undefined).has('mail/s1')).toBe(false);
  });

  it.each([
    ['has them so', 'agrees'],
    ['refuses', 'differs'],
  ])('answers when the kernel has been told, which %s', async (_what, here) => {
    const all = given([MAIL]);
    const { services, rules } = all;
    const key = 'server/mail/s1/admin';
    const intents: Intents = intentsOver(services, () => {
      if (intents.register(key) !== undefined) {
        all.state(key, 'drain');
      }
    });
    intents.begin();
    await services.begin();
    await all.pass(10);
    rules.refusal = here === 'agrees' ? undefined : { code: 'refused', detail: 'EBUSY' };
    expect(await intents.stateServer('mail/s1', 'admin', 'drain')).toMatchObject({
      value: { servers: [{ name: 'mail/s1', admin: { value: 'drain', here } }] },
    });
    await otherServers(() => undefined).settled();
  });

  it('tells what they have to do, beside those of a proxy', async () => {
    const { services, flows } = given([MAIL]);
    flows.flows = [flow(MAIL, 's1')];
    const ofProxy = { loads: () => Promise.resolve(ok([])) };
    const some = {
      value: [
        { name: 'mail/s1', sessions: 1 },
        { name: 'mail/s2', sessions: 0 },
      ],
    };
    expect(await loadsOf(undefined, services).loads()).toMatchObject(some);
    expect(await loadsOf(ofProxy, services).loads()).toMatchObject(some);
    expect(await loadsOf(ofProxy, undefined).loads()).toEqual(ok([]));
    expect(await loadsOf(undefined, undefined).loads()).toEqual(
      fail({ detail: 'no proxy is configured' }),
    );
    const silent = { loads: () => Promise.resolve(fail({ detail: 'no answer' })) };
    expect(await loadsOf(silent, services).loads()).toEqual(fail({ detail: 'no answer' }));
    const uncounted = given([MAIL], { flows: 'none' });
    expect(await loadsOf(ofProxy, uncounted.services).loads()).toEqual(
      fail({ detail: 'connections of services: EPERM' }),
    );
  });
});

describe('services of a daemon', () => {
  const [address] = VIPS;
  const dns = { ...MAIL, name: 'dns', address, protocol: 'udp' as const };

  function daemonOf(role: 'master' | 'backup', machine: 'some' | 'none') {
    const [flows, clock] = [new HandFlows(), new HandClock()];
    flows.flows = [flow(dns, 's1')];
    const asked: string[] = [];
    const ports = {
      ...{ clock, log: { tell: () => undefined }, scripts: {} },
      sysctls: { read: () => Promise.resolve(ok('1')) },
      services:
        machine === 'none'
          ? undefined
          : {
              rules: new SimServiceRules(),
              checks: { look: () => Promise.resolve({ kind: 'failing', why: 'refused' }) },
              openFlows: () => ok(flows),
            },
    } as unknown as DaemonPorts;
    const services = servicesFor({ services: [dns] } as unknown as Config, ports, {
      register: () => undefined,
      known: () => Promise.resolve(),
      pair: () => {
        asked.push('pair');
        return undefined;
      },
      plans: (): readonly GroupPlan[] => [PLAN],
      state: () => ({ groups: [{ vrrp: { name: role } }] }) as unknown as NodeState,
    });
    return { services, flows, clock, asked };
  }

  it.each([
    ['master', 0],
    ['backup', 1],
  ] as const)('end connections only where the address is: %s', async (role, left) => {
    const { services, flows, clock, asked } = daemonOf(role, 'some');
    await services?.begin();
    for (let rung = 0; rung < 40; rung += 1) {
      clock.ringNext();
      await settled();
    }
    expect(flows.flows).toHaveLength(left);
    expect(asked).not.toEqual([]);
  });

  it('are none on a machine that has no rules for them', () => {
    expect(daemonOf('master', 'none').services).toBeUndefined();
  });
});
