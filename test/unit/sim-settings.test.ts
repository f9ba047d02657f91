/** The file of a simulated node says what its daemon runs: else a reload in a simulation would change more than it is to. */
import { expect, it } from 'vitest';
import { millis } from '../../src/base/time.js';
import { changesBetween } from '../../src/config/config-changes.js';
import { parseConfig } from '../../src/config/load.js';
import type { Settings } from '../sim/settings.js';
import { configFor, configText, ORDINARY, VRID } from '../sim/settings.js';

it.each<Partial<Settings>>([
  {},
  { interval: millis(100), channel: 'open', startHold: millis(500) },
  { version: 2, channel: 'open', paths: 'two', failback: { kind: 'manual' } },
  { failback: { kind: 'after', stableFor: millis(2000) }, proxy: { probeEvery: millis(1000) } },
  { interval: millis(100), authentication: 'signed', channel: 'open' },
])('is what it runs, with %j', (over) => {
  const settings = { ...ORDINARY, startHold: millis(1), ...over };
  const read = parseConfig(configText(settings, VRID), 'vipair.yaml');
  expect(read.ok ? changesBetween(configFor(settings), read.value) : read).toEqual([]);
});
