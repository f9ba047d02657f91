/** What every PushedFiles does, the disk's and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { PushedFiles } from '../../src/ports/pushed-files.js';
import { value } from './expected.js';

export interface PushedFilesSetup {
  readonly files: PushedFiles;
  /** Of haproxy.cfg and what it names; the check passes for the text `right`, and for no other. */
  readonly directory: string;
  readonly write: (path: string, text: string) => void;
  readonly read: (path: string) => string | undefined;
  /** Another daemon on the same disk. */
  readonly again: () => PushedFiles;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export function pushedFilesContract(name: string, setUp: () => PushedFilesSetup): void {
  describe(`${name} as pushed files`, () => {
    it('looks at files, directories and nothing', async () => {
      const { files, directory, write } = setUp();
      write(`${directory}/certs/b.pem`, 'b');
      write(`${directory}/certs/a.pem`, 'a');
      write(`${directory}/certs/.hidden`, 'c');
      const look = async (path: string) => value(await files.look(path, directory, 10));
      expect(await look(`${directory}/certs/a.pem`)).toMatchObject({
        kind: 'file',
        bytes: bytes('a'),
      });
      expect(await look(`${directory}/certs`)).toEqual({
        kind: 'directory',
        names: ['a.pem', 'b.pem'],
      });
      expect(await look(`${directory}/certs/c.pem`)).toEqual({ kind: 'nothing' });
      expect(await look(`${directory}/none/c.pem`)).toEqual({ kind: 'nothing' });
      write(`${directory}/long`, 'x'.repeat(11));
      expect((await files.look(`${directory}/long`, directory, 10)).ok).toBe(false);
    });

    it('has files checked that are in no place yet, and leaves none', async () => {
      const { files, directory, read } = setUp();
      const config = `${files.checkDirectory}${directory}/haproxy.cfg`;
      expect((await files.check(config, [{ path: config, bytes: bytes('right') }])).ok).toBe(true);
      expect((await files.check(config, [{ path: config, bytes: bytes('wrong') }])).ok).toBe(false);
      expect(read(config)).toBeUndefined();
    });

    it('has the file checked that is served with', async () => {
      const { files, directory, write } = setUp();
      write(`${directory}/haproxy.cfg`, 'right');
      expect((await files.checkOwn()).ok).toBe(true);
      write(`${directory}/haproxy.cfg`, 'wrong');
      expect((await files.checkOwn()).ok).toBe(false);
    });

    it('replaces files, makes new ones, removes some, and puts all of it back', async () => {
      const { files, directory: base, write, read } = setUp();
      const [old, made, gone] = [`${base}/old`, `${base}/new/made`, `${base}/gone`];
      write(old, 'old');
      write(gone, 'gone');
      const replacements = [
        { path: old, base, bytes: bytes('new') },
        { path: made, base, bytes: bytes('made') },
        { path: gone, base, bytes: undefined },
      ];
      value(await files.install(replacements));
      expect([old, made, gone].map(read)).toEqual(['new', 'made', undefined]);
      value(await files.restore());
      expect([old, made, gone].map(read)).toEqual(['old', undefined, 'gone']);
      value(await files.restore());
      expect(value(await files.former())).toBeUndefined();
    });

    it('knows what was replaced, once it is kept', async () => {
      const { files, directory: base, write, read } = setUp();
      write(`${base}/a`, 'one');
      for (const text of ['two', 'three']) {
        value(await files.install([{ path: `${base}/a`, base, bytes: bytes(text) }]));
        value(await files.keep());
      }
      expect(value(await files.former())).toEqual([
        { path: `${base}/a`, base, bytes: bytes('two') },
      ]);
      value(await files.restore());
      expect(read(`${base}/a`)).toBe('three');
    });

    it('is put back by the next daemon where it was not kept', async () => {
      const { files, directory: base, write, read, again } = setUp();
      write(`${base}/a`, 'one');
      expect(value(await again().recover())).toBe('nothing');
      value(await files.install([{ path: `${base}/a`, base, bytes: bytes('two') }]));
      expect(value(await again().recover())).toBe('restored');
      expect(read(`${base}/a`)).toBe('one');
      expect(value(await again().recover())).toBe('nothing');
    });
  });
}
