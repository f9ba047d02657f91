/** One thing that speaks for or against a restart of the daemon as another version. */

/** `no`: a restart now would move an address or break what is open. `warn`: it would not, and somebody should look first. */
export interface UpgradeLine {
  readonly about: string;
  readonly verdict: 'ok' | 'warn' | 'no';
  readonly says: string;
  /** Undefined where nothing has to be done. */
  readonly todo: string | undefined;
}

export function ok(about: string, says: string): UpgradeLine {
  return { about, verdict: 'ok', says, todo: undefined };
}

export function warn(about: string, says: string, todo?: string): UpgradeLine {
  return { about, verdict: 'warn', says, todo };
}

export function no(about: string, says: string, todo: string): UpgradeLine {
  return { about, verdict: 'no', says, todo };
}
