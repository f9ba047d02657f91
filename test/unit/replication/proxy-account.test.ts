import { expect, it } from 'vitest';
import { fail, ok } from '../../../src/base/result.js';
import { proxyAccount } from '../../../src/replication/proxy-account.js';

const accounts = {
  find: (user: string, group: string | undefined) =>
    Promise.resolve(user === 'haproxy' && group === 'proxies' ? { uid: 7, gid: 8 } : undefined),
};
const given = (text: string | undefined) => ({
  accounts,
  commonFiles: {
    readText: () =>
      Promise.resolve(
        text === undefined ? fail({ code: 'missing', detail: 'none' } as const) : ok(text),
      ),
  },
});

it('is the one that haproxy.cfg names, if it names one', async () => {
  const named = given('global\n  user haproxy\n  group proxies\n');
  expect(await proxyAccount('/h', named)).toEqual({ uid: 7, gid: 8 });
  expect(await proxyAccount('/h', given('global\n  daemon\n'))).toBeUndefined();
  expect(await proxyAccount('/h', given(undefined))).toBeUndefined();
});
