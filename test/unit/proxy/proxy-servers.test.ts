import { expect, it } from 'vitest';
import type { Result } from '../../../src/base/result.js';
import { fail, ok } from '../../../src/base/result.js';
import { instant } from '../../../src/base/time.js';
import type { ProxyRefusal, ProxySession } from '../../../src/ports/proxy-host.js';
import { ProxyServers } from '../../../src/proxy/proxy-servers.js';
import { HandClock } from '../engine/fakes.js';

function given(answer: Result<string, ProxyRefusal>): {
  readonly servers: ProxyServers;
  readonly asked: string[];
  readonly clock: HandClock;
} {
  const clock = new HandClock();
  const asked: string[] = [];
  const ask = (command: string): Promise<Result<string, ProxyRefusal>> => {
    asked.push(command);
    return Promise.resolve(answer);
  };
  const connect = (): Promise<Result<ProxySession, ProxyRefusal>> =>
    Promise.resolve(ok({ pid: 1, ask, close: () => undefined }));
  return { servers: new ProxyServers({ clock, proxy: { connect } }), asked, clock };
}

it('asks the proxy once for all who want to know at a time', async () => {
  const { servers, asked, clock } = given(
    ok('# pxname,svname,status,check_status\nweb,a,UP,L4OK\n'),
  );
  const seen = await Promise.all([servers.servers(), servers.servers()]);
  const value = [{ backend: 'web', name: 'a', status: 'UP', check: 'L4OK' }];
  expect(seen).toEqual([ok(value), ok(value)]);
  expect(asked).toEqual(['show stat -1 4 -1']);
  clock.time = instant(clock.time + 500);
  await servers.servers();
  expect(asked).toHaveLength(2);
});

it.each<[Result<string, ProxyRefusal>, string]>([
  [fail({ code: 'not-running', detail: 'the proxy does not answer' }), 'the proxy does not answer'],
  [ok('garbage'), 'show stat: line 1: found "garbage"'],
])('tells why there is no answer', async (answer, why) => {
  const seen = await given(answer).servers.servers();
  expect(seen.ok ? '' : seen.error.detail).toContain(why);
});

it('tells why it cannot be asked at all', async () => {
  const { clock } = given(ok(''));
  const dead = { code: 'not-running', detail: 'no master process' } as const;
  const connect = (): Promise<Result<ProxySession, ProxyRefusal>> => Promise.resolve(fail(dead));
  for (const [proxy, detail] of [
    [{ connect }, 'no master process'],
    [undefined, 'no proxy is configured'],
  ] as const) {
    expect(await new ProxyServers({ clock, proxy }).servers()).toEqual(fail({ detail }));
  }
});

it('tells what they have to do, asked once at a time as well', async () => {
  const text =
    '# pxname,svname,qcur,scur,econ,eresp,status,chkfail,check_status\nweb,a,1,2,3,4,UP,5,L7OK\n';
  const { servers } = given(ok(text));
  const asked = servers.loads();
  expect(await servers.loads()).toBe(await asked);
  expect(await asked).toMatchObject(ok([{ name: 'web/a', status: 'UP', sessions: 3 }]));
});
