import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { appendRefusedLine, removeRefusedLine } from '../../../src/os/drill-hand/refused-line.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-line-'));
const path = join(directory, 'haproxy.cfg');
const BEFORE = 'defaults\n  mode http\n';

describe('the line that HAProxy refuses', () => {
  beforeEach(() => {
    writeFileSync(path, BEFORE);
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('is taken out again, whole or as much as was written', () => {
    appendRefusedLine(path);
    expect(readFileSync(path, 'utf8')).toContain('\nvipair-drill-refused-line\n');
    expect(removeRefusedLine(path)).toBe('removed');
    expect(readFileSync(path, 'utf8')).toBe(BEFORE);
    appendRefusedLine(path);
    truncateSync(path, readFileSync(path).length - 9);
    expect(removeRefusedLine(path)).toBe('removed');
    expect(readFileSync(path, 'utf8')).toBe(BEFORE);
    expect(removeRefusedLine(path)).toBe('not there');
  });

  it('is a comment where somebody has written behind it meanwhile, and what they wrote stays', () => {
    appendRefusedLine(path);
    appendFileSync(path, 'backend later\n');
    expect(removeRefusedLine(path)).toBe('made a comment');
    const text = readFileSync(path, 'utf8');
    expect(text.split('\n').filter((line) => /^vipair|^#ipair/u.test(line))).toEqual([
      '#ipair-drill-refused-line',
    ]);
    expect(text.endsWith('backend later\n')).toBe(true);
    expect(removeRefusedLine(path)).toBe('not there');
  });
});
