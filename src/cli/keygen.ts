/** `vipair keygen`: a new key for the pair channel, in a file that only its owner may read. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { KeygenAsked } from './commands.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import { complain, print, printJson } from './terminal.js';

/** As many as the hash of the key schedule has (RFC 8446 §4.2.11). */
const KEY_BYTES = 32;

/** A file that is there is left alone: the other node may have its key. */
export function keygen({ file, form }: KeygenAsked): ExitCode {
  try {
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    complain(`vipair keygen: ${file}: ${reasonOf(error)}; nothing was written`);
    return EXIT.failed;
  }
  if (form === 'json') {
    printJson({ file });
  } else {
    print(`${file} holds a new key. Copy it to the other node, with mode 0600, and name it there:`);
    print(`  pair: { key_file: ${file} }`);
  }
  return EXIT.ok;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EEXIST') {
    return 'there is a file already, and the other node may have its key';
  }
  return code === 'ENOENT' ? 'no such directory' : String(code ?? error);
}
