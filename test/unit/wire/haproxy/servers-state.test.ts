import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginServersState,
  MOST_SERVERS,
  readServers,
  readServersState,
} from '../../../../src/wire/haproxy/servers-state.js';

/** As HAProxy 2.6 says it. */
const HEADER =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port';
const LINE = '3 web 1 web1 127.0.0.1 2 0 50 50 0 8 2 0 6 0 0 0 - 18001 - 0 0 - - 0';
const WEB1 = {
  name: 'web/web1',
  ...{ id: 1, checks: 'on' },
  ...{ operational: 'running', forced: 'ready', configured: 'enabled', inherited: 'nothing' },
  ...{ weight: 50, configuredWeight: 50, agent: 'none' },
} as const;

const answer = (...lines: readonly string[]): string => ['1', HEADER, ...lines, ''].join('\n');
/** The line with other words in some columns. */
function line(words: Readonly<Record<string, string>>): string {
  const columns = HEADER.split(' ').slice(1);
  return LINE.split(' ')
    .map((word, index) => words[columns[index] ?? ''] ?? word)
    .join(' ');
}

describe("HAProxy's list of servers", () => {
  it('is read', () => {
    const other = line({ srv_name: 'we.b-2:x', srv_op_state: '0', srv_uweight: '0' });
    expect(readServersState(answer(LINE, other))).toEqual({
      ok: true,
      value: [WEB1, { ...WEB1, name: 'web/we.b-2:x', operational: 'stopped', weight: 0 }],
    });
    expect(readServersState(answer())).toEqual({ ok: true, value: [] });
  });

  it.each([
    ['0', {}],
    ['1', { forced: 'maint' }],
    ['2', { inherited: 'maint' }],
    ['4', { configured: 'disabled' }],
    ['5', { configured: 'disabled', forced: 'maint' }],
    ['8', { forced: 'drain' }],
    ['9', { forced: 'maint' }],
    ['16', { inherited: 'drain' }],
    ['24', { forced: 'drain', inherited: 'drain' }],
    ['32', { inherited: 'maint' }],
    ['64', {}],
  ])('tells what was said from what is inherited and configured: %s', (srv_admin_state, seen) => {
    expect(readServersState(answer(line({ srv_admin_state })))).toEqual({
      ok: true,
      value: [{ ...WEB1, ...seen }],
    });
  });

  it.each([
    ['0', 'none'],
    ['2', 'off'],
    ['6', 'on'],
    ['15', 'on'],
  ])('tells whether a server is checked: %s', (srv_check_state, checks) => {
    expect(readServersState(answer(line({ srv_check_state })))).toMatchObject({
      value: [{ checks }],
    });
  });

  it.each([
    ['0', 'none'],
    ['18', 'none'],
    ['22', 'enabled'],
  ])('tells whether an agent on the server decides, too: %s', (srv_agent_state, agent) => {
    expect(readServersState(answer(line({ srv_agent_state })))).toMatchObject({
      value: [{ agent }],
    });
  });

  it('is read with other columns, in another order', () => {
    const header =
      '# new srv_id srv_check_state srv_agent_state srv_iweight srv_uweight srv_admin_state srv_op_state srv_name be_name';
    const text = ['1', header, 'x 1 6 0 50 50 0 2 web1 web'].join('\n');
    expect(readServersState(text)).toEqual({ ok: true, value: [WEB1] });
  });

  it('is read a slice at a time, to the same', () => {
    const lines = ['web1', 'web2', 'web3'].map((name) => line({ srv_name: name }));
    const list = beginServersState(answer(...lines));
    const slices = [0, 2, 4].map((from) =>
      list.ok ? readServers(list.value, { from, count: 2 }) : list,
    );
    const names = slices.map((each) => (each.ok ? each.value.map(({ name }) => name) : each));
    expect(names).toEqual([['web/web1', 'web/web2'], ['web/web3'], []]);
  });

  it.each<[string, string, number, string | undefined, string]>([
    ['nothing', '', 1, undefined, ''],
    ['words', 'Unknown command.', 1, undefined, 'Unknown command.'],
    ['another version', answer(LINE).replace('1', '2'), 1, undefined, '2'],
    ['no header', '1', 2, 'be_name', ''],
    ['a header without a mark', `1\n${HEADER.slice(2)}`, 2, 'be_name', HEADER.slice(2, 62)],
    [
      'a header without a column',
      `1\n${HEADER.replace('srv_iweight', 'x')}`,
      2,
      'srv_iweight',
      HEADER.slice(0, 60),
    ],
    ['half a line', answer(LINE, '3 web 2 web2 127.0.0.1 2'), 4, 'srv_admin_state', ''],
    ['a name with a slash', answer(line({ be_name: 'a/b' })), 3, 'be_name', 'a/b'],
    ['no name', answer(line({ srv_name: '' })), 3, 'srv_name', ''],
    ['a state beyond the last', answer(line({ srv_op_state: '4' })), 3, 'srv_op_state', '4'],
    ['a negative weight', answer(line({ srv_uweight: '-1' })), 3, 'srv_uweight', '-1'],
    ['a weight beyond the last', answer(line({ srv_iweight: '257' })), 3, 'srv_iweight', '257'],
    [
      'endless digits',
      answer(line({ srv_uweight: '9'.repeat(99) })),
      3,
      'srv_uweight',
      '9'.repeat(60),
    ],
  ])('is not believed: %s', (_what, text, number, column, found) => {
    expect(readServersState(text)).toMatchObject({
      ok: false,
      error: { line: number, column, found },
    });
  });

  it('is not read to an end that never comes', () => {
    const lines = Array.from({ length: MOST_SERVERS + 9 }, (_, index) =>
      line({ srv_name: `web${String(index)}` }),
    );
    expect(readServersState(answer(...lines.slice(0, MOST_SERVERS)))).toMatchObject({ ok: true });
    expect(readServersState(answer(...lines))).toMatchObject({
      ok: false,
      error: { line: MOST_SERVERS + 3, expected: 'at most 4096 servers' },
    });
  });

  it('of noise is an error, never a throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(answer(LINE).length), (noise, at) => {
        const text = answer(LINE);
        expect(readServersState(text.slice(0, at) + noise + text.slice(at))).toHaveProperty('ok');
        expect(readServersState(noise)).toMatchObject({ ok: false });
      }),
    );
  });
});
