/** Reports on real files: what lies there already, what a disk refuses, and what else may have the name. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { allReports, findReport, keepReport } from '../../src/drill/kept-reports.js';
import { encodeDrillReport } from '../../src/drill/report-file.js';
import { FileDrillReports } from '../../src/os/drill-reports.js';
import { MOST_REPORTS } from '../../src/ports/drill-reports.js';
import { FAILED, PASSED } from '../unit/drill/sample-reports.js';
import { code, value } from './expected.js';

const root = mkdtempSync(join(tmpdir(), 'vipair-drills-'));
const mounts: string[] = [];
let made = 0;

function directory(): string {
  made += 1;
  return join(root, String(made));
}

/** A disk of its own, so that it can be full. */
function disk(options: string): string {
  const path = directory();
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'vipair-test', path]);
  mounts.push(path);
  return path;
}

afterAll(() => {
  for (const path of mounts) {
    execFileSync('umount', [path]);
  }
  rmSync(root, { recursive: true, force: true });
});

describe('reports of drills on files', () => {
  it('there are none at first', async () => {
    const kept = new FileDrillReports(directory());
    expect(value(await kept.list())).toEqual([]);
    expect(code(await kept.read('some'))).toBe('missing');
    expect(await findReport('last', kept)).toEqual({
      ok: false,
      error: 'no drill was run on this node, or none whose report can be read',
    });
  });

  it('what is kept is read again, for root alone, the latest first', async () => {
    const at = directory();
    const kept = new FileDrillReports(at);
    value(await keepReport(FAILED, kept));
    value(await keepReport(PASSED, kept));
    expect(value(await allReports(kept))).toEqual({ reports: [FAILED, PASSED], skipped: [] });
    expect(value(await findReport('last', kept))).toEqual(FAILED);
    expect(value(await findReport(PASSED.id, kept))).toEqual(PASSED);
    expect(statSync(join(at, 'drills')).mode & 0o777).toBe(0o700);
    expect(statSync(join(at, 'drills', `${PASSED.id}.json`)).mode & 0o777).toBe(0o600);
  });

  it('the newest are kept, and one of the same name takes its place', async () => {
    const at = directory();
    const kept = new FileDrillReports(at);
    mkdirSync(join(at, 'drills'), { recursive: true });
    for (let number = 0; number < MOST_REPORTS + 5; number += 1) {
      const path = join(at, 'drills', `old-${String(number)}.json`);
      writeFileSync(path, '{}');
      utimesSync(path, 1_000 + number, 1_000 + number);
    }
    value(await kept.keep('new', 'first'));
    value(await kept.keep('new', 'second'));
    const names = value(await kept.list());
    expect(names).toHaveLength(MOST_REPORTS);
    expect([names[0], names.at(-1)]).toEqual(['new', 'old-6']);
    expect(value(await kept.read('new'))).toBe('second');
  });

  it('a damaged one, one of a later version and one that is no file are named and passed over', async () => {
    const at = directory();
    const kept = new FileDrillReports(at);
    value(await keepReport(PASSED, kept));
    const text = encodeDrillReport(PASSED);
    writeFileSync(join(at, 'drills', 'cut.json'), text.slice(0, 500));
    writeFileSync(join(at, 'drills', 'later.json'), text.replace('"version":1', '"version":2'));
    writeFileSync(join(at, 'drills', 'wrong.json'), text.replace('"passed"', '"perfect"'));
    writeFileSync(join(at, 'drills', 'no report.txt'), '');
    mkdirSync(join(at, 'drills', 'directory.json'));
    execFileSync('mkfifo', [join(at, 'drills', 'pipe.json')]);
    const { reports, skipped } = value(await allReports(kept));
    expect(reports).toEqual([PASSED]);
    expect(Object.fromEntries(skipped.map(({ id, why }) => [id, why]))).toEqual({
      cut: 'damaged: it is no JSON',
      later: 'of version 2, and this vipair reads version 1',
      wrong: 'damaged: its verdict makes no sense',
      directory: `${join(at, 'drills', 'directory.json')} is not a regular file`,
      pipe: `${join(at, 'drills', 'pipe.json')} is not a regular file`,
    });
  });

  it.each(['../passwd', '/etc/passwd', '', '.hidden', 'a/b', 'x'.repeat(200), 'a\nb'])(
    '%j is no name: nothing is read or written there',
    async (id) => {
      const at = directory();
      const kept = new FileDrillReports(at);
      expect(code(await kept.keep(id, 'x'))).toBe('not-written');
      expect(code(await kept.read(id))).toBe('missing');
    },
  );

  it('a full disk is said, and nothing of the report is left', async () => {
    const at = disk('size=64k');
    const kept = new FileDrillReports(at);
    value(await kept.keep('before', 'x'));
    const told = await keepReport({ ...PASSED, summary: 'x'.repeat(100_000) }, kept);
    expect(told.ok ? '' : told.error).toMatch(/^the report of .* is not kept: ENOSPC/u);
    expect(readdirSync(join(at, 'drills'))).toEqual(['before.json']);
    value(await keepReport(PASSED, kept));
  });

  it('a report that takes the place of another leaves that where there is no room', async () => {
    const at = disk('size=64k');
    const kept = new FileDrillReports(at);
    value(await kept.keep('same', 'old'));
    expect(code(await kept.keep('same', 'x'.repeat(100_000)))).toBe('not-written');
    expect(value(await kept.read('same'))).toBe('old');
  });

  it('a disk that cannot be written says so, and is read all the same', async () => {
    const at = disk('size=64k');
    const kept = new FileDrillReports(at);
    value(await keepReport(PASSED, kept));
    execFileSync('mount', ['-o', 'remount,ro', at]);
    expect(code(await kept.keep('new', 'x'))).toBe('not-written');
    expect(value(await findReport('last', kept))).toEqual(PASSED);
  });

  it('what a crash left beside its place goes after a while', async () => {
    const at = directory();
    const kept = new FileDrillReports(at);
    value(await kept.keep('first', 'x'));
    const [old, young] = ['old', 'young'].map((name) => join(at, 'drills', `${name}.json.new`));
    writeFileSync(old!, 'cut');
    utimesSync(old!, 1_000, 1_000);
    writeFileSync(young!, 'being written');
    value(await kept.keep('second', 'x'));
    expect(readdirSync(join(at, 'drills')).toSorted()).toEqual([
      'first.json',
      'second.json',
      'young.json.new',
    ]);
    expect(readFileSync(young!, 'utf8')).toBe('being written');
  });
});
