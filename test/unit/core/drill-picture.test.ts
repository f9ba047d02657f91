import { describe, expect, it } from 'vitest';
import type { NodePicture } from '../../../src/core/drill-picture.js';
import { leftBehind } from '../../../src/core/drill-picture.js';

const BEFORE: NodePicture = {
  addresses: ['eth0 10.0.0.1/24'],
  tables: ['inet filter'],
  daemon: { openFiles: 40, unreaped: 0 },
  processes: [],
};

describe('a node after a drill', () => {
  it.each<[string, Partial<NodePicture>, readonly string[]]>([
    ['is as it was', {}, []],
    [
      'has an address more',
      { addresses: ['eth0 10.0.0.1/24', 'eth0 10.0.0.9/24'] },
      ['address eth0 10.0.0.9/24 was not there before'],
    ],
    ['has lost one', { addresses: [] }, ['address eth0 10.0.0.1/24 is gone']],
    [
      'has rules more',
      { tables: ['inet filter', 'inet vipair_drill'] },
      ['nftables table inet vipair_drill was not there before'],
    ],
    ['has fewer of another’s', { tables: [] }, []],
    ['has a process more', { processes: ['7 burn'] }, ['a process goes on: 7 burn']],
    [
      'has no daemon',
      { daemon: undefined },
      ['no daemon runs on this node any more: start vipair'],
    ],
    ['has a client more', { daemon: { openFiles: 41, unreaped: 0 } }, []],
    [
      'has far more open files',
      { daemon: { openFiles: 65, unreaped: 0 } },
      ['the daemon has 65 open files, and had 40'],
    ],
    [
      'has dead children',
      { daemon: { openFiles: 40, unreaped: 2 } },
      ['2 ended children of the daemon are not collected'],
    ],
  ])('%s', (_what, after, left) => {
    expect(leftBehind(BEFORE, { ...BEFORE, ...after })).toEqual(left);
  });

  it('had no daemon before', () => {
    expect(leftBehind({ ...BEFORE, daemon: undefined }, BEFORE)).toEqual([]);
  });
});
