import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ImportAsked } from '../../../src/cli/commands.js';
import { EXIT } from '../../../src/cli/exit-codes.js';
import { importFiles, surveyFiles } from '../../../src/cli/import.js';

const INSTANCE = `vrrp_instance A {
  interface eth0
  virtual_router_id 7
  nopreempt
  virtual_ipaddress {
    10.0.0.1/24
  }
}
`;

let directory = '';
let out = '';
let complaints = '';

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'vipair-import-'));
  [out, complaints] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complaints += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

function file(name: string, text: string): string {
  const whole = path.join(directory, name);
  writeFileSync(whole, text);
  return whole;
}

function asked(...files: readonly string[]): ImportAsked {
  return { files, nodes: [], output: undefined, form: 'text' };
}

describe('vipair import', () => {
  it('ends as it went: fully, partly, not at all', () => {
    const full = file('a.conf', INSTANCE);
    expect(importFiles(asked(full))).toBe(EXIT.ok);
    expect(out).toMatch(/^# Made from .*a\.conf by `vipair import`\.\n/u);
    expect(complaints).toMatch(
      /fully converted \(3 fill-in, 0 lost, 0 differs, 0 guessed, 0 needless\)\n$/u,
    );
    expect(importFiles(asked(full, file('b.conf', `${INSTANCE}frob\n`)))).toBe(EXIT.failed);
    expect(complaints).toMatch(/b\.conf:9: frob: lost: the importer does not know it\n/u);
    expect(importFiles(asked(file('c.conf', '')))).toBe(EXIT.configuration);
    expect(importFiles(asked(path.join(directory, 'missing')))).toBe(EXIT.configuration);
    expect(importFiles(asked(directory))).toBe(EXIT.configuration);
  });

  it('refuses a command line that names no node or too many', () => {
    const a = file('a.conf', INSTANCE);
    expect(importFiles(asked())).toBe(EXIT.usage);
    expect(importFiles(asked(a, a, a))).toBe(EXIT.usage);
    expect(importFiles({ ...asked(a), nodes: ['no-name'] })).toBe(EXIT.usage);
    expect(importFiles({ ...asked(a, a), nodes: [`x=${a}`] })).toBe(EXIT.usage);
  });

  it('calls nodes as it is told', () => {
    const a = file('a.conf', INSTANCE);
    expect(importFiles({ ...asked(), nodes: [`east=${a}`, `West=${a}`], form: 'json' })).toBe(
      EXIT.ok,
    );
    const answer = JSON.parse(out) as { readonly verdict: string; readonly yaml: string };
    expect(answer.verdict).toBe('fully');
    expect(answer.yaml).toMatch(/\n {4}east:\n[^]*\n {4}west:\n/u);
  });

  it('never writes over a file that is there', () => {
    const a = file('a.conf', INSTANCE);
    const output = path.join(directory, 'new.yaml');
    expect(importFiles({ ...asked(a), output })).toBe(EXIT.ok);
    expect(readFileSync(output, 'utf8')).toMatch(/FILL-IN/u);
    expect(out).toBe('');
    writeFileSync(output, 'mine');
    expect(importFiles({ ...asked(a), output })).toBe(EXIT.failed);
    expect(complaints).toMatch(/new\.yaml is there already; nothing was written\n$/u);
    expect(readFileSync(output, 'utf8')).toBe('mine');
    expect(importFiles({ ...asked(a), output: path.join(directory, 'no', 'x') })).toBe(EXIT.failed);
  });

  it('reads what is included, relative to the file that includes it', () => {
    file('one.inc', INSTANCE);
    file('two.inc', INSTANCE.replace('A', 'B').replace('7', '8').replace('0.1', '0.2'));
    expect(importFiles(asked(file('a.conf', 'include *.inc\n')))).toBe(EXIT.ok);
    expect(out).toMatch(/name: a\n[^]*name: b\n/u);
    expect(importFiles(asked(file('b.conf', 'include none\ninclude t?o.inc\n')))).toBe(EXIT.failed);
    expect(complaints).toMatch(/b\.conf:1: syntax: lost: include none: no such file/u);
  });

  it('surveys a directory', () => {
    file('a.conf', INSTANCE);
    file('b.conf.sample', 'virtual_server 10.0.0.1 80 {\n}\n');
    file('c.txt', INSTANCE);
    expect(surveyFiles({ directory, form: 'text' })).toBe(EXIT.ok);
    expect(out).toMatch(/a\.conf +fully\n/u);
    expect(out).toMatch(/b\.conf\.sample +not +1: virtual_server: LVS/u);
    expect(out).toMatch(/2 files: 1 fully, 0 partly, 1 not\n$/u);
    out = '';
    expect(surveyFiles({ directory, form: 'json' })).toBe(EXIT.ok);
    expect(JSON.parse(out)).toHaveLength(2);
    expect(surveyFiles({ directory: path.join(directory, 'none'), form: 'text' })).toBe(
      EXIT.configuration,
    );
  });
});
