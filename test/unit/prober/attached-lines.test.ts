/** Each line is read back as it was written, and nothing else is taken for one. */
import { describe, expect, it } from 'vitest';
import { instant, millis, wallTime } from '../../../src/base/time.js';
import type { AttachedLine } from '../../../src/prober/attached-lines.js';
import {
  clockQuestion,
  decodeAttachedLine,
  encodeAttachedLine,
  readClockQuestion,
} from '../../../src/prober/attached-lines.js';
import { readNeighbour } from '../../../src/prober/neighbour-cache.js';
import type { ProbeReport } from '../../../src/prober/sample.js';

const PROBE: ProbeReport = {
  target: '10.77.0.100:80',
  every: millis(5),
  startedAt: instant(1_000),
  endedAt: instant(1_020),
  samples: [
    {
      launchedAt: instant(1_000),
      endedAt: instant(1_001),
      outcome: 'answered',
      node: 'lb1',
      server: 'web1',
    },
  ],
  worstLateness: millis(0),
  streamsOpened: 0,
  streamBreaks: [],
};

const LINES: readonly AttachedLine[] = [
  {
    ...{ kind: 'started', version: 1, target: '10.77.0.100:80', every: millis(5) },
    ...{ lasting: millis(1_000), at: instant(7.5), wall: wallTime(1_700_000_000_000) },
  },
  {
    ...{ kind: 'progress', at: instant(1_007), launched: 200, failed: 2, streamsBroken: 1 },
    ...{ longestGap: millis(10), gap: millis(0), silence: millis(3) },
  },
  { kind: 'clock', id: 3, at: instant(8), wall: wallTime(1_700_000_000_001) },
  { kind: 'failed', problem: 'no such interface' },
  {
    ...{ kind: 'report', wall: wallTime(1_700_000_000_000), neighbour: '02:00:00:00:00:01' },
    owners: {
      ...{ every: millis(10), twoOwners: millis(0), longestTwoOwners: millis(0) },
      ...{ noOwner: millis(300), longestNoOwner: millis(300), contestedAsks: 0 },
      tenures: [
        {
          ...{ hardwareAddress: '02:00:00:00:00:01', from: instant(1_000), to: instant(1_010) },
          answers: 2,
        },
      ],
    },
    probe: PROBE,
  },
  {
    ...{ kind: 'report', wall: wallTime(1), neighbour: undefined, owners: undefined },
    probe: PROBE,
  },
];

describe('a line of an attached prober', () => {
  it.each(LINES)('$kind is read back', (line) => {
    const text = encodeAttachedLine(line);
    expect(text).not.toContain('\n');
    expect(decodeAttachedLine(text)).toEqual(line);
  });

  it.each(LINES)('$kind without one of its fields is none', (line) => {
    const fields = JSON.parse(encodeAttachedLine(line)) as Record<string, unknown>;
    for (const name of Object.keys(fields)) {
      const { [name]: left, ...rest } = fields;
      const isOptional = name === 'neighbour' || name === 'owners';
      expect([left, decodeAttachedLine(JSON.stringify(rest)) === undefined]).toEqual([
        left,
        !isOptional,
      ]);
    }
  });

  it.each([
    '',
    'Welcome to ops1!',
    'null',
    '[]',
    '{}',
    '{"kind":"else"}',
    '{"kind":"clock","id":"1","at":1,"wall":1}',
    '{"kind":"report","wall":1,"probe":{}}',
    `${JSON.stringify({ kind: 'report', wall: 1, owners: {} }).slice(0, -1)},"probe":null}`,
  ])('%j is none', (text) => {
    expect(decodeAttachedLine(text)).toBeUndefined();
  });

  it('nor is one with owners that make no sense', () => {
    const text = encodeAttachedLine(LINES[4]!);
    expect(decodeAttachedLine(text.replace('"answers":2', '"answers":"2"'))).toBeUndefined();
    expect(decodeAttachedLine(text.replace('"noOwner":300', '"noOwner":null'))).toBeUndefined();
  });
});

describe('a question about the clock', () => {
  it('is read back', () => {
    expect(readClockQuestion(clockQuestion(12))).toBe(12);
  });

  it.each(['', 'clock', 'clock x', 'clock -1', 'clock 1 2', 'clock 1234567890123456'])(
    '%j is none',
    (text) => {
      expect(readClockQuestion(text)).toBeUndefined();
    },
  );
});

describe('what ip says of a neighbour', () => {
  it.each([
    ['10.77.0.100 dev eth0 lladdr 02:00:00:00:00:0A REACHABLE\n', '02:00:00:00:00:0a'],
    ['fd77::100 dev eth0 lladdr 02:00:00:00:00:01 router STALE\n', '02:00:00:00:00:01'],
    ['10.77.0.100 dev eth0 FAILED\n', undefined],
    ['', undefined],
  ])('%j', (text, address) => {
    expect(readNeighbour(text)).toBe(address);
  });
});
