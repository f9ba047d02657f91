import { describe, expect, it } from 'vitest';
import { merge, NO_REGISTERS } from '../../../src/core/registers.js';
import {
  existenceStanding,
  existenceValue,
  isAdded,
  isDefinition,
  isDone,
  isServerName,
  isUnsettled,
  lookAtExistence,
  numberFor,
  readExistence,
} from '../../../src/core/server-existence.js';
import type { ServerState } from '../../../src/wire/haproxy/servers-state.js';

const DEFINITION = '10.0.0.4:80 check';
const OURS: ServerState = {
  ...{ name: 'web/new', id: numberFor('web/new', DEFINITION), checks: 'on' },
  ...{ operational: 'running', forced: 'ready', configured: 'enabled', inherited: 'nothing' },
  ...{ weight: 1, configuredWeight: 1, agent: 'none' },
};
const OTHER: Partial<ServerState> = { id: numberFor('web/new', '10.0.0.5:80') };
const CONFIGURED: Partial<ServerState> = { id: 4 };

const registers = (value: string) =>
  merge(NO_REGISTERS, [
    { key: 'server/web/new/existence', value, stamp: { counter: 1, node: 'lb1' }, at: 0 },
    { key: 'server/web/new/admin', value: 'ready', stamp: { counter: 2, node: 'lb1' }, at: 0 },
    { key: 'pause', value: 'on', stamp: { counter: 3, node: 'lb1' }, at: 0 },
  ]).registers;

function look(value: string, server: Partial<ServerState> | 'none', sessions?: number) {
  const servers = server === 'none' ? [] : [{ ...OURS, ...server }];
  const { commands, waits } = lookAtExistence(
    {
      servers: new Map(servers.map((each) => [each.name, each])),
      sessions: sessions === undefined ? undefined : new Map([['web/new', sessions]]),
    },
    registers(value),
  );
  return commands.map(({ text }) => text).join() || (waits === 'for nothing' ? '' : 'waits');
}

describe('what is wanted of the existence of a server', () => {
  it.each([`add ${DEFINITION}`, 'remove', 'remove now'])('is read as it is written: %s', (text) => {
    const wanted = readExistence(text);
    expect(wanted === undefined ? '' : existenceValue(wanted)).toBe(text);
  });

  it.each(['', 'add', 'add ', 'add nowhere', 'removed', 'move 10.0.0.4:80'])(
    'may be something of a later version: %j',
    (text) => {
      expect(readExistence(text)).toBeUndefined();
      expect(look(text, 'none')).toBe('');
      expect(existenceStanding('web/new', OURS, text)).toBe('unknown');
      expect(isUnsettled(OURS, registers(text))).toBe(false);
    },
  );

  it.each([
    '10.0.0.4:80',
    '[2001:db8::1]:8080 check inter 1s fall 2 observe layer7 error-limit 10 on-error mark-down',
    '10.0.0.4:80 ssl verify required ca-file /etc/ssl/ca.pem sni str(a.example)',
  ])('is defined as HAProxy reads it: %s', (text) => {
    expect(isDefinition(text)).toBe(true);
  });

  it.each([
    '10.0.0.4',
    '10.0.0.4:0',
    '10.0.0.4:65536',
    '10.0.0.400:80',
    'web1.example:80',
    '2001:db8::1:80',
    '[10.0.0.4]:80',
    '10.0.0.4:80 check; shutdown frontend f',
    '10.0.0.4:80  check',
    '10.0.0.4:80 check\\ ',
    '10.0.0.4:80 sni "a"',
    '10.0.0.4:80 id 7',
    '10.0.0.4:80 disabled',
  ])('has no definition that could say something else: %s', (text) => {
    expect(isDefinition(text)).toBe(false);
  });
});

describe('the number of a server that was added', () => {
  it('is the same wherever it is made, another for another definition, and none that HAProxy gives', () => {
    expect(numberFor('web/new', DEFINITION)).toBe(OURS.id);
    expect(numberFor('web/new', '10.0.0.5:80')).not.toBe(OURS.id);
    expect(numberFor('web/more', DEFINITION)).not.toBe(OURS.id);
    expect(isAdded(OURS)).toBe(true);
    expect([1, 4096, 999_999_999, 2_000_000_000].some((id) => isAdded({ id }))).toBe(false);
  });
});

