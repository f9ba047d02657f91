/** `vipair lab hitless`, its short form: clients that stay do not notice a switchover, and clients that come do not either. */
import { describe, expect, it } from 'vitest';
import { mayRaiseLabs, vipair } from './rig.js';

describe.skipIf(!mayRaiseLabs)('planned moves under clients that stay', () => {
  it('break no stream, corrupt no byte, and fail no new connection, back and forth', async () => {
    const shown = await vipair('lab', 'hitless', '--rounds', '2', '--no-keepalived', '--json');
    const { seen } = JSON.parse(shown.stdout) as { readonly seen: readonly object[] };
    expect(seen).toMatchObject([{ engine: 'vipair', moves: 2, wrong: [], verdict: 'as expected' }]);
    expect(shown.exit).toBe(0);
  });
});
