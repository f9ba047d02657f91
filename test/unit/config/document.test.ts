import { describe, expect, it } from 'vitest';
import {
  MAX_CHARACTERS,
  MAX_LINE_CHARACTERS,
  MAX_OPENING_BRACKETS,
  readDocument,
} from '../../../src/config/document.js';

describe('a document', () => {
  it.each([
    ['YAML 1.2: no is a word', 'a: no', { a: 'no' }],
    ['whatever version it claims', '%YAML 1.1\n---\na: no\nb: 010', { a: 'no', b: 10 }],
    ['without merge keys', '<<: { a: 1 }', { '<<': { a: 1 } }],
    ['with texts for keys', '1: a\n~: b\ntrue: c', { '1': 'a', '': 'b', true: 'c' }],
    ['that is empty', '', null],
  ])('%s', (_what, text, value) => {
    expect(readDocument(text)).toMatchObject({ ok: true, value: { value, mistakes: [] } });
  });

  it.each<readonly [string, readonly (string | number)[], number]>([
    ['the top', [], 2],
    ['a key', ['groups'], 3],
    ['an item', ['groups', 1], 7],
    ['a key in an item', ['groups', 0, 'vrid'], 6],
    ['what is missing, by what is above it', ['groups', 1, 'announce', 'burst'], 7],
    ['what is missing from a list', ['groups', 9, 'vrid'], 3],
    ['what is missing from a plain value', ['groups', 0, 'name', 'first'], 4],
    ['what is missing altogether', ['proxy'], 2],
    ['a position that is no key', [0], 2],
  ])('knows the line of %s', (_what, path, line) => {
    const text = '# top\npair:\ngroups:\n  - name: a\n    # why\n    vrid: 1\n  - name: b\n';
    const document = readDocument(text);
    expect(document.ok && document.value.lineOf(path)).toBe(line);
  });

  it('has one mistake for each key that comes again', () => {
    expect(readDocument('a: { b: 1, b: 2 }\nc:\n  - 1: x\n    "1": y\na: 3\n')).toMatchObject({
      value: {
        mistakes: [
          { line: 1, path: ['a', 'b'], expected: 'each key once; the first is on line 1' },
          { line: 4, path: ['c', 0, '1'], expected: 'each key once; the first is on line 3' },
          { line: 5, path: ['a'], expected: 'each key once; the first is on line 1' },
        ],
      },
    });
  });
});

describe('a text that cannot be read', () => {
  it.each([
    ['a list left open', 'a: [1\nb: 2', 2, 'a mistake in the YAML (Flow sequence in block'],
    ['a tab for a space', 'a:\n\tb: 1', 2, 'a mistake in the YAML (Tabs are not allowed'],
    ['two documents', 'a: 1\n---\nb: 1', 2, 'a mistake in the YAML (Source contains multiple'],
    ['a type of its own', 'a: 1\nb: !x 1', 2, 'a mistake in the YAML (Unresolved tag: !x)'],
    ['a type of YAML 1.1', 'a: !!set {}', 1, 'a mistake in the YAML (Unresolved tag: tag:yaml'],
    ['an alias', 'a: &x 1\nb: *x', 2, 'the alias "*x"'],
    ['a mapping as a key', 'a: 1\n? { b: 1 }\n: 2', 2, 'a list or a mapping as a key'],
  ])('for %s', (_what, text, line, found) => {
    const document = readDocument(text);
    expect(document.ok ? [] : document.error).toEqual([
      expect.objectContaining({ line, path: [], found: expect.stringContaining(found) as unknown }),
    ]);
  });

  it.each([
    ['characters', '\n'.repeat(MAX_CHARACTERS + 1), 1, MAX_CHARACTERS],
    ['characters on a line', `\n${'a'.repeat(MAX_LINE_CHARACTERS + 1)}`, 2, MAX_LINE_CHARACTERS],
    ['opening brackets', '[\n'.repeat(MAX_OPENING_BRACKETS + 1), 1, MAX_OPENING_BRACKETS],
  ])('for too many %s', (what, text, line, limit) => {
    expect(readDocument(text)).toEqual({
      ok: false,
      error: [
        {
          line,
          path: [],
          found: `${String(limit + 1)} ${what}`,
          expected: `at most ${String(limit)}`,
        },
      ],
    });
  });

  it.each([
    [
      '[',
      `${nested()} ${'['.repeat(MAX_OPENING_BRACKETS / 2)}\n${'['.repeat(MAX_OPENING_BRACKETS / 2)}`,
    ],
    ['{', `${nested()}\n${'{a:\n'.repeat(MAX_OPENING_BRACKETS)}`],
    ['-', '- '.repeat(MAX_LINE_CHARACTERS / 2)],
    ['?', `${'? '.repeat(MAX_LINE_CHARACTERS / 2)}\nx`],
  ])('however deep its %s are nested', (_what, text) => {
    expect(() => readDocument(text)).not.toThrow();
  });
});

/** A mapping in a mapping, and so on, each one column further. */
function nested(): string {
  const columns = MAX_LINE_CHARACTERS - MAX_OPENING_BRACKETS / 2 - 4;
  return Array.from({ length: columns }, (_, column) => `${' '.repeat(column)}a:`).join('\n');
}
