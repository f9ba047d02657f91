/** What both nodes should have in common, from this machine's files. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { CommonFiles } from '../ports/common-files.js';
import { MOST_TEXT_BYTES } from '../ports/common-files.js';
import type { FileFailure } from '../ports/files.js';
import type { ProcessHost } from '../ports/process-host.js';
import { asFileFailure, readRegularFile } from './regular-file.js';

export class MachineFiles implements CommonFiles {
  readonly #processes: Pick<ProcessHost, 'run'>;

  constructor(processes: Pick<ProcessHost, 'run'>) {
    this.#processes = processes;
  }

  async stamp(path: string): Promise<string> {
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(path);
      return [mtimeMs, ctimeMs, size, ino].join(' ');
    } catch {
      return 'none';
    }
  }

  async readText(path: string): Promise<Result<string, FileFailure>> {
    const read = await readRegularFile(path, MOST_TEXT_BYTES + 1);
    if (!read.ok) {
      return read;
    }
    const detail = `${path}: more than ${String(MOST_TEXT_BYTES)} bytes`;
    return read.value.length > MOST_TEXT_BYTES
      ? fail({ code: 'garbled', detail })
      : ok(new TextDecoder().decode(read.value));
  }

  async fingerprint(path: string): Promise<Result<string, FileFailure>> {
    const files = await filesAt(path);
    if (!files.ok) {
      return files;
    }
    const found: string[] = [];
    for (const file of files.value) {
      const text = await this.readText(file);
      if (!text.ok) {
        return text;
      }
      found.push(...certificatesIn(text.value));
    }
    return found.length === 0
      ? fail({ code: 'garbled', detail: `${path}: no certificate` })
      : ok(digest(found.join()));
  }

  async versionOf(program: string): Promise<Result<string, FileFailure>> {
    const said = await this.#processes.run(program, ['-v'], { within: VERSION_WITHIN });
    return said.ok
      ? ok((said.value.stdout.split('\n')[0] ?? '').slice(0, VERSION_CHARACTERS))
      : fail({ code: 'unreadable', detail: `${program}: ${said.error.detail}` });
  }
}

/** The file itself, or those of a directory by name, as HAProxy loads them. */
async function filesAt(path: string): Promise<Result<readonly string[], FileFailure>> {
  try {
    if (!(await stat(path)).isDirectory()) {
      return ok([path]);
    }
    const names = (await readdir(path, { withFileTypes: true }))
      .filter((each) => !each.isDirectory())
      .map(({ name }) => name)
      .toSorted();
    return names.length > MOST_FILES
      ? fail({ code: 'garbled', detail: `${path}: more than ${String(MOST_FILES)} files` })
      : ok(names.map((name) => join(path, name)));
  } catch (error) {
    return fail(asFileFailure(error));
  }
}

/** The SHA-256 fingerprint of each, as `openssl x509 -fingerprint` has it. */
function certificatesIn(text: string): readonly string[] {
  return [...text.matchAll(CERTIFICATE)]
    .slice(0, MOST_CERTIFICATES)
    .map(([, body = '']) => digest(Buffer.from(body, 'base64')));
}

function digest(what: string | Buffer): string {
  return createHash('sha256').update(what).digest('hex');
}

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END (?:TRUSTED )?CERTIFICATE-----/gu;
/** Of one directory. */
const MOST_FILES = 200;
/** Of one file: a bundle of every authority there is has fewer. */
const MOST_CERTIFICATES = 500;
const VERSION_WITHIN = millis(5000);
const VERSION_CHARACTERS = 100;
