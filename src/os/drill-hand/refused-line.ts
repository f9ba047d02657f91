/**
 * A line that HAProxy refuses, at the end of its configuration. It is appended and cut off again: owner, mode and whatever
 * else belongs to the file stay, and so does what somebody else has changed meanwhile. Nothing but the file is needed to undo it.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';

const LINE = 'vipair-drill-refused-line';
const REFUSED = `\n# A drill of vipair is under way; it takes the next line away again.\n${LINE}\n`;

/** Throws where the file cannot be written, as `open` would. */
export function appendRefusedLine(path: string): void {
  const fd = openSync(path, 'a');
  try {
    writeSync(fd, REFUSED);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Where the file ends with it, or with a part of it. Where somebody has written behind it, it becomes a comment: one byte,
 * so that whatever happens meanwhile leaves nothing half. Throws where it cannot be written.
 */
export function removeRefusedLine(path: string): 'removed' | 'made a comment' | 'not there' {
  const fd = openSync(path, 'r+');
  try {
    const { size } = fstatSync(fd);
    const end = Buffer.alloc(Math.min(size, Buffer.byteLength(REFUSED)));
    readSync(fd, end, 0, end.length, size - end.length);
    const length = lengthAtEnd(end.toString('latin1'));
    if (length === 0) {
      return commentOut(fd, path);
    }
    ftruncateSync(fd, size - length);
    fsyncSync(fd);
    return 'removed';
  } finally {
    closeSync(fd);
  }
}

function commentOut(fd: number, path: string): 'made a comment' | 'not there' {
  const at = readFileSync(path).indexOf(`\n${LINE}\n`);
  if (at < 0) {
    return 'not there';
  }
  writeSync(fd, '#', at + 1);
  fsyncSync(fd);
  return 'made a comment';
}

/** A machine that lost its power may have written no more than its beginning; of a line feed alone nobody can tell whose it is. */
function lengthAtEnd(text: string): number {
  for (let length = REFUSED.length; length > LEAST_OF_OURS; length -= 1) {
    if (text.endsWith(REFUSED.slice(0, length))) {
      return length;
    }
  }
  return 0;
}

const LEAST_OF_OURS = '\n# A drill of vipair'.length;
