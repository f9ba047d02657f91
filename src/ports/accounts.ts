/** Users and groups of this machine. */

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface Accounts {
  /** By name or number; without a group the user's own. Undefined where there is no such user or group. */
  find(user: string, group: string | undefined): Promise<Account | undefined>;
}
