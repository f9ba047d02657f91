/** What a lab reads out of stick tables, and how it judges that nothing of them was lost. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/base/time.js';
import type { Tables } from '../../../src/lab/persistence/judgement.js';
import { differences, judgeExpiries, judgeKept } from '../../../src/lab/persistence/judgement.js';
import { persistenceSections } from '../../../src/lab/persistence/sections.js';
import { readTableRows, readTableSizes } from '../../../src/lab/persistence/table-rows.js';
import { decodeVisits } from '../../../src/lab/persistence/visiting.js';
import type { Visit } from '../../../src/lab/persistence/visiting.js';
import {
  MOST_VISITORS,
  visitor,
  visitorAddressLines,
} from '../../../src/lab/persistence/visitor.js';

const SHOWN = [
  '# table: counted, type: string, size:102400, used:2',
  '0x55d0: key=visitor-1 use=0 exp=117248 gpt0=7 gpc0=2 gpc0_rate(600000)=2 http_req_cnt=2 http_req_rate(600000)=2',
  '0x55d1: key=visitor-4 use=1 exp=117000 gpt0=7 gpc0=5 gpc0_rate(600000)=5 http_req_cnt=5 http_req_rate(600000)=5',
  '',
].join('\n');

describe('what show table says', () => {
  it('is read as rows, rates without their period', () => {
    const rows = readTableRows(SHOWN);
    expect([...rows.keys()]).toEqual(['visitor-1', 'visitor-4']);
    expect(rows.get('visitor-4')).toMatchObject({
      expiresIn: 117_000,
      values: { gpt0: '7', gpc0: '5', gpc0_rate: '5', http_req_cnt: '5' },
    });
  });

  it('is read as sizes', () => {
    expect([...readTableSizes(SHOWN)]).toEqual([['counted', 2]]);
  });

  it('is nothing where it is something else', () => {
    expect(readTableRows('Unknown command\n').size).toBe(0);
  });
});

describe('the visitors', () => {
  it('are known in three ways, and only some by an address of their own', () => {
    const three = [0, 1, 2].map(visitor);
    expect(three.map(({ way }) => way)).toEqual(['source', 'cookie', 'header']);
    expect(three.map(({ key }) => key)).toEqual(['10.77.0.110', 'visitor-1', 'visitor-2']);
  });

  it('each have an address that nobody else of the lab has', () => {
    const lines = visitorAddressLines('eth0');
    expect(new Set(lines).size).toBe(MOST_VISITORS / 3);
    expect(lines.at(-1)).toBe('address add 10.77.0.199/32 dev eth0');
  });

  it('have a backend each way, and what counts them', () => {
    expect(persistenceSections().match(/^backend /gmu)).toHaveLength(5);
  });
});

describe('the report of visits', () => {
  it('is read back, and nothing else is', () => {
    expect(decodeVisits('{"visits":[],"unanswered":0}').ok).toBe(true);
    expect(decodeVisits('{}').ok).toBe(false);
    expect(decodeVisits('nonsense').ok).toBe(false);
  });
});

describe('what was kept', () => {
  const visit = (server: string): Visit => ({ visitor: 1, at: instant(1), node: 'lb2', server });

  it.each([
    ['the same row and the same server', 's1', [visit('s1')], 1],
    ['nobody came', 's1', [], 1],
    ['another server in the row', 's2', [], 0],
    ['another server answered', 's1', [visit('s1'), visit('s2')], 0],
    ['the row is gone', undefined, [visit('s1')], 0],
  ])('of a binding: %s', (_why, then, visits, held) => {
    const known = bound('s1');
    const now: Tables = then === undefined ? new Map() : bound(then);
    const { cookie } = judgeKept({ known, visits, now }).ways;
    expect(cookie).toEqual({ of: 1, held });
  });

  it.each([
    ['as much as before, and nobody came', 5, [], 1],
    ['one more, as one came', 6, [visit('s1')], 1],
    ['as much as before, although one came', 5, [visit('s1')], 0],
    ['less', 4, [], 0],
  ])('of a counter: %s', (_why, then, visits, held) => {
    const kept = judgeKept({ known: counted(5), visits, now: counted(then) });
    expect(kept.counters).toEqual({ of: 1, held });
    expect(kept.rates).toEqual({ of: 1, held });
  });

  it('of expiries are those within the bound', () => {
    const rows = (expiresIn: number): Tables => table('by-cookie', { expiresIn, values: {} });
    expect(judgeExpiries(rows(5_000), rows(4_100), 1_000)).toEqual({ of: 1, held: 1 });
    expect(judgeExpiries(rows(5_000), rows(3_900), 1_000)).toEqual({ of: 1, held: 0 });
    expect(judgeExpiries(rows(5_000), new Map(), 1_000)).toEqual({ of: 1, held: 0 });
  });

  it('differs by rows that are missing or otherwise, whatever their rates', () => {
    expect(differences(counted(5), counted(5))).toEqual([]);
    expect(differences(counted(5), counted(6))).toEqual([
      'counted visitor-1: gpt0=7 http_req_cnt=5 here, gpt0=7 http_req_cnt=6 there',
    ]);
    expect(differences(new Map(), counted(6))).toHaveLength(1);
    const rate = (text: string): Tables =>
      table('counted', { expiresIn: 1, values: { http_req_rate: text } });
    expect(differences(rate('1'), rate('2'))).toEqual([]);
  });
});

function bound(server: string): Tables {
  return table('by-cookie', { expiresIn: 1_000, values: { server_id: '1', server_key: server } });
}

function counted(count: number): Tables {
  const values = { gpt0: '7', http_req_cnt: String(count), http_req_rate: String(count) };
  return table('counted', { expiresIn: 1_000, values });
}

function table(
  name: string,
  row: { readonly expiresIn: number; readonly values: Readonly<Record<string, string>> },
): Tables {
  return new Map([[name, new Map([['visitor-1', { key: 'visitor-1', ...row }]])]]);
}
