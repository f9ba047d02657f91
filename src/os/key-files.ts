/** Keys and passwords in files that only their owner may read. */
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { SecretPlace, SecretRefusal, Secrets, SecretSize } from '../ports/secrets.js';

/** A symbolic link could be turned to another file by whoever owns its directory; a pipe must not make us wait. */
const HOW = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const OTHERS = 0o077;
const LINE_END = 0x0a;
/** More than any secret; a wrong file named by mistake is not read whole. */
const MOST_READ = 4096;

export class KeyFiles implements Secrets {
  readonly #credentials: string | undefined;

  /** `credentials`: where systemd put those of this service; undefined where it gave none. */
  constructor(credentials: string | undefined = process.env['CREDENTIALS_DIRECTORY']) {
    this.#credentials = credentials;
  }

  async read(place: SecretPlace, size: SecretSize): Promise<Result<Uint8Array, SecretRefusal>> {
    const path = this.#pathOf(place);
    if (path === undefined) {
      const detail = `credential ${place.kind === 'credential' ? place.name : ''}: no CREDENTIALS_DIRECTORY in the environment; expected LoadCredential= in the unit`;
      return fail({ code: 'missing', detail });
    }
    let file: FileHandle;
    try {
      file = await open(path, HOW);
    } catch (error) {
      return fail(asRefusal(path, error));
    }
    try {
      return await readSecret(file, path, { place, size });
    } finally {
      await file.close();
    }
  }

  #pathOf(place: SecretPlace): string | undefined {
    if (place.kind === 'file') {
      return place.path;
    }
    return this.#credentials === undefined ? undefined : `${this.#credentials}/${place.name}`;
  }
}

async function readSecret(
  file: FileHandle,
  path: string,
  { place, size }: { readonly place: SecretPlace; readonly size: SecretSize },
): Promise<Result<Uint8Array, SecretRefusal>> {
  const stats = await file.stat();
  const objection = objectionTo(stats, path, place);
  if (objection !== undefined) {
    return fail(objection);
  }
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_READ), 0, MOST_READ, 0);
  const secret = withoutLineEnd(buffer.subarray(0, bytesRead), size);
  return secret.length >= size.from && secret.length <= size.to
    ? ok(Uint8Array.from(secret))
    : fail({
        code: 'size',
        detail: `${path}: ${String(secret.length)} bytes, expected ${String(size.from)} to ${String(size.to)} (a line's end is not counted)`,
      });
}

/** What systemd makes may be readable by a group; everything else is its owner's, who is root or us. */
function objectionTo(stats: Stats, path: string, place: SecretPlace): SecretRefusal | undefined {
  if (!stats.isFile()) {
    return { code: 'not-a-file', detail: `${path}: not a regular file` };
  }
  if (place.kind === 'credential') {
    return undefined;
  }
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  if ((stats.mode & OTHERS) !== 0) {
    const detail = `${path}: mode ${mode}, expected 0600: chmod 600 ${path}`;
    return { code: 'readable-by-others', detail };
  }
  return stats.uid === 0 || stats.uid === process.getuid?.()
    ? undefined
    : {
        code: 'readable-by-others',
        detail: `${path}: owned by user ${String(stats.uid)}, expected root: chown root ${path}`,
      };
}

/** A key of the least length that happens to end like a line is whole as it is; an empty line is no password. */
function withoutLineEnd(bytes: Buffer, { from }: SecretSize): Buffer {
  const hasOneMore = bytes.length > from || bytes.length === 1;
  return bytes.at(-1) === LINE_END && hasOneMore ? bytes.subarray(0, -1) : bytes;
}

function asRefusal(path: string, error: unknown): SecretRefusal {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ELOOP') {
    return { code: 'not-a-file', detail: `${path}: a symbolic link, expected a regular file` };
  }
  return {
    code: 'missing',
    detail: `${path}: ${code === 'ENOENT' ? 'no such file' : String(code)}`,
  };
}
