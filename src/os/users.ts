/** Users of this machine by name. */
import { readFile } from 'node:fs/promises';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** As in /etc/passwd: users of a directory service are not asked for, because that may take for ever. */
export async function findUser(name: string): Promise<User | undefined> {
  const file = await readFile('/etc/passwd', 'utf8').catch(() => '');
  for (const line of file.split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name && isId(uid) && isId(gid)) {
      return { name, uid: Number(uid), gid: Number(gid) };
    }
  }
  return undefined;
}

function isId(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,10}$/u.test(text);
}
