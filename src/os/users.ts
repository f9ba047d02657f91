/** Users and groups of this machine by name. */
import { readFile } from 'node:fs/promises';
import type { Account, Accounts } from '../ports/accounts.js';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** As in /etc/passwd: users of a directory service are not asked for, because that may take for ever. */
export async function findUser(name: string): Promise<User | undefined> {
  for (const [user, , uid, gid] of await linesOf('/etc/passwd')) {
    if (user === name && isId(uid) && isId(gid)) {
      return { name, uid: Number(uid), gid: Number(gid) };
    }
  }
  return undefined;
}

export class MachineAccounts implements Accounts {
  async find(user: string, group: string | undefined): Promise<Account | undefined> {
    const found = isId(user) ? { uid: Number(user), gid: Number(user) } : await findUser(user);
    const gid = group === undefined ? found?.gid : await findGroup(group);
    return found === undefined || gid === undefined ? undefined : { uid: found.uid, gid };
  }
}

async function findGroup(name: string): Promise<number | undefined> {
  if (isId(name)) {
    return Number(name);
  }
  const [, , gid] = (await linesOf('/etc/group')).find(([group]) => group === name) ?? [];
  return isId(gid) ? Number(gid) : undefined;
}

async function linesOf(file: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').map((line) => line.split(':'));
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,10}$/u.test(text);
}
