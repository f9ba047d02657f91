/** Reading from a path that an operator gave: whatever lies there, it ends soon and takes little memory. */
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import type { FileFailure } from '../ports/files.js';

/** The first so many bytes of a regular file. */
export async function readRegularFile(
  path: string,
  most: number,
): Promise<Result<Uint8Array, FileFailure>> {
  try {
    // Before it is opened, because opening a device can have consequences.
    if (!(await stat(path)).isFile()) {
      return fail(notAFile(path));
    }
    // Should a pipe have taken its place meanwhile: do not wait for somebody to open its other end.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const stats = await handle.stat();
      // What the kernel writes itself says that it has no size.
      const room = Math.min(most, stats.size === 0 ? KERNEL_FILE_BYTES : stats.size);
      return stats.isFile() ? ok(await readStart(handle, room)) : fail(notAFile(path));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return fail(asFileFailure(error));
  }
}

export function asFileFailure(error: unknown): FileFailure {
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return { code: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable', detail };
}

async function readStart(handle: FileHandle, room: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(room);
  const { bytesRead } = await handle.read(bytes, 0, room, 0);
  return bytes.subarray(0, bytesRead);
}

function notAFile(path: string): FileFailure {
  return { code: 'not-a-file', detail: `${path} is not a regular file` };
}

const KERNEL_FILE_BYTES = 4096;
