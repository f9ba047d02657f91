/** Where reports are written that are asked for as files. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { wallTime } from '../../../src/base/time.js';
import { writeForms } from '../../../src/cli/drill/report-forms.js';
import { FAILED, PASSED } from '../drill/sample-reports.js';

const directory = mkdtempSync(join(tmpdir(), 'vipair-forms-'));
const [junit, html] = ['suite.xml', 'suite.html'].map((name) => join(directory, name));

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('reports in files', () => {
  it('are written in each form that is asked for, in the place of what is there', () => {
    writeFileSync(junit!, 'old');
    const asked = { junit, html, title: 'weekly' };
    expect(writeForms([PASSED, FAILED], asked, wallTime(0))).toMatchObject({ ok: true });
    expect(readFileSync(junit!, 'utf8')).toContain('<testsuite name="weekly"');
    expect(readFileSync(html!, 'utf8')).toContain('<title>weekly – vipair drill</title>');
  });

  it('each that cannot be written is named, and the other is written all the same', () => {
    const there = join(directory, 'there.html');
    mkdirSync(join(directory, 'a.xml'));
    const asked = { junit: join(directory, 'a.xml'), html: there, title: undefined };
    expect(writeForms([PASSED], asked, wallTime(0))).toEqual({
      ok: false,
      error: [expect.stringMatching(/^not written: EISDIR/u)],
    });
    expect(existsSync(there)).toBe(true);
    const nowhere = { junit: join(directory, 'none', 'a.xml'), html: undefined, title: undefined };
    expect(writeForms([PASSED], nowhere, wallTime(0))).toEqual({
      ok: false,
      error: [expect.stringMatching(/^not written: ENOENT/u)],
    });
  });

  it('none is fine', () => {
    const asked = { junit: undefined, html: undefined, title: undefined };
    expect(writeForms([PASSED], asked, wallTime(0))).toMatchObject({ ok: true });
  });
});
