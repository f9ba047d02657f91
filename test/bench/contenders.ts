/** Who is measured beside whom: vipair, and keepalived with two ways of choosing priorities. */
import type { Centis } from '../../src/base/time.js';
import type { LabSettings } from '../../src/lab/settings.js';
import { defaultSettings } from '../../src/lab/settings.js';
import { parseLabName } from '../../src/lab/topology.js';
import { invariant } from '../../src/base/unreachable.js';

export const CONTENDER_IDS = ['vipair', 'usual', 'best'] as const;
export type ContenderId = (typeof CONTENDER_IDS)[number];

export const TITLES: Readonly<Record<ContenderId, string>> = {
  vipair: 'vipair',
  usual: 'keepalived 101/100',
  best: 'keepalived 254/253',
};

/**
 * `usual`: the priorities that the samples of keepalived's documentation use. `best`: the greatest there
 * are, and so the shortest Skew_Time (RFC 9568 §6.1), which vipair uses as well.
 */
const KEEPALIVED_PRIORITIES = {
  usual: { lb1: 101, lb2: 100 },
  best: { lb1: 254, lb2: 253 },
} as const;

export function settingsOf(id: ContenderId, run: string, advertInterval: Centis): LabSettings {
  const name = parseLabName(`${run}-${id}`);
  invariant(name.ok, 'the bench names its labs well');
  const settings = { ...defaultSettings(name.value), advertInterval };
  return id === 'vipair'
    ? { ...settings, pairChannel: 'open' }
    : {
        ...settings,
        engine: 'keepalived',
        keepalived: { ...settings.keepalived, priorities: KEEPALIVED_PRIORITIES[id] },
      };
}