describe('the proxy', () => {
  const wanted = `add ${DEFINITION}`;

  it.each<[string, string, Partial<ServerState> | 'none', number | undefined, string]>([
    [
      'is told to add what is not there',
      wanted,
      'none',
      undefined,
      `add server web/new ${DEFINITION} id ${String(OURS.id)}`,
    ],
    [
      'is told to check it before it is used',
      wanted,
      { forced: 'maint', checks: 'off' },
      undefined,
      'enable health web/new',
    ],
    ['is told nothing where it is so', wanted, {}, undefined, ''],
    ['may have its checks turned off later', wanted, { checks: 'off' }, undefined, ''],
    ['keeps what is configured', wanted, CONFIGURED, undefined, ''],
    [
      'drains one of another definition',
      wanted,
      OTHER,
      undefined,
      'set server web/new state drain',
    ],
    [
      'deletes it when it is idle',
      wanted,
      { ...OTHER, forced: 'maint' },
      undefined,
      'del server web/new',
    ],
    ['is told nothing of what is gone', 'remove', 'none', undefined, ''],
    ['keeps what is configured, though it was to go', 'remove', CONFIGURED, undefined, ''],
    ['drains first', 'remove', {}, 0, 'set server web/new state drain'],
    ['has its sessions counted then', 'remove', { forced: 'drain' }, undefined, 'waits'],
    ['waits for the last of them', 'remove', { forced: 'drain' }, 1, 'waits'],
    [
      'closes it behind the last one',
      'remove',
      { forced: 'drain' },
      0,
      'set server web/new state maint',
    ],
    ['deletes it', 'remove', { forced: 'maint' }, undefined, 'del server web/new'],
    [
      'drains nothing where it is to be now',
      'remove now',
      {},
      undefined,
      'set server web/new state maint',
    ],
    [
      'closes what was drained',
      'remove now',
      { forced: 'drain' },
      3,
      'set server web/new state maint',
    ],
    ['counts whom it cuts', 'remove now', { forced: 'maint' }, undefined, 'waits'],
    ['cuts them', 'remove now', { forced: 'maint' }, 2, 'shutdown sessions server web/new'],
    ['deletes it behind them', 'remove now', { forced: 'maint' }, 0, 'del server web/new'],
  ])('%s', (_what, value, server, sessions, said) => {
    expect(look(value, server, sessions)).toBe(said);
  });

  it('is told nothing of a name that could say something else', () => {
    const key = 'server/web/x;quit/existence';
    const stamp = { counter: 1, node: 'lb2' };
    const { registers: heard } = merge(NO_REGISTERS, [{ key, value: wanted, stamp, at: 0 }]);
    const seen = { servers: new Map<string, ServerState>(), sessions: undefined };
    expect(lookAtExistence(seen, heard).commands).toEqual([]);
    expect(isServerName('web/we.b-1:x_2')).toBe(true);
  });

  it('is told nothing else of a server that comes or goes', () => {
    expect(isUnsettled(OURS, registers(wanted))).toBe(false);
    expect(isUnsettled({ ...OURS, ...OTHER }, registers(wanted))).toBe(true);
    expect(isUnsettled({ ...OURS, forced: 'drain' }, registers('remove'))).toBe(true);
    expect(isUnsettled({ ...OURS, ...CONFIGURED }, registers('remove'))).toBe(false);
    expect(isUnsettled(OURS, NO_REGISTERS)).toBe(false);
  });

  it.each<[string, Partial<ServerState> | 'none', string]>([
    [wanted, {}, 'agrees'],
    [wanted, 'none', 'differs'],
    [wanted, OTHER, 'differs'],
    [wanted, CONFIGURED, 'superseded'],
    ['remove', 'none', 'agrees'],
    ['remove', {}, 'differs'],
    ['remove', CONFIGURED, 'superseded'],
  ])('has it as it is wanted, or not: %s', (value, server, standing) => {
    const here = server === 'none' ? undefined : { ...OURS, ...server };
    expect(existenceStanding('web/new', here, value)).toBe(standing);
  });

  it('has done it when it says so', () => {
    expect(isDone({ makes: 'added' }, 'New server registered.\n\n')).toBe(true);
    expect(isDone({ makes: 'removed' }, 'Server deleted.\n')).toBe(true);
    expect(isDone({ makes: 'neither' }, '\n')).toBe(true);
    expect(isDone({ makes: 'added' }, '')).toBe(false);
    expect(isDone({ makes: 'removed' }, 'No such server.\n')).toBe(false);
  });
});
