import { expect, it } from 'vitest';
import { underWayLines } from '../../../src/cli/status/under-way.js';
import type { PeerStatus } from '../../../src/telemetry/status.js';

const PUSH = { what: 'push', says: 'pushes its files to the other node' } as const;
const DRILL = { what: 'drill', says: 'runs drills: suite weekly' } as const;

// Without a terminal there are no colours.
it.each([
  [undefined, undefined, ''],
  [[], [], ''],
  [[PUSH], [], 'under way: lb1 pushes its files to the other node'],
  // Of its own drill the node has more to say, elsewhere.
  [
    [DRILL, PUSH],
    [DRILL],
    'under way: lb1 pushes its files to the other node\nunder way: lb2 runs drills: suite weekly',
  ],
])('what is under way on either node is told: %#', (underWay, there, text) => {
  const peer = { node: 'lb2', underWay: there } as unknown as PeerStatus;
  expect(underWayLines({ node: 'lb1', underWay, peer })).toBe(text);
});

it('is told of this node alone where there is no other', () => {
  expect(underWayLines({ node: 'lb1', underWay: [PUSH], peer: undefined })).toBe(
    'under way: lb1 pushes its files to the other node',
  );
});
