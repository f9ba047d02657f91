/** As whom the proxy runs, by its configuration: the replicator's socket is to be its alone. */
import { processFacts, sectionsOf } from '../core/haproxy-sections.js';
import { haproxyLines } from '../core/haproxy-text.js';
import type { Account, Accounts } from '../ports/accounts.js';
import type { CommonFiles } from '../ports/common-files.js';

export interface AccountPorts {
  readonly commonFiles: Pick<CommonFiles, 'readText'>;
  readonly accounts: Accounts;
}

/** Undefined where it runs as whoever starts it, or that cannot be found out: then a socket of root's refuses it, and says so. */
export async function proxyAccount(
  config: string,
  { commonFiles, accounts }: AccountPorts,
): Promise<Account | undefined> {
  const text = await commonFiles.readText(config);
  if (!text.ok) {
    return undefined;
  }
  const { user, group } = processFacts(sectionsOf(haproxyLines(text.value)));
  return user === undefined ? undefined : accounts.find(user, group);
}
