/** What every CommonFiles does. */
import { describe, expect, it } from 'vitest';
import type { CommonFiles } from '../../src/ports/common-files.js';
import { MOST_TEXT_BYTES } from '../../src/ports/common-files.js';
import { code, value } from './expected.js';

export interface CommonFilesSetup {
  readonly files: CommonFiles;
  /** Writes a file below a fresh directory, and tells its path. */
  readonly write: (name: string, text: string) => string;
}

/** Not a certificate that anybody signed: only what is between the marks is looked at. */
export function certificate(body: string): string {
  const base64 = Buffer.from(body).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

const KEY = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
/** A shell script that answers `-v`; the version is on its third line. */
export const VERSION_SCRIPT = '#!/bin/sh\n# Says its version.\necho "HAProxy version 2.6.12"\n';

export function commonFilesContract(name: string, setUp: () => CommonFilesSetup): void {
  describe(`${name} as common files`, () => {
    it('reads a whole text, and tells one that is missing or too long', async () => {
      const { files, write } = setUp();
      const text = 'global\n  maxconn 100 # many\n'.repeat(200);
      expect(value(await files.readText(write('haproxy.cfg', text)))).toBe(text);
      expect(code(await files.readText('/no/such/file'))).toBe('missing');
      const long = write('long', 'x'.repeat(MOST_TEXT_BYTES + 1));
      expect(code(await files.readText(long))).toBe('garbled');
    });

    it('stamps a file anew when it is written', async () => {
      const { files, write } = setUp();
      const path = write('file', 'a');
      const before = await files.stamp(path);
      expect(await files.stamp(path)).toBe(before);
      write('file', 'longer');
      expect(await files.stamp(path)).not.toBe(before);
      expect(await files.stamp('/no/such/file')).toBe(await files.stamp('/nor/this'));
    });

    it('tells certificates apart, whatever key is beside them', async () => {
      const { files, write } = setUp();
      const first = value(await files.fingerprint(write('a.pem', certificate('one'))));
      expect(value(await files.fingerprint(write('b.pem', KEY + certificate('one'))))).toBe(first);
      expect(value(await files.fingerprint(write('c.pem', certificate('two'))))).not.toBe(first);
      expect(code(await files.fingerprint(write('d.pem', KEY)))).toBe('garbled');
      expect(code(await files.fingerprint('/no/such/file'))).toBe('missing');
    });

    it('takes the certificates of a directory together', async () => {
      const { files, write } = setUp();
      const path = write('certs/a.pem', certificate('one'));
      const directory = path.slice(0, path.lastIndexOf('/'));
      const before = value(await files.fingerprint(directory));
      write('certs/b.pem', certificate('two'));
      expect(value(await files.fingerprint(directory))).not.toBe(before);
    });

    it('asks a program for its version', async () => {
      const { files, write } = setUp();
      expect(value(await files.versionOf(write('haproxy', VERSION_SCRIPT)))).toBe(
        'HAProxy version 2.6.12',
      );
      expect(code(await files.versionOf('/no/such/program'))).toBe('unreadable');
    });
  });
}
