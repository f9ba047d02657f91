/** Where the lock of a node's daemon is: in a directory that only root writes to, one file a network namespace. */

/** `networkNamespace` is its inode number, as `stat` shows it for `/proc/self/ns/net`. */
export function lockFileName(networkNamespace: number): string {
  return `vipair-${String(networkNamespace)}.lock`;
}

export const LOCK_DIRECTORY = '/run';
