import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_BLOCK_DEPTH,
  MAX_EXPANDED_LINES,
  MAX_FILE_CHARACTERS,
  MAX_FILES,
  MAX_PARSE_PROBLEMS,
} from '../../../../src/migration/keepalived/bounds.js';
import type { FindIncluded } from '../../../../src/migration/keepalived/expansion.js';
import { parseKeepalived } from '../../../../src/migration/keepalived/parse.js';
import { formatPlace } from '../../../../src/migration/keepalived/place.js';
import type { Statement } from '../../../../src/migration/keepalived/statements.js';

const NO_FILES: FindIncluded = () => [];

function read(text: string, id?: string): readonly string[] {
  return shown(parseKeepalived({ name: 'k', text }, { id, findIncluded: NO_FILES }).statements);
}

function problems(text: string, findIncluded = NO_FILES): readonly string[] {
  const parsed = parseKeepalived({ name: 'k', text }, { id: undefined, findIncluded });
  return parsed.problems.map((each) => `${formatPlace(each.place)}: ${each.text}`);
}

/** `line keyword words { block; block }` */
function shown(statements: readonly Statement[]): readonly string[] {
  return statements.map(({ place, words, block }) => {
    const inside = block === undefined ? '' : ` { ${shown(block).join('; ')} }`;
    return `${String(place.line)} ${words.join('|')}${inside}`;
  });
}

describe('statements', () => {
  it('have words, and a block whose brace stands on their line, on the next one, or at the end of a word', () => {
    expect(read('a b {\nc\n}\nd\n{\n e f\n}\ng{\n}')).toEqual([
      '1 a|b { 2 c }',
      '4 d { 6 e|f }',
      '8 g {  }',
    ]);
  });

  it('may stand on one line with their braces', () => {
    expect(read('a { b c } d\nx { y { z } }')).toEqual([
      '1 a { 1 b|c }',
      '1 d',
      '2 x { 2 y { 2 z } }',
    ]);
  });

  it('end at a comment, wherever it begins, but not inside of quotes', () => {
    expect(read('a b#c\n! all of it\nd "e # f" ! g\n"a\\"#b" c')).toEqual([
      '1 a|b',
      '3 d|e # f',
      '4 a"#b|c',
    ]);
  });

  it('keep what is quoted together, and leave the other kind of quotes in it', () => {
    expect(read(`script "bash -c 'a b'" x"y z"\nempty "" ''`)).toEqual([
      `1 script|bash -c 'a b'|xy z`,
      '2 empty||',
    ]);
    expect(read('a "b\\tc\\\\d"')).toEqual(['1 a|b\tc\\d']);
  });

  it('tell a brace that is missing or too many, and go on', () => {
    expect(problems('a {\n b {\n }')).toEqual(['k:1: its { has no }']);
    expect(problems('}\n{\n}')).toEqual([
      'k:1: a } that closes nothing',
      'k:2: a { that belongs to nothing',
    ]);
    expect(read('}\na\n')).toEqual(['2 a']);
    expect(problems('a "b')).toEqual(['k:1: a quote without its end']);
  });

  it('nest no deeper than is read', () => {
    const deep = 'a {\n'.repeat(MAX_BLOCK_DEPTH + 3) + '}\n'.repeat(MAX_BLOCK_DEPTH + 3) + 'b';
    expect(problems(deep)[0]).toMatch(/braces more than 16 deep: left out$/u);
    expect(read(deep).at(-1)).toMatch(/ b$/u);
  });
});

describe('lines for one node only', () => {
  const text = '@main a\n@^main b\n@ other\nx {\n@backup c\n}';

  it('are chosen by its id', () => {
    expect(read(text, 'main')).toEqual(['1 a', '4 x {  }']);
    expect(read(text, 'backup')).toEqual(['2 b', '4 x { 5 c }']);
    expect(read(text)).toEqual(['2 b', '4 x {  }']);
  });

  it('name the ids that the file knows', () => {
    const parsed = parseKeepalived({ name: 'k', text }, { id: undefined, findIncluded: NO_FILES });
    expect(parsed.ids).toEqual(['main', '', 'backup']);
  });
});

describe('parameters', () => {
  it('are put in when a line is read, their own parameters too', () => {
    const text = '$BASE=10.2.${SUB}\n$SUB=0\n${BASE}.1/32\n$SUB=10\n${BASE}.1/32\np $SUB, $SUB';
    expect(read(text)).toEqual(['3 10.2.0.1/32', '5 10.2.10.1/32', '6 p|10,|10']);
  });

  it('stay as they are where nothing defines them, or the name goes on', () => {
    expect(read('$A=1\na ${B} $B $AB $A.x')).toEqual(['2 a|${B}|$B|$AB|$A.x']);
  });

  it('may choose lines, hide a comment sign and know their directory', () => {
    expect(
      read(
        '@main $P=1\n@^main $P=2\np $P\n$IF=@main\n$IF q\n"a${_HASH}b" ${_INSTANCE} ${_PWD}/x',
        'main',
      ),
    ).toEqual(['3 p|1', '5 q', '6 a#b|main|./x']);
  });

  it('may be several lines, which are read again for each use', () => {
    const text = [
      '$I= \\',
      'vrrp_instance VI_${N} { \\',
      '  priority ${N} \\',
      '',
      '  $X=${N}5 \\',
      '  x ${X} \\',
      '}',
      '$N=1',
      '$I',
      '$N=2',
      '${I}',
    ].join('\n');
    expect(read(text)).toEqual([
      '2 vrrp_instance|VI_1 { 3 priority|1; 6 x|15 }',
      '2 vrrp_instance|VI_2 { 3 priority|2; 6 x|25 }',
    ]);
  });

  it('that name themselves end', () => {
    expect(problems('$A=x${A}\n${A}')).toEqual([
      'k:2: its parameters make it endless, or longer than a line may be',
    ]);
    expect(problems('$A= \\\nb \\\n$A\n$A')[0]).toMatch(
      /definitions more than 32 deep: left out$/u,
    );
  });
});

