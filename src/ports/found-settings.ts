/** Which kernel settings a daemon of this boot has changed, and what they were: outlives the daemon, and ends with the boot. */
import type { Result } from '../base/result.js';

export interface FoundSetting {
  readonly name: string;
  /** What it was. */
  readonly found: string;
  /** What it was changed to: where it is something else by now, somebody else wants it so. */
  readonly changedTo: string;
}

export interface FoundSettings {
  /** Empty where none were, or what was kept makes no sense. */
  read(): readonly FoundSetting[];
  /** Instead of what was kept before. Kept when it returns: whoever is killed in the next moment is known by it. */
  keep(settings: readonly FoundSetting[]): Result<undefined, { readonly detail: string }>;
}
