/** `vipair lab hitless`, its short form: clients that stay do not notice a switchover, and clients that come do not either. */
import { describe, expect, it } from 'vitest';
import { mayRaiseLabs, vipair } from './rig.js';

describe.skipIf(!mayRaiseLabs)('planned moves under clients that stay', () => {
  // A HAProxy that somebody else runs is no other to the rules of the kernel; that nothing of ours ends it is shown here, too.
  it.each([
    ['whose HAProxy the daemon runs', 'supervised'],
    ['whose HAProxy is adopted', 'systemd'],
  ])('break no stream, corrupt no byte, and fail no new connection, %s', async (_whose, run) => {
    const short = ['--rounds', '2', '--no-keepalived', '--run', run, '--json'];
    const shown = await vipair('lab', 'hitless', ...short);
    const { seen } = JSON.parse(shown.stdout) as { readonly seen: readonly object[] };
    expect(seen).toMatchObject([{ engine: 'vipair', moves: 2, wrong: [], verdict: 'as expected' }]);
    expect(shown.exit).toBe(0);
  });
});
