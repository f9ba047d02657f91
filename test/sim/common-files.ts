/** A machine's files in memory, as far as the two nodes compare them. */
import { createHash } from 'node:crypto';
import type { Result } from '../../src/base/result.js';
import { fail, ok } from '../../src/base/result.js';
import type { CommonFiles } from '../../src/ports/common-files.js';
import { MOST_TEXT_BYTES } from '../../src/ports/common-files.js';
import type { FileFailure } from '../../src/ports/files.js';

/** How a process gets an answer: one that is gone gets none. */
type Answer = <T>(value: () => T) => Promise<T>;

/** The files, which outlive the processes that read them. */
export class SimFileSystem {
  readonly files = new Map<string, { readonly text: string; readonly version: number }>();
  #writes = 0;

  /** Puts a text at a path. */
  write(path: string, text: string): void {
    this.#writes += 1;
    this.files.set(path, { text, version: this.#writes });
  }
}

export class SimCommonFiles implements CommonFiles {
  readonly fileSystem: SimFileSystem;
  readonly #answer: Answer;

  constructor(
    fileSystem: SimFileSystem = new SimFileSystem(),
    answer: Answer = (value) => Promise.resolve(value()),
  ) {
    this.fileSystem = fileSystem;
    this.#answer = answer;
  }

  write(path: string, text: string): void {
    this.fileSystem.write(path, text);
  }

  stamp(path: string): Promise<string> {
    return this.#answer(() => String(this.fileSystem.files.get(path)?.version ?? 'none'));
  }

  readText(path: string): Promise<Result<string, FileFailure>> {
    return this.#answer(() => this.#read(path));
  }

  fingerprint(path: string): Promise<Result<string, FileFailure>> {
    return this.#answer(() => {
      const prefix = `${path}/`;
      const paths = [...this.fileSystem.files.keys()];
      const below = paths.filter((each) => each.startsWith(prefix)).toSorted();
      const texts = (below.length === 0 ? [path] : below).map((each) => this.#read(each));
      const missing = texts.find((each) => !each.ok);
      const all = texts.flatMap((each) => (each.ok ? (each.value.match(CERTIFICATE) ?? []) : []));
      if (missing?.ok === false) {
        return missing;
      }
      return all.length === 0
        ? fail({ code: 'garbled', detail: path })
        : ok(createHash('sha256').update(all.join()).digest('hex'));
    });
  }

  versionOf(program: string): Promise<Result<string, FileFailure>> {
    return this.#answer(() => {
      const text = this.#read(program);
      return text.ok
        ? ok(text.value.split('\n')[2]?.slice(6, -1) ?? '')
        : fail({ code: 'unreadable', detail: program });
    });
  }

  #read(path: string): Result<string, FileFailure> {
    const text = this.fileSystem.files.get(path)?.text;
    if (text === undefined) {
      return fail({ code: 'missing', detail: path });
    }
    return text.length > MOST_TEXT_BYTES ? fail({ code: 'garbled', detail: path }) : ok(text);
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;
