import { expect, it } from 'vitest';
import type { ProxyLook } from '../../../src/core/push-watch.js';
import { fallenSince } from '../../../src/core/push-watch.js';

const SILENT: ProxyLook = { serves: 'no', why: 'no master process' };
const serving = (up: readonly string[], down: readonly string[] = []): ProxyLook => ({
  serves: 'yes',
  up,
  down,
});
const MANY = Array.from({ length: 7 }, (_, index) => `web/s${String(index)}`);

it.each<[string, ProxyLook, ProxyLook, string | undefined]>([
  ['nothing has changed', serving(['web/a']), serving(['web/a']), undefined],
  ['a server has gone', serving(['web/a']), serving([]), undefined],
  ['one is down that is new', serving(['web/a']), serving(['web/a'], ['web/b']), undefined],
  ['one was down before', serving([], ['web/a']), serving([], ['web/a']), undefined],
  ['one has fallen', serving(['web/a']), serving([], ['web/a']), 'up before and down now: web/a'],
  ['it does not serve', serving([]), SILENT, 'HAProxy does not serve: no master process'],
  ['it did not serve before', SILENT, serving([], ['web/a']), undefined],
  [
    'many have fallen',
    serving(MANY),
    serving([], MANY),
    `up before and down now: ${MANY.slice(0, 5).join(', ')} and 2 more`,
  ],
])('%s', (_what, before, now, why) => {
  expect(fallenSince(before, now)).toBe(why);
});