describe('sequences and lists', () => {
  it('repeat what follows them', () => {
    expect(read('~SEQ(A, 0, 2) ip 10.0.${A}.1')).toEqual([
      '1 ip|10.0.0.1',
      '1 ip|10.0.1.1',
      '1 ip|10.0.2.1',
    ]);
    expect(read('~SEQx(A, 0x90, 0x10, 0xb0) ~SEQ(B, 2) x:${A}:${B}')).toHaveLength(6);
    expect(read('~SEQ(A, 3, -1, 1) ${A}')).toEqual(['1 3', '1 2', '1 1']);
    expect(read('~SEQ(A, -2) ${A}')).toEqual(['1 -1', '1 -2']);
    expect(read('$N=2\n~SEQ(A, $N) ${A}')).toEqual(['2 1', '2 2']);
    expect(read('~LST({I, J}, {10,1},{20,4}) ${I}.${J}')).toEqual(['1 10.1', '1 20.4']);
    expect(read('~LST(I, 1, 2) ~LST(J, 5,6) ${I}.${J}')).toHaveLength(4);
  });

  it.each([
    '~SEQ(A, 1, 0, 5) x',
    '~SEQ(A) x',
    '~SEQ(A, x) y',
    '~SEQ(A, 5, 1, 1) z',
    '~LST(A) b',
    '~SEQ(A, 1',
    '~SEQ(1, 1, 99999999) x',
  ])('that cannot be read are told: %s', (text) => {
    expect(problems(text)).toEqual(['k:1: a ~SEQ or ~LST that cannot be read, or is too long']);
  });

  it('together are no more than can be read', () => {
    const text = '~SEQ(A, 40000) ~SEQ(B, 40000) x';
    expect(problems(text)[0]).toMatch(/more than 50000 lines/u);
    expect(read(text).length).toBeLessThan(MAX_EXPANDED_LINES);
  });
});

describe('included files', () => {
  it('stand where they are named, and know where they are', () => {
    const parsed = parseKeepalived(
      { name: '/etc/k/k.conf', text: 'a {\ninclude d/*.conf\n}\nx ${_PWD}' },
      {
        id: undefined,
        findIncluded: (pattern, from) =>
          pattern === 'd/*.conf' && from === '/etc/k/k.conf'
            ? [{ name: '/etc/k/d/1.conf', text: 'b ${_PWD}' }]
            : [],
      },
    );
    expect(shown(parsed.statements)).toEqual(['1 a { 1 b|/etc/k/d }', '4 x|/etc/k']);
    expect(parsed.statements[0]?.block?.[0]?.place).toEqual({ file: '/etc/k/d/1.conf', line: 1 });
  });

  it('that are missing are told', () => {
    expect(problems('includea "x y"')).toEqual([
      'k:1: include "x y": no such file, or none that can be read',
    ]);
  });

  it('that include themselves end', () => {
    const asks: string[] = [];
    const again: FindIncluded = (pattern) => {
      asks.push(pattern);
      return [
        { name: 'k', text: 'include k' },
        { name: 'k', text: 'include k' },
      ];
    };
    expect(problems('include k', again)[0]).toMatch(/included more than 8 deep/u);
    expect(asks.length).toBeLessThanOrEqual(MAX_FILES);
  });

  it('are no longer than can be read', () => {
    expect(problems('x'.repeat(MAX_FILE_CHARACTERS + 1))).toHaveLength(1);
    expect(problems('x'.repeat(5000))).toEqual(['k:1: more than 4096 characters: left out']);
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    ...[
      'vrrp_instance',
      'VI_1',
      '{',
      '}',
      '\n',
      ' ',
      '"',
      "'",
      '#',
      '!',
      '\\',
      '$',
      '${',
      'A',
      '=',
      '\\\n',
    ],
    ...[
      '~SEQ(A, 1, 9) ',
      '~LST({A,B},{1,2}) ',
      '@main ',
      '@^',
      '$A=$A$A\n',
      '$A',
      '${A}',
      '\u0000',
      '\r\n',
      'ä',
    ],
    ...['include k\n', '$B= \\\n${B} \\\n'],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
  );

  it('is read or told, and never more than the bounds allow', () => {
    fc.assert(
      fc.property(texts, fc.option(fc.constant('main'), { nil: undefined }), (text, id) => {
        const include: FindIncluded = () => [{ name: 'again', text }];
        const parsed = parseKeepalived({ name: 'k', text }, { id, findIncluded: include });
        expect(parsed.problems.length).toBeLessThanOrEqual(2 * MAX_PARSE_PROBLEMS);
        expect(shown(parsed.statements).length).toBeLessThanOrEqual(MAX_EXPANDED_LINES);
      }),
      { numRuns: 300 },
    );
  });
});
