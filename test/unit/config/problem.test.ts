import { describe, expect, it } from 'vitest';
import {
  describe as describeValue,
  formatPath,
  formatProblem,
} from '../../../src/config/problem.js';

const problem = {
  file: 'vipair.yaml',
  line: 7,
  path: 'groups[0].vrid',
  found: '0',
  expected: 'a virtual router id from 1 to 255',
};

describe('a problem', () => {
  it('is one line that an editor can jump to', () => {
    expect(formatProblem(problem)).toBe(
      'vipair.yaml:7: groups[0].vrid: found 0, expected a virtual router id from 1 to 255',
    );
  });

  it('has no path where the whole file is meant', () => {
    expect(formatProblem({ ...problem, path: '' })).toBe(
      'vipair.yaml:7: found 0, expected a virtual router id from 1 to 255',
    );
  });

  it('does nothing to a terminal', () => {
    expect(formatProblem({ ...problem, path: '', found: '\u001b[2J\n\u202e' })).toBe(
      'vipair.yaml:7: found \\u{1b}[2J\\u{a}\\u{202e}, expected a virtual router id from 1 to 255',
    );
  });

  it.each<readonly [readonly (string | number)[], string]>([
    [[], ''],
    [['groups', 0, 'vrid'], 'groups[0].vrid'],
    [['pair', 'nodes', 'lb-1', 'address'], 'pair.nodes.lb-1.address'],
    [['pair', 'a b'], 'pair["a b"]'],
    [[''], '[""]'],
    [['a.b', 1], '["a.b"][1]'],
  ])('names the path %j as %s', (path, text) => {
    expect(formatPath(path)).toBe(text);
  });

  it.each([
    [undefined, 'nothing'],
    [null, 'nothing'],
    [0, '0'],
    [true, 'true'],
    ['0', '"0"'],
    ['a"b\n', '"a\\"b\\n"'],
    ['\u009b2J', '"\\u{9b}2J"'],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    [[], 'a list of 0 items'],
    [[1], 'a list of 1 item'],
    [{ a: 1, b: 2 }, 'a mapping of 2 keys'],
  ])('says of %j that it is %s', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });
});
