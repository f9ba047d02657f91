import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ok } from '../../../src/base/result.js';
import { readLoads, readServed, readServers } from '../../../src/proxy/show-stat.js';

const HEAD = '# pxname,svname,status,weight,check_status,';

it('reads the servers of HAProxy, whatever the order of its columns', () => {
  const text = `${HEAD}\nweb,a,UP,1,L4OK,\nweb,b,DOWN 1/2,1,* L4CON,\nweb,c,no check,1,,\n\n`;
  expect(readServers(text)).toEqual({
    ok: true,
    value: [
      { backend: 'web', name: 'a', status: 'UP', check: 'L4OK' },
      { backend: 'web', name: 'b', status: 'DOWN 1/2', check: 'L4CON' },
      { backend: 'web', name: 'c', status: 'no check', check: undefined },
    ],
  });
});

it.each([
  ['', 'line 1: found "", expected the names of columns behind a #'],
  ['Unknown command.', 'line 1: found "Unknown command.", expected the names'],
  ['# pxname,svname', 'line 1: no column status, check_status'],
  [`${HEAD}\nweb`, 'line 2: found "web,,,", expected a server'],
  [`${HEAD}\nweb,a,UP,1,\n${'x'.repeat(300)},a,UP,1,`, 'line 3: found'],
  [`${HEAD}\n${'web,a,UP,1,\n'.repeat(10_001)}`, '10001 lines, expected 10000 at the most'],
])('of %j nothing is believed', (text, why) => {
  const read = readServers(text);
  expect(read.ok ? '' : read.error).toContain(why);
});

const FRONTENDS = '# pxname,stot,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,mode';

it('adds up what frontends have answered, and sessions of those without HTTP', () => {
  const lines = ['web,100,1,20,3,4,500,6,http', 'db,7,,,,,,,tcp'];
  expect(readServed([FRONTENDS, ...lines, ''].join('\n'))).toEqual(ok(1 + 20 + 3 + 4 + 6 + 7));
  expect(readServed(FRONTENDS)).toEqual(ok(0));
});

it.each([
  ['Unknown command.', 'line 1: found'],
  ['# pxname,stot', 'line 1: no column mode, hrsp_1xx'],
  [`${FRONTENDS}\nweb,1,a,1,1,1,1,1,http`, 'line 2: expected the counters'],
  [`${FRONTENDS}\nweb,1,1,1,1,1,1,-1,http`, 'line 2: expected the counters'],
  [`${FRONTENDS}\ndb,,,,,,,,tcp\nweb`, 'line 3: expected the counters'],
])('of %j no counters are believed', (text, why) => {
  const read = readServed(text);
  expect(read.ok ? '' : read.error).toContain(why);
});

it('never throws', () => {
  fc.assert(
    fc.property(fc.string(), (noise) => {
      expect(readServers(`${HEAD}\n${noise}`)).toHaveProperty('ok');
    }),
  );
});

const LOADS = '# pxname,svname,qcur,scur,econ,eresp,status,chkfail,check_status,';

it('reads what servers do, and what HAProxy found of them', () => {
  const lines = ['web,a,1,2,3,4,UP,5,L7OK', 'web,b,0,0,,,no check,,'];
  expect(readLoads([LOADS, ...lines, ''].join('\n'))).toEqual(
    ok([
      {
        ...{ name: 'web/a', status: 'UP', check: 'L7OK', sessions: 3 },
        failed: { checks: 5, connects: 3, answers: 4 },
      },
      {
        ...{ name: 'web/b', status: 'no check', check: undefined, sessions: 0 },
        failed: { checks: 0, connects: 0, answers: 0 },
      },
    ]),
  );
});

it.each([
  ['Unknown command.', 'line 1: found'],
  [`${LOADS}\nweb,a,1,2,3,4,,5,L7OK`, 'line 2: found "web,a,'],
  [`${LOADS}\nweb,a,1,2,3,4,UP,many,L7OK`, 'line 2: found'],
])('of %j no load is believed', (text, why) => {
  const read = readLoads(text);
  expect(read.ok ? '' : read.error).toContain(why);
});
