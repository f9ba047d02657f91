import { expect, it } from 'vitest';
import { judgeExistence } from '../../../src/core/existence-request.js';
import { numberFor, readExistence } from '../../../src/core/server-existence.js';
import type { ServerState } from '../../../src/wire/haproxy/servers-state.js';

const ADD = 'add 10.0.0.4:80';
const OURS: ServerState = {
  ...{ name: 'web/new', id: numberFor('web/new', '10.0.0.4:80'), checks: 'none' },
  ...{ operational: 'running', forced: 'ready', configured: 'enabled', inherited: 'nothing' },
  ...{ weight: 1, configuredWeight: 1, agent: 'none' },
};
const CONFIGURED = { ...OURS, id: 4 };

it.each<[string, string, string | undefined, ServerState | undefined, string]>([
  ['one that nobody knew', ADD, undefined, undefined, ADD],
  ['again after it was removed', ADD, 'remove', undefined, ADD],
  ['while it is being removed', ADD, 'remove', OURS, ADD],
  ['as it was added', ADD, ADD, OURS, 'stands'],
  ['as it will be when the proxy serves', ADD, ADD, undefined, 'stands'],
  ['with another definition', ADD, 'add 10.0.0.5:80', OURS, 'server-exists'],
  ['one that is configured', ADD, undefined, CONFIGURED, 'server-exists'],
  ['one that is configured by now', ADD, ADD, CONFIGURED, 'server-exists'],
  ['after what a later version wanted', ADD, 'move', undefined, ADD],
  ['removes what was added', 'remove', ADD, OURS, 'remove'],
  ['removes what is configured by now', 'remove', ADD, CONFIGURED, 'remove'],
  ['removes what a node had forgotten', 'remove', undefined, OURS, 'remove'],
  ['removes what was never added', 'remove', undefined, undefined, 'unknown-server'],
  ['removes what is configured', 'remove', undefined, CONFIGURED, 'server-configured'],
  ['removes what is configured again', 'remove', 'remove', CONFIGURED, 'server-configured'],
  ['removes what is gone', 'remove', 'remove', undefined, 'stands'],
  ['removes what goes already', 'remove', 'remove', OURS, 'stands'],
  ['is in a hurry', 'remove now', 'remove', OURS, 'remove now'],
  ['is in a hurry no longer', 'remove', 'remove now', OURS, 'stands'],
])('who adds or removes a server: %s', (_what, asked, stated, here, outcome) => {
  const wanted = readExistence(asked)!;
  const judged = judgeExistence({ server: 'web/new', wanted, stated, here });
  const { kind } = judged;
  expect(kind === 'to be stated' ? judged.value : kind === 'refused' ? judged.code : kind).toBe(
    outcome,
  );
});

it('says what was found and what was expected', () => {
  const wanted = readExistence(ADD)!;
  const judged = judgeExistence({
    ...{ server: 'web/new', wanted, stated: 'add 10.0.0.5:80', here: OURS },
  });
  expect(judged.kind === 'refused' ? judged.detail : '').toContain(
    'found `10.0.0.5:80`, expected `10.0.0.4:80`',
  );
});
